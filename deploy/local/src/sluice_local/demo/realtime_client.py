"""A client of inbox-rt/1, as faithful as a screen's: docs/realtime.md is what it follows.

Used by the demo, by benchmarks and by tests. It connects with a ticket, applies events by version,
resumes by cursor after any disconnect, fetches a snapshot whenever it starts fresh, and counts.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from sluice_local.demo.realtime_state import Entity, ScreenState, Tally

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
DRAIN_JITTER_S = 3.0
DEAD_S = 60.0
READY_WITHIN_S = 10.0
MAX_FRAME_BYTES = 8 * 1024 * 1024

GAP = 4001
PROTOCOL = 4002
SESSION_ENDED = 4003
DRAINING = 1012
FINAL = frozenset({PROTOCOL, SESSION_ENDED})
"""Coming back would not help: a fault of ours, or somebody has to sign in."""


@dataclass(frozen=True)
class Invitation:
    """What `POST /v1/realtime/tickets` answered, with the address made absolute."""

    url: str
    ticket: str


class Disconnected(Exception):
    """The connection is over; `code` is the close code, 1006 when there was none."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class RealtimeClient:
    """`run` follows until `stop` or a final close code.

    `invite` gets a ticket; `snapshot` gives every entity the screen shows, page after page.
    `shown` is told of each event that was news; `on_frame` of every frame before it is taken,
    and may raise ConnectionError to cut the line there.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        invite: Callable[[], Awaitable[Invitation]],
        snapshot: Callable[[], AsyncIterable[list[Entity]]],
        *,
        messages: str = "all",
        open_conversation: str | None = None,
        shown: Callable[[Entity], None] = lambda _: None,
        on_frame: Callable[[dict[str, Any]], None] = lambda _: None,
        pause_s: float = FIRST_PAUSE_S,
        seed: int | None = None,
    ) -> None:
        self.tally = Tally()
        self.state = ScreenState(self.tally)
        self.cursor: str | None = None
        self.live = asyncio.Event()
        """Connected, caught up, and the snapshot is in."""
        self.subbed: asyncio.Queue[str | None] = asyncio.Queue()
        self._session = session
        self._invite = invite
        self._snapshot = snapshot
        self._subs = {"list": True, "open": open_conversation, "messages": messages}
        self._shown = shown
        self._on_frame = on_frame
        self._pause_s = pause_s
        self._failures = 0
        self._random = random.Random(seed)
        self._synced = False
        self._n = 0
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """The close code that was final; 1000 after `stop`."""
        while not self._stopping.is_set():
            code = await self._connect_once()
            self.tally.closes[code] = self.tally.closes.get(code, 0) + 1
            if code in FINAL:
                return code
            await self._pause(code)
        return 1000

    async def stop(self) -> None:
        self._stopping.set()
        if self._ws is not None:
            await self._ws.close()

    async def send(self, frame: dict[str, Any]) -> None:
        """Raises ConnectionError when there is no connection now."""
        if self._ws is None:
            raise ConnectionResetError("not connected")
        await self._ws.send_str(json.dumps(frame))

    async def open(self, conversation: str | None) -> None:
        """Show another thread: fetch it after `subbed` names it."""
        self._subs["open"] = conversation
        await self.send({"t": "sub", "open": conversation})

    async def _connect_once(self) -> int:
        self.live.clear()
        self._n = 0
        try:
            invitation = await self._invite()
            async with self._session.ws_connect(
                invitation.url, max_msg_size=MAX_FRAME_BYTES, autoping=True
            ) as ws:
                self._ws = ws
                self.tally.connections += 1
                await self._converse(ws, invitation.ticket)
        except Disconnected as over:
            return over.code
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 1006
        finally:
            self._ws = None
            self.live.clear()
            await self._stop_fetching()
        return 1006

    async def _converse(self, ws: aiohttp.ClientWebSocketResponse, ticket: str) -> None:
        """Raises Disconnected."""
        resume = {"cursor": self.cursor} if self.cursor and self._synced else None
        hello = {"t": "hello", "proto": 1, "ticket": ticket, "resume": resume, "subs": self._subs}
        await ws.send_str(json.dumps(hello))
        beat: asyncio.Task[None] | None = None
        try:
            wait_s = READY_WITHIN_S
            while True:
                message = await ws.receive(timeout=wait_s)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise Disconnected(ws.close_code or 1006)
                frame = json.loads(message.data)
                self._on_frame(frame)
                if frame["t"] == "ready" and beat is None:
                    wait_s = DEAD_S
                    beat = asyncio.create_task(self._beat(ws, frame["hb"]))
                await self._take(ws, frame)
        finally:
            if beat is not None:
                beat.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await beat

    async def _take(self, ws: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        """Frames of a type we do not know are for newer clients."""
        match frame["t"]:
            case "ev":
                await self._event(ws, frame)
            case "ready":
                self._ready(frame)
            case "live":
                self.cursor = frame["cursor"]
                self._arrived()
            case "pong":
                self.cursor = frame.get("cursor", self.cursor)
            case "reset":
                reason = frame["reason"]
                self.tally.resets[reason] = self.tally.resets.get(reason, 0) + 1
            case "subbed":
                self.subbed.put_nowait(frame["open"])
            case _:
                pass

    def _ready(self, frame: dict[str, Any]) -> None:
        self._failures = 0
        self.cursor = frame["cursor"]
        if frame["mode"] == "resumed":
            self.tally.resumed += 1
            return
        self._synced = False
        self.live.clear()
        if self._fetching is not None:
            self._fetching.cancel()
        self._fetching = asyncio.create_task(self._fetch())

    async def _event(self, ws: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        self.tally.events += 1
        if frame["n"] != self._n + 1:
            self.tally.gaps += 1
            await ws.close(code=GAP)
            raise Disconnected(GAP)
        self._n += 1
        news = Entity(frame["id"], frame["v"], frame["data"], frame["type"], frame["at"])
        if self.state.apply(news):
            self._shown(news)
        self.cursor = frame.get("cursor", self.cursor)

    async def _fetch(self) -> None:
        """Take in a snapshot while events go on; a cursor is worth nothing before it is whole."""
        try:
            async for page in self._snapshot():
                self.state.merge(page)
        except (aiohttp.ClientError, OSError, TimeoutError):
            if self._ws is not None:
                await self._ws.close()  # come back, and start fresh again
            return
        self._synced = True
        self._arrived()

    def _arrived(self) -> None:
        if self._synced:
            self.live.set()

    async def _stop_fetching(self) -> None:
        task, self._fetching = self._fetching, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self, ws: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
        for k in range(1, 1_000_000_000):
            await asyncio.sleep(every_s)
            await ws.send_str(json.dumps({"t": "ping", "k": k}))

    async def _pause(self, code: int) -> None:
        """Full jitter, doubling; a server that drains asks for no more than three seconds."""
        self._failures += 1
        longest = min(LONGEST_PAUSE_S, self._pause_s * 2.0 ** min(self._failures, 16))
        if code == DRAINING:
            longest = min(longest, DRAIN_JITTER_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._random.uniform(0, longest)):
                await self._stopping.wait()
