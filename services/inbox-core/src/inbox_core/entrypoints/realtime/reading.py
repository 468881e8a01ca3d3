"""The receiving half of a socket: what a client may send, how often, and how long it may be silent.

Made by connection.py; it reads until something ends the connection.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from aiohttp import WSMessage, WSMsgType, web

from inbox_core.entrypoints.realtime import closing
from inbox_core.entrypoints.realtime.closing import Close, Ended
from inbox_core.entrypoints.realtime.frames import (
    Hello,
    NotAFrame,
    Ping,
    Sub,
    Typing,
    decode,
)
from inbox_core.entrypoints.realtime.limits import Limits


class Bucket:
    """A token bucket: `per_s` frames a second, `burst` at once."""

    def __init__(
        self, per_s: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock = clock
        self._left = self._burst
        self._at = clock()

    def take(self) -> bool:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Listener(Protocol):
    """What the frames of a client do."""

    async def sub(self, frame: Sub) -> None: ...

    async def typing(self, frame: Typing) -> None: ...

    async def ping(self, frame: Ping) -> None: ...


class Reader:
    """`hello` first, then `run`."""

    def __init__(self, ws: web.WebSocketResponse, limits: Limits) -> None:
        self._ws = ws
        self._limits = limits
        self._bucket = Bucket(limits.frames_per_s, limits.burst)

    async def hello(self) -> Hello:
        """The first frame. Raises Ended."""
        try:
            async with asyncio.timeout(self._limits.hello_s):
                text = await self._text()
        except TimeoutError:
            raise Ended(closing.PROTOCOL, "no_hello", "the first frame did not come") from None
        frame = _decoded(text)
        if not isinstance(frame, Hello):
            raise Ended(closing.PROTOCOL, "no_hello", "the first frame is hello")
        return frame

    async def run(self, listener: Listener) -> None:
        """Pass frames on until the connection ends. Raises Ended."""
        while True:
            frame = _decoded(await self._text())
            match frame:
                case Ping():
                    await listener.ping(frame)
                case Sub():
                    await listener.sub(frame)
                case Typing():
                    await listener.typing(frame)
                case Hello():
                    raise Ended(closing.PROTOCOL, "second_hello", "hello is said once")

    async def _text(self) -> str:
        """The next text message. Raises Ended: also when the peer was silent for too long.

        The server's own pings are the WebSocket's: a browser answers them even where it slows
        the timers of a hidden tab, so that such a tab is not taken for a dead one.
        """
        heard_at = time.monotonic()
        while True:
            try:
                message = await self._ws.receive(timeout=self._limits.heartbeat_s)
            except TimeoutError:
                if time.monotonic() - heard_at >= self._limits.dead_s:
                    raise Ended(closing.IDLE) from None
                await self._ws.ping()
                continue
            heard_at = time.monotonic()
            if message.type is WSMsgType.PONG:
                continue
            self._afford()
            if message.type is WSMsgType.PING:
                await self._ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                return str(message.data)
            else:
                raise _end_of(message, self._ws.close_code)

    def _afford(self) -> None:
        if not self._bucket.take():
            raise Ended(closing.PROTOCOL, "too_many_frames", "more frames than twenty a second")


def _decoded(text: str) -> Hello | Sub | Typing | Ping:
    try:
        return decode(text)
    except NotAFrame as error:
        raise Ended(closing.PROTOCOL, "bad_frame", str(error)) from None


def _end_of(message: WSMessage, close_code: int | None) -> Ended:
    """What a message that is not text says about the connection."""
    if message.type is WSMsgType.BINARY:
        return Ended(closing.PROTOCOL, "bad_frame", "frames are text")
    code = close_code or closing.GONE.code
    return Ended(closing.TOO_BIG if code == closing.TOO_BIG.code else Close(code, "by the client"))
