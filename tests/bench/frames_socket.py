"""A WebSocket client that costs next to nothing: five thousand of them are one small process.

Used by visitors.py. It knows what the gateway sends, whole text frames, pings and a close, and
masks with zeros, which is a mask too.
"""

import asyncio
import struct
from typing import Protocol as Shape
from typing import cast

from typing_extensions import override

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL = 0x80
MASKED = 0x80
NO_MASK = bytes(4)
SHORT, MEDIUM = 126, 127
HEAD_END = b"\r\n\r\n"


class Owner(Shape):
    """Whose socket it is."""

    def opened(self) -> None: ...

    def text(self, payload: bytes) -> None: ...

    def closed(self) -> None: ...


class FramesSocket(asyncio.Protocol):
    """One socket, from its request to its end."""

    def __init__(self, owner: Owner, request: bytes) -> None:
        self._owner = owner
        self._request = request
        self._upgraded = False
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._transport.write(self._request)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(HEAD_END)
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.close()
                return
            self._upgraded, self._buffer = True, rest
            self._owner.opened()
        while (taken := self._frame()) is not None:
            self._take(*taken)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.closed()

    def send(self, payload: bytes, kind: int = TEXT) -> None:
        """One frame, at once."""
        size = len(payload)
        if size < SHORT:
            head = struct.pack("!BB", FINAL | kind, MASKED | size)
        else:
            head = struct.pack("!BBH", FINAL | kind, MASKED | SHORT, size)
        if self._transport is not None:
            self._transport.write(head + NO_MASK + payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self._owner.text(payload)
        elif kind == PING:
            self.send(payload, PONG)
        elif kind == CLOSE:
            self.close()

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame; None: it has yet to come."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        start, size = 2, buffer[1]
        for mark, shape in ((SHORT, "!H"), (MEDIUM, "!Q")):
            if buffer[1] == mark:
                start = 2 + struct.calcsize(shape)
                if len(buffer) < start:
                    return None
                size = struct.unpack_from(shape, buffer, 2)[0]
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 0x0F, buffer[start : start + size]


def upgrade(host: str, port: int, path: str, origin: str) -> bytes:
    """The request that opens one."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: c2x1aWNlIGJlbmNoIGtleQ==",
        f"Origin: {origin}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
        "Accept-Language: en-GB,en;q=0.9",
        "Cache-Control: no-cache",
        "Pragma: no-cache",
    )
    return "\r\n".join((*lines, "", "")).encode()
