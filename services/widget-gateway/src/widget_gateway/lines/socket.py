"""`GET …/socket`: a line over a WebSocket, from its upgrade to its close.

One task a socket, aiohttp's own, which reads; another only while something is being sent. Pings and
the dead are the sweeper's.
"""

import asyncio

import structlog
from aiohttp import WSMessage, WSMsgType, web

from bus.errors import Retryable
from widget_gateway.doors.calls import Call, Route
from widget_gateway.frames.codec import NotAFrame
from widget_gateway.frames.frame import MAX_FRAME_BYTES
from widget_gateway.frames.said import Hello
from widget_gateway.limits import Limiter
from widget_gateway.lines import closing, metrics, reading, requests
from widget_gateway.lines.closing import Close, Ended
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.line import Line
from widget_gateway.lines.wire import CLOSE_S, Wire
from widget_gateway.places import Places
from widget_gateway.problems import Problem
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.tokens import SessionRefused
from widget_gateway.visitor import Visitor

HELLO_S = 5.0
CONTROL = frozenset({WSMsgType.PING, WSMsgType.PONG})
"""Counted like frames; before `hello` there are none."""
REFUSALS = {"session_ended": closing.SESSION_ENDED}
"""Why a token is refused → how the socket closes; else TOKEN_REFUSED."""

log = structlog.get_logger()


class SocketDoor:
    """`places`: of sockets and polls together."""

    def __init__(
        self, exchange: Exchange, desk: SessionDesk, limiter: Limiter, places: Places
    ) -> None:
        self._exchange = exchange
        self._desk = desk
        self._limiter = limiter
        self._places = places
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
        with self._places.take(call.peer.counted_as):
            return await self._held(call)

    async def _held(self, call: Call) -> web.StreamResponse:
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
            why = closing.AWAY
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
            frame = reading.read(_text(await wire.receive(), wire))
    except (TimeoutError, NotAFrame):
        raise Ended(closing.PROTOCOL) from None
    if not isinstance(frame, Hello):
        raise Ended(closing.PROTOCOL)
    return frame


async def _read(line: Line, wire: Wire) -> Close:
    """Take frames until the socket closes; the answer is why."""
    while True:
        message = await wire.receive()
        if message.type in CONTROL:
            if await line.allowed() and message.type is WSMsgType.PING:
                wire.pong(message.data)
            continue
        try:
            raw = _text(message, wire)
        except Ended as ended:
            return ended.close
        await line.take(raw, requests.handle)


def _text(message: WSMessage, wire: Wire) -> bytes:
    """What a text message says. Raises Ended for every other."""
    if message.type is not WSMsgType.TEXT:
        raise Ended(_end_of(message, wire.close_code))
    return str(message.data).encode(errors="replace")


def _end_of(message: WSMessage, close_code: int | None) -> Close:
    """What a message that is not text says about the connection."""
    if message.type is WSMsgType.BINARY or message.type in CONTROL:
        return closing.PROTOCOL
    code = close_code or closing.GONE.code
    return closing.TOO_BIG if code == closing.TOO_BIG.code else Close(code, "by the client")
