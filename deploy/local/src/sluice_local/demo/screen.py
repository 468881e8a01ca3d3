"""A screen that is open all the time: the realtime client, and what it shows of this run.

Started by run.py before the first message. It reconnects by itself while services are killed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiohttp

from sluice_local.demo.census import Census
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.items import Person, Traffic
from sluice_local.demo.realtime_client import RealtimeClient
from sluice_local.demo.realtime_state import Entity
from sluice_local.demo.sightings import Copy, View, Witness

LONGEST_PAUSE_FROM_S = 0.2
"""Of a reconnect, doubling: a person at a screen notices a gap of seconds."""


class ScreenClosed(Exception):
    """The inbox does not want this client back."""


class Screen:
    """`async with Screen(…) as screen` is connected and live."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        inbox: Inbox,
        census: Census,
        traffic: Traffic,
        witness: Witness,
    ) -> None:
        self.client = RealtimeClient(
            session, inbox.invite, self._snapshot, shown=self._show, pause_s=LONGEST_PAUSE_FROM_S
        )
        self._census = census
        self._witness = witness
        self._writers = {message.key: message.person for message in traffic.inbound()}
        self._messages: dict[str, View] = {}
        self._keys: dict[str, str] = {}
        self._threads: dict[Person, str] = {}
        self._running: asyncio.Task[int] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.client.run())
        live = asyncio.create_task(self.client.live.wait())
        try:
            await asyncio.wait({self._running, live}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            live.cancel()
        self.check()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.stop()
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def check(self) -> None:
        """Raises ScreenClosed when the socket was closed for good."""
        if self._running is not None and self._running.done():
            raise ScreenClosed(f"the inbox closed the socket for good: {self._running.result()}")

    @property
    def copies(self) -> list[Copy]:
        """Every message of this run on the screen, as it is shown now."""
        found = (self._witness.copy_of(message) for message in self._messages.values())
        return [copy for copy in found if copy is not None]

    @property
    def shown(self) -> int:
        """How many distinct items of this run are on the screen, files that tell nothing aside."""
        return len(self._keys)

    @property
    def named(self) -> set[Person]:
        """The people whose name is at the head of their thread."""
        return {
            person for person, id_ in self._threads.items() if self._name_at(id_) == person.name
        }

    def thread_of(self, person: Person) -> str | None:
        """The conversation in which this person's messages are shown."""
        return self._threads.get(person)

    def threads(self) -> set[str]:
        """The conversations of this run."""
        return set(self._threads.values())

    def message(self, key: str) -> View | None:
        """An item as it is shown now."""
        return self._messages.get(self._keys.get(key, ""))

    def _name_at(self, conversation: str) -> str | None:
        """As the row has it, or newer news of the contact."""
        entities = self.client.state.entities
        row = entities.get(conversation)
        if row is None:
            return None
        contact: View = row.data["contact"]
        news = entities.get(contact["id"])
        if news is not None and news.version >= contact["version"]:
            contact = news.data
        name: str | None = contact["name"]
        return name

    def _show(self, news: Entity) -> None:
        if "parts" not in news.data:
            return  # a row of the list
        self._messages[news.id] = news.data
        key = self._witness.key_of(news.data)
        if key is None:
            return
        self._keys[key] = news.id
        if key in self._writers:
            self._threads[self._writers[key]] = news.data["conversation_id"]

    async def _snapshot(self) -> AsyncIterator[list[Entity]]:
        """What a screen fetches when it starts fresh, so much of it as is of this run."""
        async for conversation, messages in self._census.threads():
            rows = [Entity(row["id"], row["version"], row) for row in (conversation, *messages)]
            yield rows
            for row in rows:
                self._show(self.client.state.entities[row.id])
