"""A wire that can be cut: a TCP proxy on loopback, between a browser and what it talks to.

    async with wire_to(8083) as wire:
        ...                      # the page reaches the server at wire.origin
        wire.cut()               # airplane mode: what is open breaks, nothing new is let in
        wire.mend()

Used by the browser tests, where network loss has to be real for sockets too. Bytes pass unread but
for the head of a connection: whether it asks for a WebSocket.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HOST = "127.0.0.1"
CHUNK = 64 * 1024
HEAD_BYTES = 16 * 1024
HEAD_WITHIN_S = 120.0
MOST_LINES = 512
"""Connections at once; more are turned away."""
NO_SOCKETS = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""As a proxy in an office says it."""


@dataclass(eq=False)
class Line:
    """One connection, both ways."""

    near: asyncio.StreamWriter
    socket: bool = False
    path: str = ""
    far: asyncio.StreamWriter | None = None

    def drop(self) -> None:
        """At once, as a lost network does."""
        for end in (self.near, self.far):
            if end is not None:
                end.transport.abort()


@dataclass(eq=False)
class Wire:
    """What may be done to it. `sockets`: WebSockets open now; `served`: connections ever let in."""

    target: int
    port: int = 0
    served: int = 0
    _lines: set[Line] = field(default_factory=set)
    _open: bool = True
    _refuses_sockets: bool = False
    _let_in: asyncio.Event = field(default_factory=asyncio.Event)
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _delay_s: float = 0.0
    _rate: float | None = None

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sockets(self) -> int:
        return sum(line.socket for line in self._lines)

    def cut(self) -> None:
        """Break what is open, refuse what is new."""
        self._open = False
        self.drop()

    def drop(self, *, sockets_only: bool = False) -> None:
        """Break what is open; what is new passes."""
        for line in list(self._lines):
            if line.socket or not sockets_only:
                line.drop()

    def swallow(self) -> None:
        """A black hole: everything stays open, and no byte arrives."""
        self._flowing.clear()

    def refuse_sockets(self) -> None:
        """As proxies do that know no WebSockets: requests pass, upgrades are refused."""
        self._refuses_sockets = True
        self.drop(sockets_only=True)

    def hold_sockets(self) -> None:
        """Requests pass; who asks for a WebSocket gets no answer, until it is mended."""
        self._let_in.clear()
        self.drop(sockets_only=True)

    def slow(self, *, delay_s: float = 0.0, bytes_per_s: float | None = None) -> None:
        """Each piece waits so long; towards the server, no more bytes a second than these."""
        self._delay_s, self._rate = delay_s, bytes_per_s

    def mend(self) -> None:
        """As good as new."""
        self._open, self._refuses_sockets = True, False
        self._delay_s, self._rate = 0.0, None
        self._let_in.set()
        self._flowing.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either end is through."""
        line = Line(writer)
        if not self._open or len(self._lines) >= MOST_LINES:
            line.drop()
            return
        self._lines.add(line)
        self.served += 1
        try:
            await self._carry(line, reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # either end went; both go
        finally:
            line.drop()
            self._lines.discard(line)

    async def _carry(self, line: Line, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(HEAD_WITHIN_S):
            head = await _head(reader)
        if not head:
            return
        line.path = head.partition(b"\r\n")[0].decode("latin-1")
        upgrade = b"upgrade: websocket" in head.lower()
        if upgrade:
            await self._let_in.wait()
        if upgrade and self._refuses_sockets:
            line.near.write(NO_SOCKETS)
            await _finish(line.near)
            return
        line.socket = upgrade
        back, line.far = await asyncio.open_connection(HOST, self.target)
        out = asyncio.create_task(self._pump(reader, line.far, head, paced=True))
        home = asyncio.create_task(self._pump(back, line.near, b"", paced=False))
        await asyncio.wait((out, home), return_when=asyncio.FIRST_COMPLETED)
        said_all = home.done() and home.exception() is None
        for way in (out, home):
            way.cancel()
        await asyncio.gather(out, home, return_exceptions=True)
        if said_all:
            await _finish(line.near)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, first: bytes, *, paced: bool
    ) -> None:
        data = first or await source.read(CHUNK)
        while data:
            await self._flowing.wait()
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            await self._send(sink, data, paced=paced)
            data = await source.read(CHUNK)

    async def _send(self, sink: asyncio.StreamWriter, data: bytes, *, paced: bool) -> None:
        """In small pieces when there is a rate to keep, so that progress can be seen."""
        while data:
            rate = self._rate if paced else None
            piece = data if rate is None else data[: max(1, int(rate / 20))]
            began = time.monotonic()
            sink.write(piece)
            await sink.drain()
            if rate is not None:
                await asyncio.sleep(max(0.0, len(piece) / rate - (time.monotonic() - began)))
            data = data[len(piece) :]


async def _head(reader: asyncio.StreamReader) -> bytes:
    """What came until the head of the first request was whole; b"" when nobody spoke."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES:
        more = await reader.read(CHUNK)
        if not more:
            return b""
        head += more
    return head


async def _finish(end: asyncio.StreamWriter) -> None:
    """Close it once everything written has left."""
    end.close()
    await end.wait_closed()


@asynccontextmanager
async def wire_to(server: int | str) -> AsyncIterator[Wire]:
    """A wire to a port of this machine, or to the one in an address."""
    port = server if isinstance(server, int) else urlsplit(server).port
    assert port is not None
    wire = Wire(port)
    wire.mend()
    door = socket.create_server((HOST, 0))
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)  # what is slow is felt at once
    listener = await asyncio.start_server(wire.accept, sock=door)
    wire.port = door.getsockname()[1]
    try:
        yield wire
    finally:
        wire.cut()
        listener.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await listener.wait_closed()
