"""`POST …/poll` and `POST …/frames`: a line where a proxy lets no socket through.

A poll is a line that lives until something is worth telling; it keeps nothing between two requests,
so any replica may answer the next. A posted frame is a line that lives until it is answered; it is
also the way of frames too long for a socket.
"""

import asyncio
from contextlib import suppress

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from widget_gateway.doors.calls import Call, Route
from widget_gateway.frames import codec
from widget_gateway.frames.frame import MAX_FRAME_BYTES, MAX_POSTED_BYTES
from widget_gateway.frames.said import Cursors
from widget_gateway.frames.told import History, Ready, ServerFrame
from widget_gateway.limits import Limiter
from widget_gateway.lines import closing, metrics, requests
from widget_gateway.lines.carrier import Carrier
from widget_gateway.lines.closing import Close, Ended
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.line import Line
from widget_gateway.places import Places
from widget_gateway.problems import Problem

MAX_WAIT_S = 30.0
FIRST_S = 3.0
"""How long a poll that does not wait gives inbox-core for the first history."""
GATHER_S = 0.1
"""What comes right after the first news goes along."""
MAX_BODY = 16 * 1024
KIB = 1024
MOST_BYTES = 1024 * 1024
"""Of an answer; one frame alone may be larger. What is left out, the next poll brings."""

ENDS: dict[Close, str] = {
    closing.SESSION_ENDED: "session_ended",
    closing.TOKEN_REFUSED: "session_expired",
    closing.FLOODING: "too_many_requests",
    closing.PROTOCOL: "malformed",
    closing.FAILED: "internal",
}
"""Why a line ended → the answer to its request; for other reasons what it was told so far."""


class PollRequest(BaseModel):
    """`wait` in seconds, for something past the cursors; 0: tell what there is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    cursors: Cursors = Field(default_factory=dict)
    wait: float = Field(default=25.0, ge=0, le=MAX_WAIT_S)


class Gathering(Carrier):
    """Frames for the answer to one request."""

    def __init__(self) -> None:
        self.synced = asyncio.Event()
        """History was told, or never will be."""
        self.worth = asyncio.Event()
        """Something is there that the client does not know."""
        self.why: Close | None = None
        """The line has ended."""
        self._frames: list[bytes] = []
        self._bytes = 0

    @override
    def put(self, frame: ServerFrame) -> None:
        raw = codec.write(frame)
        if self._frames and self._bytes + len(raw) > MOST_BYTES:
            self.end(closing.SLOW)
            return
        self._frames.append(raw)
        self._bytes += len(raw)
        if isinstance(frame, Ready):
            return
        if not isinstance(frame, History) or frame.messages or self.synced.is_set():
            self.worth.set()
        if isinstance(frame, History) and not frame.more:
            self.synced.set()

    @override
    async def room(self) -> None:
        return

    @override
    def beat(self, now: float) -> None:
        return

    @override
    def end(self, close: Close) -> None:
        if self.why is None:
            self.why = close
            metrics.closed(close)
        self.synced.set()
        self.worth.set()

    def answer(self) -> web.Response:
        """Raises Problem where the end of the line says so."""
        if self.why is not None and self.why in ENDS:
            raise Problem(ENDS[self.why])
        body = b'{"frames":[' + b",".join(self._frames) + b"]}"
        return web.Response(body=body, content_type="application/json")


class PollDoor:
    """`lines`: places of sockets and polls together.

    A body is in memory while its sender takes its time, so whoever brings one has a place before
    any of it is read. Short ones are many, and none waits behind long ones.
    """

    def __init__(self, exchange: Exchange, limiter: Limiter, lines: Places) -> None:
        self._exchange = exchange
        self._limiter = limiter
        self._lines = lines
        self._short = Places("posts", everybody=512, each=64)
        self._long = Places("long_posts", everybody=64, each=8)

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/poll", self.poll, held=True),
            Route("POST", "/frames", self.frame, held=True),
        ]

    async def poll(self, call: Call) -> web.Response:
        """Raises Problem, Retryable."""
        if self._exchange.hub.draining:
            raise Problem("unavailable")
        await self._allow(call, MAX_BODY)
        wait_s = await self._limiter.take("polls", call.visitor.id)
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        with self._lines.take(call.peer.counted_as):
            asked = await call.read(PollRequest, MAX_BODY)
            metrics.POLLS.inc()
            try:
                return await self._held(call, asked)
            finally:
                metrics.POLLS.dec()

    async def frame(self, call: Call) -> web.Response:
        """Raises Problem."""
        length = await self._allow(call, MAX_POSTED_BYTES)
        places = self._short if length <= MAX_FRAME_BYTES else self._long
        with places.take(call.peer.counted_as):
            return await self._answered(call, await call.body(length))

    async def _allow(self, call: Call, most: int) -> int:
        """The bytes this body has at the most, within the limits of its address. Raises Problem."""
        told = call.request.content_length
        length = most if told is None else told
        if length > most:
            raise Problem("too_large")
        address = call.peer.counted_as
        wait_s = await self._limiter.take("posts", address)
        wait_s = wait_s or await self._limiter.take("posted", address, max(1, length // KIB))
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        return length

    async def _answered(self, call: Call, raw: bytes) -> web.Response:
        gathering = Gathering()
        line = Line(self._exchange, gathering, call.channel, call.visitor, call.peer, {})
        try:
            await line.take(raw, requests.handle)
            await line.said()
        finally:
            await line.leave()
        return gathering.answer()

    async def _held(self, call: Call, asked: PollRequest) -> web.Response:
        gathering = Gathering()
        line = Line(self._exchange, gathering, call.channel, call.visitor, call.peer, asked.cursors)
        try:
            await self._exchange.hub.join(line)
            line.greet()
            await _something(gathering, asked.wait)
        except Ended:
            raise Problem("unavailable") from None
        finally:
            await line.leave()
        return gathering.answer()


async def _something(gathering: Gathering, wait_s: float) -> None:
    """Returns when the answer is worth it, or the time is over."""
    event, patience_s = (gathering.worth, wait_s) if wait_s else (gathering.synced, FIRST_S)
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            await event.wait()
            if gathering.why is None and wait_s:
                await gathering.synced.wait()
                await asyncio.sleep(GATHER_S)
