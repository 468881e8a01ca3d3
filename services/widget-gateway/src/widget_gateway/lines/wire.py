"""The wire beneath a line: a WebSocket, its queue, its pings, its one close. Used by socket.py."""

import asyncio
from contextlib import suppress
from typing import cast

from aiohttp import WSMessage, WSMsgType, web
from typing_extensions import override

from widget_gateway.frames import codec
from widget_gateway.frames.told import ServerFrame
from widget_gateway.lines import closing, metrics
from widget_gateway.lines.carrier import Carrier
from widget_gateway.lines.closing import Close
from widget_gateway.lines.outbox import Outbox

CLOSE_S = 5.0
"""For a client to read what is on its way and the close frame behind it."""
PING_S = 25.0
DEAD_S = 60.0
"""Without a sign of life. Of a hidden page timers are slowed; its WebSocket answers pings."""


class Wire(Carrier):
    """`transport`: to cut the line of a client that does not take its goodbye."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None) -> None:
        self.goodbye: asyncio.Task[None] | None = None
        """The closing, once it has begun."""
        self._ws = ws
        # uvloop's own is no subclass of asyncio's, and does what it does.
        self._transport = cast("asyncio.WriteTransport | None", transport)
        self._outbox = Outbox(self._send, self._stuck)
        self._heard_at = asyncio.get_running_loop().time()
        self._pinged_at = self._heard_at

    @property
    def close_code(self) -> int | None:
        """Of a socket that is closed."""
        return self._ws.close_code

    async def receive(self) -> WSMessage:
        """The next message; every one is a sign of life."""
        message = await self._ws.receive()
        self._heard_at = asyncio.get_running_loop().time()
        return message

    def pong(self, data: bytes) -> None:
        """Answer a ping, unless the client reads too slowly for it to matter."""
        self._control(WSMsgType.PONG, data)

    @override
    def put(self, frame: ServerFrame) -> None:
        if self.goodbye is not None:
            return
        if self._outbox.put(codec.write(frame)):
            metrics.TOLD.add((frame.t,))
        else:
            metrics.CUTS.add(("queue",))
            self._outbox.clear()
            self.end(closing.SLOW)

    @override
    async def room(self) -> None:
        await self._outbox.empty()

    @override
    def beat(self, now: float) -> None:
        if now - self._heard_at >= DEAD_S:
            self._cut("silent")
        elif now - max(self._heard_at, self._pinged_at) >= PING_S:
            self._pinged_at = now
            self._control(WSMsgType.PING, b"")

    @override
    def end(self, close: Close) -> None:
        if self.goodbye is None:
            metrics.closed(close)
            self.goodbye = asyncio.create_task(self._close(close))

    async def _send(self, frame: bytes, kind: WSMsgType) -> None:
        await self._ws.send_frame(frame, kind)

    def _control(self, kind: WSMsgType, data: bytes) -> None:
        """Nothing where something waits: a client that takes that is alive."""
        if self._outbox.idle and self.goodbye is None:
            self._outbox.put(data, kind)

    async def _close(self, close: Close) -> None:
        """What waits, then the close frame; a client that takes neither is cut."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._outbox.empty()
                with suppress(ConnectionError, RuntimeError):
                    await self._ws.close(code=close.code, message=close.reason.encode())
        except TimeoutError:
            self._cut("no_goodbye")

    def _stuck(self) -> None:
        self._cut("stuck")

    def _cut(self, why: str) -> None:
        metrics.CUTS.add((why,))
        if self._transport is not None:
            self._transport.abort()
