"""The shipped fake of the whole bus: MemoryServer is the server, MemoryBus one connection to it.

Tests of services run on it; tests/contract/bus proves it equal to the real one. Its clock can be
given, so that deadlines pass without waiting, and `down()` and `up()` are an outage.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime

import structlog
from typing_extensions import override

from bus import kv, ports
from bus.errors import Permanent, Reset, TooLarge, Unavailable
from bus.memory_streams import MemoryReader, MemoryStream, matches
from bus.ports import Delivered, Stored, StreamState
from contracts.subjects import BUCKETS, CONSUMERS, STREAMS, Bucket, Consumer, Limits, Stream

CLOCK_STEP_S = 0.02
"""How often a waiting reader looks at the clock, which a test may have moved."""

Heard = Callable[[str, bytes], Awaitable[None]]

log = structlog.get_logger("bus")


class MemoryServer:
    """Streams, consumers and buckets of contracts.subjects, shared by the buses made on it."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        streams: Sequence[Stream] = STREAMS,
        consumers: Sequence[Consumer] = CONSUMERS,
        max_payload: int = Limits().max_payload,
    ) -> None:
        self.clock = clock
        self.running = True
        self.max_payload = max_payload
        self.streams: dict[str, MemoryStream] = {}
        self.listeners: list[tuple[str, Heard]] = []
        self._consumers = consumers
        self._rows = [*streams, *(_bucket_row(bucket) for bucket in BUCKETS)]
        self._waiting: set[asyncio.Event] = set()
        for row in self._rows:
            self.make(row.name)

    def make(self, name: str) -> None:
        """Make a stream, anew if it exists: its messages and consumers begin from nothing."""
        row = next(row for row in self._rows if row.name == name)
        history = {f"KV_{bucket.name}": bucket.history for bucket in BUCKETS}
        before = self.streams.get(name)
        created = max(self.clock(), before.created + 0.001 if before else 0)
        stream = MemoryStream(row, created, history.get(name, 0))
        stream.readers = {
            consumer.name: MemoryReader(consumer, stream)
            for consumer in self._consumers
            if consumer.stream == name
        }
        self.streams[name] = stream
        self.ring()

    def stream(self, name: str) -> MemoryStream:
        """Raises Unavailable while the server is down, or has no such stream."""
        if not self.running:
            raise Unavailable("not connected to NATS")
        if name not in self.streams:
            raise Unavailable(f"stream {name} is not there")
        self.streams[name].expire(self.clock())
        return self.streams[name]

    def stream_of(self, subject: str) -> MemoryStream:
        """The stream that captures a subject. Raises Unavailable."""
        for row in self._rows:
            if any(matches(pattern, subject) for pattern in row.subjects):
                return self.stream(row.name)
        if not self.running:
            raise Unavailable("not connected to NATS")
        raise Unavailable(f"nobody answers on {subject}")

    def ring(self) -> None:
        """Wake every reader: something may have come."""
        for event in self._waiting:
            event.set()

    async def changed(self, wait_s: float) -> None:
        """Returns after the next change, or a moment later."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(min(wait_s, CLOCK_STEP_S)):
                await event.wait()
        except TimeoutError:
            return
        finally:
            self._waiting.discard(event)


class MemoryBus(ports.Bus):
    """One connection. Two of them on one server are two processes."""

    def __init__(self, server: MemoryServer | None = None) -> None:
        self.server = server or MemoryServer()
        self._publisher = MemoryPublisher(self.server)
        self._closed = False
        self._tails: list[MemoryTail] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def down(self) -> None:
        """The server is away, for every bus on it."""
        self.server.running = False
        self.server.ring()

    def up(self) -> None:
        self.server.running = True
        self.server.ring()

    @property
    @override
    def publisher(self) -> "MemoryPublisher":
        return self._publisher

    @property
    @override
    def connected(self) -> bool:
        return self.server.running and not self._closed

    @override
    async def subscribe(self, consumer: str) -> "MemorySubscription":
        for stream in self.server.streams.values():
            if consumer in stream.readers:
                return MemorySubscription(self.server, stream.row.name, consumer)
        raise Permanent(f"contracts.subjects knows no consumer {consumer}")

    @override
    async def tail(self, stream: str, subject: str, after: int) -> "MemoryTail":
        tail = MemoryTail(self.server, stream, subject, after)
        self._tails.append(tail)
        return tail

    @override
    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = 5 * 1024 * 1024
    ) -> Sequence[Stored]:
        page: list[Stored] = []
        size = 0
        for stored in self.server.stream(stream).after(subject, after):
            size += len(stored.body)
            if page and (len(page) >= limit or size > max_bytes):
                break
            page.append(stored)
        return page

    async def last(self, stream: str, subject: str) -> Stored | None:
        """The last message of a subject."""
        return self.server.stream(stream).last(subject)

    async def acknowledged(self, stream: str) -> Mapping[str, int]:
        """For each durable consumer the sequence up to which it has acknowledged everything."""
        readers = self.server.stream(stream).readers
        return {name: reader.floor for name, reader in readers.items()}

    async def purge(self, stream: str, up_to: int) -> int:
        """Delete every message with a sequence up to and with `up_to`; how many they were."""
        return self.server.stream(stream).purge(up_to)

    async def first_since(self, stream: str, subject: str, since: datetime) -> int | None:
        """The sequence of the first message stored at or after a moment; None: there is none."""
        for stored in self.server.stream(stream).after(subject, 0):
            if stored.at >= since:
                return stored.sequence
        return None

    @override
    async def stream(self, name: str) -> StreamState:
        return self.server.stream(name).state()

    @override
    async def remove(self, stream: str, sequence: int) -> None:
        self.server.stream(stream).remove(sequence)

    @override
    def bucket(self, name: str) -> kv.Bucket:
        return kv.Bucket(self, name, self._spawn)

    @override
    async def verify(self) -> None:
        self.server.stream("INBOUND")

    @override
    async def notify(self, subject: str, body: bytes) -> None:
        if not self.connected:
            return
        for pattern, heard in list(self.server.listeners):
            if matches(pattern, subject):
                self._spawn(_hear(heard, subject, body))

    @override
    async def listen(self, subject: str, heard: Heard) -> None:
        self.server.listeners.append((subject, heard))

    @override
    async def close(self) -> None:
        self._closed = True
        for tail in self._tails:
            await tail.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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


async def _hear(heard: Heard, subject: str, body: bytes) -> None:
    try:
        await heard(subject, body)
    except Exception:
        # The rim of a listener: one that fails hears the next signal all the same.
        log.exception("listener_failed", subject=subject)


def _bucket_row(bucket: Bucket) -> Stream:
    return Stream(
        f"KV_{bucket.name}",
        (f"$KV.{bucket.name}.>",),
        "limits",
        "new",
        bucket.max_bytes,
        max_age_s=bucket.ttl_s,
    )
