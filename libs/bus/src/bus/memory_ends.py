"""What `bus.memory` hands out: Publisher, Subscription and Tail on one MemoryServer."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from typing_extensions import override

from bus import ports
from bus.errors import Reset, TooLarge
from bus.memory_server import MemoryServer
from bus.memory_streams import MemoryReader
from bus.ports import Delivered, Stored


class MemoryPublisher(ports.Publisher):
    """Stores at once; yields to the loop first, as a round trip would."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    @override
    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
        timeout_s: float = 3.0,
    ) -> int:
        server = self._server
        if len(body) > server.max_payload:
            raise TooLarge(f"{len(body)} bytes exceed the server's max_payload")
        stream = server.stream_of(subject)
        await asyncio.sleep(0)
        stored = stream.append(subject, body, headers or {}, message_id, server.clock())
        server.ring()
        return stored


class MemorySubscription(ports.Subscription):
    """Reads a MemoryReader; nothing is pulled ahead, so nothing has to be given back."""

    def __init__(self, server: MemoryServer, stream: str, consumer: str) -> None:
        self._server = server
        self._stream = stream
        self._consumer = consumer
        self._closed = False

    @property
    def _reader(self) -> MemoryReader:
        return self._server.streams[self._stream].readers[self._consumer]

    @override
    async def next(self, limit: int, wait_s: float) -> Sequence[Delivered]:
        deadline = time.monotonic() + wait_s
        while not self._closed:
            if self._server.running:
                taken = self._reader.take(limit, self._server.clock())
                if taken:
                    return taken
            left = deadline - time.monotonic()
            if left <= 0:
                break
            await self._server.changed(left)
        return ()

    @override
    async def ack(self, message: Delivered) -> None:
        if self._server.running:
            self._reader.ack(message.sequence)

    @override
    async def nak(self, message: Delivered, delay_s: float = 0) -> None:
        self._put_off(message, delay_s)

    @override
    async def working(self, message: Delivered) -> None:
        self._put_off(message, self._reader.row.ack_wait_s)

    @override
    async def close(self) -> None:
        self._closed = True
        self._server.ring()

    def _put_off(self, message: Delivered, delay_s: float) -> None:
        if self._server.running:
            self._reader.due(message.sequence, self._server.clock() + delay_s)
            self._server.ring()


class MemoryTail(ports.Tail):
    """Follows a stream from a place. Raises Reset where the real one does."""

    def __init__(self, server: MemoryServer, stream: str, subject: str, after: int) -> None:
        self._server = server
        self._stream = stream
        self._subject = subject
        self._after = after
        self._created = server.stream(stream).created
        self._closed = False
        self._check(reopened=True)

    @override
    async def __aiter__(self) -> AsyncIterator[Stored]:
        away = False
        while not self._closed:
            if not self._server.running:
                away = True
                await self._server.changed(1.0)
                continue
            self._check(reopened=away)
            away = False
            stream = self._server.stream(self._stream)
            stored = next(stream.after(self._subject, self._after), None)
            if stored is None:
                await self._server.changed(1.0)
            else:
                self._after = stored.sequence
                yield stored

    @override
    async def close(self) -> None:
        self._closed = True
        self._server.ring()

    def _check(self, *, reopened: bool) -> None:
        stream = self._server.stream(self._stream)
        state = stream.state()
        if stream.created != self._created:
            raise Reset(f"{self._stream} was made anew")
        if state.last_sequence < self._after:
            raise Reset(f"{self._stream} ends at {state.last_sequence}, before {self._after}")
        if reopened and self._after and self._after < state.first_sequence - 1:
            raise Reset(f"{self._stream} no longer holds what follows {self._after}")
