"""`GET …/socket`: a line over a WebSocket, from its upgrade to its close.

One task a socket, aiohttp's own, which reads; another only while something is being sent. Pings and
the dead are the sweeper's.
"""

import asyncio

import structlog
from aiohttp import WSMessage, WSMsgType, web

from bus.errors import Retryable
from widget_gateway import frames
from widget_gateway.doors.calls import Call, Route
from widget_gateway.frames import MAX_FRAME_BYTES, Frame, Hello, NotAFrame
from widget_gateway.limits import Limiter
from widget_gateway.lines import closing, metrics, requests
from widget_gateway.lines.closing import Close, Ended
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.line import Line
from widget_gateway.lines.wire import CLOSE_S, Wire
from widget_gateway.problems import Problem
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.tokens import SessionRefused
from widget_gateway.visitor import Visitor

HELLO_S = 5.0
REFUSALS = {"session_ended": closing.SESSION_ENDED}
"""Why a token is refused → how the socket closes; else TOKEN_REFUSED."""

log = structlog.get_logger()


class SocketDoor:
    """`most`: sockets of this process."""

    def __init__(self, exchange: Exchange, desk: SessionDesk, limiter: Limiter, most: int) -> None:
        self._exchange = exchange
        self._desk = desk
        self._limiter = limiter
        self._most = most
        self._wires: set[Wire] = set()

    def routes(self) -> list[Route]:
        return [Route("GET", "/socket", self.open)]

    async def drain(self) -> None:
        """Close every socket, greeted or not, with 1012; returns when they are, or in CLOSE_S."""
        for wire in list(self._wires):
            wire.end(closing.DRAINING)
        goodbyes = {wire.goodbye for wire in self._wires if wire.goodbye is not None}
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=CLOSE_S + 1)

    async def open(self, call: Call) -> web.StreamResponse:
        """Raises Problem when there will be no socket."""
        await self._admit(call)
        ws = web.WebSocketResponse(
            timeout=CLOSE_S,
            autoping=False,
            compress=False,  # costs every socket memory; frames are short
            max_msg_size=MAX_FRAME_BYTES,
        )
        await ws.prepare(call.request)
        wire = Wire(ws, call.request.transport)
        self._wires.add(wire)
        metrics.SOCKETS.inc()
        try:
            await self._converse(call, wire)
        finally:
            self._wires.discard(wire)
            metrics.SOCKETS.dec()
        return ws

    async def _admit(self, call: Call) -> None:
        if not web.WebSocketResponse().can_prepare(call.request):
            raise Problem("not_a_websocket")
        if self._exchange.hub.draining:
            raise Problem("unavailable")
        if len(self._wires) >= self._most:
            raise Problem("busy")
        wait_s = await self._limiter.take("sockets", call.peer.counted_as)
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)

    async def _converse(self, call: Call, wire: Wire) -> None:
        """Until something ends it, which is never raised."""
        line: Line | None = None
        why = closing.GONE
        try:
            hello = await _hello(wire)
            visitor = await self._visitor(call, hello.token)
            line = Line(self._exchange, wire, call.channel, visitor, call.peer, hello.cursors)
            await self._exchange.hub.join(line)
            line.greet()
            why = await _read(line, wire)
        except Ended as ended:
            why = ended.close
        except Retryable:
            why = closing.DRAINING  # the bus is away: come back in a moment, with jitter
        except ConnectionError:
            why = closing.GONE
        except Exception:
            log.exception("socket_failed")
            why = closing.FAILED
        finally:
            if line is not None:
                await line.leave()
        wire.end(why)
        if wire.goodbye is not None:
            await asyncio.wait({wire.goodbye})

    async def _visitor(self, call: Call, token: str) -> Visitor:
        """Raises Ended, Retryable."""
        try:
            return await self._desk.redeem(call.channel, token)
        except SessionRefused as refused:
            raise Ended(REFUSALS.get(refused.code, closing.TOKEN_REFUSED)) from None


async def _hello(wire: Wire) -> Hello:
    """The first frame. Raises Ended."""
    try:
        async with asyncio.timeout(HELLO_S):
            raw = await _text(wire)
            frame: Frame = frames.read(raw)
    except (TimeoutError, NotAFrame):
        raise Ended(closing.PROTOCOL) from None
    if not isinstance(frame, Hello):
        raise Ended(closing.PROTOCOL)
    return frame


async def _read(line: Line, wire: Wire) -> Close:
    """Take frames until the socket closes; the answer is why."""
    while True:
        try:
            raw = await _text(wire)
        except Ended as ended:
            return ended.close
        await line.take(raw, requests.handle)


async def _text(wire: Wire) -> bytes:
    """The next text message. Raises Ended."""
    while True:
        message = await wire.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data).encode(errors="replace")
        if message.type is WSMsgType.PING:
            wire.pong(message.data)
        elif message.type is not WSMsgType.PONG:
            raise Ended(_end_of(message, wire.close_code))


def _end_of(message: WSMessage, close_code: int | None) -> Close:
    """What a message that is not text says about the connection."""
    if message.type is WSMsgType.BINARY:
        return closing.PROTOCOL
    code = close_code or closing.GONE.code
    return closing.TOO_BIG if code == closing.TOO_BIG.code else Close(code, "by the client")
