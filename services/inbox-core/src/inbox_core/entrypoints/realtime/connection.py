"""One socket from its upgrade to its close: hello, a reader, a writer, and one reason to end.

Made by gateway.py for every WebSocket. Whatever happens first decides the close code; a client that
does not read cannot hold the socket open longer than the grace.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any, cast

import structlog
from aiohttp import WSMsgType, web
from typing_extensions import override

from bus.errors import Retryable
from bus.ports import Bus
from inbox_core.entrypoints.realtime import closing, signals
from inbox_core.entrypoints.realtime.closing import Close, Ended
from inbox_core.entrypoints.realtime.frames import (
    Err,
    Hello,
    Ping,
    Pong,
    Sub,
    Subbed,
    Typing,
    encode,
)
from inbox_core.entrypoints.realtime.hub import Hub
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.presence import Presence
from inbox_core.entrypoints.realtime.reading import Listener, Reader
from inbox_core.entrypoints.realtime.signals import Signal
from inbox_core.entrypoints.realtime.tickets import Seat
from inbox_core.entrypoints.realtime.writing import Writer

log = structlog.get_logger("realtime")


class Connection(Listener):
    """A greeted socket: `seat` is proven. `run` answers why it ended."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        conn: str,
        seat: Seat,
        hello: Hello,
        hub: Hub,
        bus: Bus,
        limits: Limits,
    ) -> None:
        self.conn = conn
        self.seat = seat
        self._ws = ws
        self._hub = hub
        self._bus = bus
        self._cursor = hello.resume.cursor if hello.resume else None
        self._end: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._writer = Writer(
            hub.log,
            seat.workspace,
            conn,
            hello.subs,
            limits,
            send=lambda frame: ws.send_frame(frame, WSMsgType.TEXT),
            too_slow=lambda: self.end(Ended(closing.SLOW)),
        )
        self._presence = Presence(conn, seat.who, self._tell, time.monotonic, limits.typing_every_s)

    def end(self, why: Ended) -> None:
        """End it from outside; the first reason stays."""
        if not self._end.done():
            self._end.set_result(why)

    async def run(self, reader: Reader, lifetime: tuple[float, Close]) -> Ended:
        """Serve it until something ends it. `lifetime`: seconds, and what it is closed with."""
        self._hub.join(self.seat.workspace, self._writer)
        parts: list[asyncio.Future[None]] = [
            asyncio.create_task(self._writer.run(self._cursor), name=f"socket {self.conn} out"),
            asyncio.create_task(self._read(reader), name=f"socket {self.conn} in"),
        ]
        waited: set[asyncio.Future[Any]] = {*parts, self._end}
        seconds, at_the_end = lifetime
        try:
            await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self.seat.workspace, self._writer)
            for part in parts:
                part.cancel()
            outcomes = await asyncio.gather(*parts, return_exceptions=True)
            await self._presence.leave()
        if self._end.done():
            return self._end.result()
        errors = [o for o in outcomes if isinstance(o, Exception)]
        return _verdict(errors[0], self.conn) if errors else Ended(at_the_end)

    def hear(self, signal: Signal) -> None:
        """A signal of this workspace, from whichever process."""
        if signal.sender == self.conn:
            return
        if signal.kind == "ended":
            if signal.who in (self.seat.who, self.seat.credential):
                self.end(Ended(closing.SESSION_ENDED))
            return
        subs = self._writer.subs
        frame = signal.frame()
        if frame is not None and (
            subs.list or (subs.open is not None and subs.open == signal.conv)
        ):
            self._writer.signal(frame)

    async def asked(self, signal: Signal) -> None:
        """Somebody else has opened a conversation."""
        if signal.asks and signal.sender != self.conn:
            await self._presence.answer(signal.conv)

    @override
    async def ping(self, frame: Ping) -> None:
        self._writer.put(Pong(k=frame.k))
        await self._presence.still_here()

    @override
    async def sub(self, frame: Sub) -> None:
        self._writer.subs = self._writer.subs.model_copy(update={"open": frame.open})
        self._writer.put(Subbed(open=frame.open))
        await self._presence.look_at(frame.open)

    @override
    async def typing(self, frame: Typing) -> None:
        await self._presence.typing(frame)

    async def _read(self, reader: Reader) -> None:
        await self._presence.look_at(self._writer.subs.open)
        await reader.run(self)

    async def _tell(self, signal: Signal) -> None:
        await signals.tell(self._bus, self.seat.workspace, signal)


async def close(
    ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None, why: Ended, grace_s: float
) -> None:
    """Say why, close, and cut the line of a client that does not take it."""
    try:
        async with asyncio.timeout(grace_s):
            with suppress(ConnectionError, RuntimeError):
                if why.code:
                    await ws.send_frame(encode(_problem(why)), WSMsgType.TEXT)
                await ws.close(code=why.close.code, message=why.close.reason.encode())
    except TimeoutError:
        if transport is not None:
            # A socket's, so it can write; uvloop's are no subclass of asyncio.WriteTransport.
            cast("asyncio.WriteTransport", transport).abort()


def _problem(why: Ended) -> Err:
    return Err(title=why.close.reason, status=400, code=why.code, detail=why.detail)


def _verdict(error: Exception, conn: str) -> Ended:
    """What an exception of the reader or the writer means for the client."""
    match error:
        case Ended():
            return error
        case ConnectionError():
            return Ended(closing.GONE)
        case Retryable():
            log.warning("socket_without_log", conn=conn, why=str(error))
            return Ended(closing.LATER)
        case _:
            log.error("socket_failed", conn=conn, exc_info=error)
            return Ended(closing.FAILED)
