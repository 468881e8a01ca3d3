"""A client of widget-rt/1, as faithful as the one in browsers: docs/widget/protocol.md tells it.

Used by the demo and by tests. It keeps one message unacknowledged at a time and repeats it with its
mark, resumes by cursors after any disconnect, and says what it has and has read. How frames travel
is visitor_link.py.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import orjson

from sluice_local.demo.asking import Refused, read
from sluice_local.demo.visitor_frames import Frame, message
from sluice_local.demo.visitor_link import BYE, ENDED, NO_FRAME, VisitorLink, Widget
from sluice_local.demo.visitor_screen import VisitorScreen

ACCEPTED_WITHIN_S = 15.0
LONGEST_PAUSE_S = 30.0
PAUSES_S = {1012: 3.0, 4029: 10.0}
"""Close code → how long to stay away at the most."""
REFUSED_TOKENS = frozenset({ENDED, 4004})
OVER: Frame = {"t": "over"}
"""Stands for the answer when the connection ends before it."""


class VisitorClient:
    """`run` follows until `stop`; `begin` first. `heard` is told of every frame, once taken."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        widget: Widget,
        *,
        by_poll: bool = False,
        heard: Callable[[Frame], None] = lambda _: None,
        pause_s: float = 0.5,
        seed: int | None = None,
    ) -> None:
        self.screen = VisitorScreen()
        self.visitor: dict[str, Any] = {}
        self.link = VisitorLink(session, widget, self, by_poll=by_poll)
        self._heard = heard
        self._pause_s = pause_s
        self._random = random.Random(seed)
        self._failures = 0
        self._turn = asyncio.Lock()
        self._saying: dict[str, Any] = {}
        self._answer: asyncio.Future[Frame] | None = None
        self._after: str | None = None
        self._told: dict[str, int] = {}
        self._stopping = asyncio.Event()

    # Its session -------------------------------------------------------------------------------

    async def begin(self, identity: Mapping[str, Any] | None = None) -> None:
        """A session: new, renewed, or with a proof identified. Raises Refused."""
        asked = orjson.dumps({"token": self.link.token, "identity": identity})
        told = read(await self.link.ask("POST", "/sessions", asked))
        self.link.token, self.visitor = told["token"], told["visitor"]
        if identity is not None:
            self.link.cut()  # what is open speaks for the session that was

    async def reset(self) -> None:
        """End the session everywhere, and forget everything."""
        await self.link.ask("DELETE", "/sessions", None)
        self.link.token, self.visitor, self.screen = None, {}, VisitorScreen()
        self._after, self._told = None, {}
        self.link.cut()

    # Its life ----------------------------------------------------------------------------------

    async def run(self) -> int:
        """The close code that was final; 1000 after `stop`, or when the chat is unavailable."""
        while not self._stopping.is_set():
            code = await self.link.connect()
            if code == NO_FRAME or self.screen.unavailable:
                return code
            if code in REFUSED_TOKENS:
                with suppress(Refused):  # it was ended: whoever ended it brings another
                    await self.begin()
            await self._pause(code)
        return BYE

    async def stop(self) -> None:
        self._stopping.set()
        await self.link.close()

    # What it says ------------------------------------------------------------------------------

    async def say(self, parts: Sequence[Frame], client_id: str = "", **more: Any) -> Frame:
        """A message, until it is accepted; the answer is its frame as it was last sent.

        `more`: lead, page. Raises Refused when it never will be. The caller bounds the time.
        """
        said = message(parts, client_id, **more)
        async with self._turn:
            if self._after is not None:
                said["after"] = self._after
            await self._until_accepted(said)
            self._after = said.get("at", self._after)
        return said

    async def say_again(self, said: Frame) -> None:
        """The very frame once more, as if its acceptance had not been heard."""
        async with self._turn:
            await self._until_accepted(dict(said))

    async def rate(self, conversation: str, score: int, comment: str | None = None) -> None:
        """Stars for a closed conversation. Raises Refused."""
        rated = {"t": "rate", "id": str(uuid4()), "conversation": conversation, "score": score}
        async with self._turn:
            await self._until_accepted(rated | ({"comment": comment} if comment else {}))

    async def type(self, *, on: bool = True) -> None:
        """Droppable."""
        with suppress(ConnectionError, Refused):
            await self.link.send({"t": "typing", "on": on})

    async def older(self, conversation: str, before: int) -> None:
        """Ask for what was said before; it comes when it comes."""
        await self.link.send({"t": "older", "conversation": conversation, "before": before})

    async def upload(self, content: bytes, mime_type: str, name: str) -> Frame:
        """The file as the gateway has it: `file` is its handle. Raises Refused."""
        path = f"/files?name={quote(name, safe='')}"
        return read(await self.link.ask("POST", path, content, mime_type))

    async def _until_accepted(self, said: dict[str, Any]) -> None:
        while True:
            answer = await self._answered(said)
            if answer["t"] == "accepted":
                said.setdefault("at", answer["at"])
                return
            if answer["t"] == "refused":
                if answer.get("retry_s") is None:
                    raise Refused(str(answer["message"]), str(answer["code"]))
                await asyncio.sleep(answer["retry_s"])

    async def _answered(self, said: dict[str, Any]) -> Frame:
        """`accepted` or `refused`; OVER when it is to be sent again."""
        self._saying = said
        self._answer = asyncio.get_running_loop().create_future()
        try:
            if not self.link.by_poll:
                await self.link.live.wait()
            async with asyncio.timeout(ACCEPTED_WITHIN_S):
                await self.link.send(said)
                return await self._answer
        except TimeoutError:
            return OVER
        except ConnectionError:
            self.link.live.clear()  # this socket is gone: the next one is greeted
            return OVER
        finally:
            self._saying, self._answer = {}, None

    # What it hears, from its link --------------------------------------------------------------

    @property
    def cursors(self) -> Mapping[str, int]:
        return self.screen.cursors

    def greeted(self) -> None:
        self._failures = 0
        self._told = {}  # what was said last may not have arrived

    def lost(self) -> None:
        self._resolve(OVER)

    async def take(self, frame: Frame) -> None:
        """Frames of a type we do not know are for newer clients."""
        if frame.get("id") == self._saying.get("id") and frame["t"] == "taken":
            self._saying.update(at=frame["at"], mark=frame["mark"])
        elif frame.get("id") == self._saying.get("id") and frame["t"] in {"accepted", "refused"}:
            self._resolve(frame)
        self.screen.take(frame)
        self._heard(frame)
        if frame["t"] == "history" and not frame["more"]:
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        """Say how far this screen has come, where it has come further."""
        for conversation, last in self.screen.seen().items():
            seq = last["seq"]
            if seq > self._told.get(conversation, 0):
                self._told[conversation] = seq
                place = {"conversation": conversation, "at": last["at"]}
                with suppress(ConnectionError, Refused):
                    await self.link.send({"t": "ack", **place, "delivered": seq, "read": seq})

    def _resolve(self, answer: Frame) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    async def _pause(self, code: int) -> None:
        """Full jitter, doubling; a poll that was answered is followed at once."""
        if code == BYE:
            return
        self._failures += 1
        longest = min(LONGEST_PAUSE_S, self._pause_s * 2.0 ** min(self._failures, 16))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._random.uniform(0, PAUSES_S.get(code, longest))):
                await self._stopping.wait()
