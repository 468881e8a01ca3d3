"""Visitors of a site: people of the demo who write through the widget's gateway.

Run by run.py beside the platforms' people. Each has a client of their own (visitor_client.py), by
a socket or now and then by the long poll, and behaves as on a bad line: connections break right
after something was said, and what was accepted is said once more. Some log in on the way, and stay
the same person. What their screens show in the end is held against what was said.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from random import Random
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
import jwt

from sluice_local.demo.asking import Refused
from sluice_local.demo.items import Inbound, Person
from sluice_local.demo.sightings import Accepted, Witness
from sluice_local.demo.visitor_client import VisitorClient
from sluice_local.demo.visitor_frames import Frame
from sluice_local.stack_file import WidgetAddress

BY_POLL = 0.1
LOGS_IN = 0.3
REPEATED = 0.15
CUT = 0.1
CUT_WITHIN_S = 0.05
TYPES = 0.2
PAUSE_S = 0.2
"""From which reconnects double."""
PROOF_S = 300
AT_ONCE = 8
"""Files downloaded."""


class Visitor:
    """One person at one browser. `said`: keys, in the order in which they were accepted."""

    def __init__(self, person: Person, client: VisitorClient, chance: Random) -> None:
        self.person = person
        self.client = client
        self.said: list[str] = []
        self.running: asyncio.Task[int] | None = None
        self.digests: dict[tuple[str, int], str] = {}
        """(message, part) → sha256 of its file."""
        self._chance = chance
        self._turn = asyncio.Lock()
        self._logs_in = chance.random() < LOGS_IN

    async def say(self, message: Inbound, widget: WidgetAddress) -> None:
        """Until it is accepted. Raises Refused."""
        async with self._turn:
            if self.running is None:
                await self.client.begin()
                self.running = asyncio.create_task(self.client.run())
            if self._chance.random() < TYPES:
                await self.client.type()
            more: dict[str, Any] = {}
            if not self.said:
                more = {"lead": {"name": self.person.name}, "page": _page(widget, message.key)}
            await self._said(await self._parts(message), message, more)
            self.said.append(message.key)
            if self._logs_in:
                self._logs_in = False
                await self.client.begin(_proof(self.person, widget))

    async def close(self) -> None:
        await self.client.stop()
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError):
                await self.running

    async def look(self) -> None:
        """Download what the team's messages hold and was not seen yet."""
        for message in self.client.screen.theirs():
            for number, part in enumerate(message.get("parts", ())):
                url = (part.get("file") or {}).get("url")
                if url and (message["id"], number) not in self.digests:
                    with suppress(Refused):  # an old address: a later history brings another
                        content = await self.client.link.download(url)
                        self.digests[message["id"], number] = sha256(content).hexdigest()

    async def _said(self, parts: list[Frame], message: Inbound, more: dict[str, Any]) -> None:
        if self._chance.random() < CUT:
            after_s = self._chance.uniform(0, CUT_WITHIN_S)
            asyncio.get_running_loop().call_later(after_s, self.client.link.cut)
        frame = await self.client.say(parts, message.id, **more)
        if self._chance.random() < REPEATED:
            await self.client.say_again(frame)

    async def _parts(self, message: Inbound) -> list[Frame]:
        parts: list[Frame] = []
        if message.file is not None:
            file = message.file
            kept = await self.client.upload(file.content, file.mime_type, file.name)
            parts.append({"kind": "file", "file": kept["file"]})
        if message.file is None or message.kind != "voice":
            parts.append({"kind": "text", "text": message.text})
        return parts


class Visitors:
    """All of them. `sent`: keys the gateway accepted; `refused`: those it did not, and why."""

    def __init__(
        self, session: aiohttp.ClientSession, widget: WidgetAddress, witness: Witness, seed: int
    ) -> None:
        self.sent: set[str] = set()
        self.refused: dict[str, str] = {}
        self._session = session
        self._widget = widget
        self._witness = witness
        self._chance = Random(seed)
        self._visitors: dict[Person, Visitor] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(one.close() for one in self._visitors.values()))

    async def write(self, messages: Sequence[Inbound]) -> None:
        """All of these; those of one person one after another, several people at once."""
        of: dict[Person, list[Inbound]] = {}
        for message in messages:
            of.setdefault(message.person, []).append(message)
        await asyncio.gather(*(self._write(person, some) for person, some in of.items()))

    async def look(self) -> None:
        """Open every file the team sent; who lacks a message of their own loads the page anew."""
        hands = asyncio.Semaphore(AT_ONCE)

        async def look(visitor: Visitor) -> None:
            async with hands:
                await visitor.look()

        await asyncio.gather(*(look(one) for one in self._visitors.values()))
        for one in self._visitors.values():
            if len(one.client.screen.own()) < len(one.said):
                one.client.link.cut()

    def accepted(self) -> list[Accepted]:
        """The parts of replies on visitors' screens, in the order of each screen."""
        return [
            Accepted(place, key, part, message["id"], one.digests.get((message["id"], part)))
            for one in self._visitors.values()
            for place, message in enumerate(one.client.screen.theirs())
            if (key := self._witness.key_of_shown(message)) is not None
            for part in range(len(message.get("parts", ())))
        ]

    def said(self) -> dict[str, list[str]]:
        """Who → what they said, in order."""
        return {one.person.address: one.said for one in self._visitors.values()}

    def seen(self) -> dict[str, list[str]]:
        """Who → what their own screen shows of it, in order; of another run's nothing."""
        return {
            one.person.address: [
                self._witness.key_of_id(message.get("client")) or message["id"]
                for message in one.client.screen.own()
            ]
            for one in self._visitors.values()
        }

    async def _write(self, person: Person, messages: Sequence[Inbound]) -> None:
        visitor = self._visitor(person)
        for message in messages:
            try:
                await visitor.say(message, self._widget)
            except Refused as refused:
                self.refused[message.key] = str(refused)
            else:
                self.sent.add(message.key)

    def _visitor(self, person: Person) -> Visitor:
        if person not in self._visitors:
            seed = self._chance.randrange(2**31)
            client = VisitorClient(
                self._session,
                self._widget,
                by_poll=self._chance.random() < BY_POLL,
                pause_s=PAUSE_S,
                seed=seed,
            )
            self._visitors[person] = Visitor(person, client, Random(seed))
        return self._visitors[person]


def _page(widget: WidgetAddress, key: str) -> dict[str, str]:
    return {
        "url": f"{widget.origin}/?utm_source=demo&item={key}",
        "title": "Lumen Lamps",
        "language": "en-GB",
        "time_zone": "Europe/Lisbon",
        "screen": "1280x720",
    }


def _proof(person: Person, widget: WidgetAddress) -> dict[str, str]:
    """As the site's server makes it for somebody who has logged in."""
    claims = {
        "sub": f"user-{uuid4()}",
        "name": person.name,
        "exp": int(time.time()) + PROOF_S,
        "jti": str(uuid4()),
    }
    return {"jwt": jwt.encode(claims, widget.secret, algorithm="HS256")}
