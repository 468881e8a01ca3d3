"""A kept-alive HTTP/1.1 connection of a load generator: raw bytes out, status in, no pipelining.

Used by load.py and screen.py. It reads just what servers of this benchmark answer: a head with a
Content-Length, and a body.
"""

import asyncio
import re
import time
from typing import Protocol, cast

from typing_extensions import override

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Answered(Protocol):
    """Whoever posts: told what became of each request."""

    def answered(self, connection: "Connection", status: int, seconds: float) -> None:
        """The whole answer is here, `seconds` after its request; the connection is free again."""

    def lose(self, connection: "Connection") -> None:
        """The connection broke while a request was under way."""


class Connection(asyncio.Protocol):
    """One request under way at a time."""

    def __init__(self, run: Answered) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._at = 0.0
        self._waiting = False

    def post(self, request: bytes) -> None:
        """Send; `run` hears of the rest. A connection that is gone loses the request."""
        if self._transport is None:
            self._run.lose(self)
            return
        self._waiting = True
        self._at = time.perf_counter()
        self._transport.write(request)

    def close(self) -> None:
        self._waiting = False
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    @override
    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        end = data.find(_END)
        length = _LENGTH.search(data, 0, end) if end > 0 else None
        if length is None or len(data) < end + len(_END) + int(length[1]):
            self._rest = data
            return
        self._rest = b""
        self._waiting = False
        self._run.answered(self, int(data[9:12]), time.perf_counter() - self._at)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting:
            self._waiting = False
            self._run.lose(self)


async def connect(run: Answered, host: str, port: int, count: int) -> list[Connection]:
    """`count` connections, all open. Raises OSError."""
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(run), host, port) for _ in range(count)
    ]
    return [connection for _, connection in opened]
