"""A client of widget-rt/1 for tests: a session, sockets that are opened and lost, frames that came.

async with talking(gate) as talk:
    await talk.say("Hello")
    part = await talk.next("part")
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sluice_local.demo import visitor_frames
from support.waiting import eventually
from support.widget import ORIGIN, Gate

Frame = dict[str, Any]
MOST_BYTES = 16 * 1024 * 1024


@dataclass(eq=False)
class GateSocket:
    """One open socket. `frames`: all that came, in order; `closed_with` once it is closed."""

    ws: aiohttp.ClientWebSocketResponse
    session: dict[str, Any]
    frames: list[Frame] = field(default_factory=list)
    closed_with: int | None = None
    cursors: dict[str, int] = field(default_factory=dict)
    _read: int = 0
    _reader: asyncio.Task[None] | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The visitor's own alias."""
        return "visitor", self.session["visitor"]["id"]

    def start(self) -> None:
        self._reader = asyncio.create_task(self._run())

    async def send(self, frame: Mapping[str, Any] | str) -> None:
        await self.ws.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def say(self, text: str, **more: Any) -> Frame:
        """Send a text; returns `accepted`, or the `refused` it was answered with."""
        said = message(text, **more)
        await self.send(said)
        return await self.next("accepted", "refused", where=lambda f: f.get("id") == said["id"])

    async def next(
        self, *kinds: str, where: Callable[[Frame], bool] = lambda _: True, within_s: float = 15.0
    ) -> Frame:
        """The next frame of these types that nobody has taken; those before it are passed over."""
        found: list[Frame] = []

        def look() -> bool:
            for number in range(self._read, len(self.frames)):
                frame = self.frames[number]
                if frame["t"] in kinds and where(frame):
                    self._read = number + 1
                    found.append(frame)
                    return True
            return self.closed_with is not None

        await eventually(look, within_s)
        assert found, f"closed with {self.closed_with}, got {[f['t'] for f in self.frames]}"
        return found[0]

    async def closed(self, within_s: float = 15.0) -> int:
        """The close code."""
        await eventually(lambda: self.closed_with is not None, within_s)
        assert self.closed_with is not None
        return self.closed_with

    def texts(self) -> list[str]:
        """Of every message history told, in its order, each once."""
        told = {
            message["id"]: text_of(message["parts"])
            for frame in self.frames
            if frame["t"] in ("history", "older")
            for message in frame["messages"]
        }
        return list(told.values())

    def count(self, kind: str) -> int:
        return sum(frame["t"] == kind for frame in self.frames)

    async def cut(self) -> None:
        """As a network that is gone: no goodbye."""
        connection = self.ws._conn  # noqa: SLF001 # aiohttp shows no way to lose one
        if connection is not None and connection.transport is not None:
            connection.transport.abort()
        await self.leave()

    async def leave(self) -> None:
        await self.ws.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _run(self) -> None:
        async for message in self.ws:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame["t"] == "history":
                self.cursors.update(frame["cursors"])
        self.closed_with = self.ws.close_code or 1006


def message(text: str, **more: Any) -> Frame:
    """A frame `message` with an id of its own."""
    return visitor_frames.message([visitor_frames.words(text)]) | more


def text_of(parts: list[Frame]) -> str:
    return "".join(part.get("text", "") for part in parts)


async def open_socket(gate: Gate) -> aiohttp.ClientWebSocketResponse:
    """Upgraded, and silent so far."""
    return await gate.http.ws_connect(gate.path("/socket"), origin=ORIGIN, max_msg_size=MOST_BYTES)


async def talk_to(
    gate: Gate,
    session: dict[str, Any] | None = None,
    cursors: Mapping[str, int] | None = None,
    *,
    greeted: bool = True,
) -> GateSocket:
    """A socket that said hello; `greeted`: and was told it is ready and all there is."""
    session = session or await gate.session()
    talk = GateSocket(await open_socket(gate), session, cursors=dict(cursors or {}))
    talk.start()
    await talk.send(visitor_frames.hello(session["token"], talk.cursors))
    if greeted:
        await talk.next("ready")
        await talk.next("history", where=lambda frame: not frame["more"])
    return talk


@asynccontextmanager
async def talking(
    gate: Gate, session: dict[str, Any] | None = None, cursors: Mapping[str, int] | None = None
) -> AsyncIterator[GateSocket]:
    """A greeted socket, closed at the end."""
    talk = await talk_to(gate, session, cursors)
    try:
        yield talk
    finally:
        await talk.leave()
