"""The server of `bus.memory`: the streams, consumers and buckets of contracts.subjects."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bus.errors import Unavailable
from bus.memory_streams import MemoryReader, MemoryStream, matches
from bus.ports import Answer
from contracts.subjects import BUCKETS, CONSUMERS, STREAMS, Bucket, Consumer, Limits, Stream

CLOCK_STEP_S = 0.02
"""How often a waiting reader looks at the clock, which a test may have moved."""

Heard = Callable[[str, bytes], Awaitable[None]]


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
        self.on_regained: list[Callable[[], None]] = []
        self.servers: dict[str, list[Answer]] = {}
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


def _bucket_row(bucket: Bucket) -> Stream:
    return Stream(
        f"KV_{bucket.name}",
        (f"$KV.{bucket.name}.>",),
        "limits",
        bucket.discard,
        bucket.max_bytes,
        max_age_s=bucket.ttl_s,
    )
