"""The ports of the bus: what the rest of the project knows of JetStream.

Two implementations ship: `bus.jetstream` (the real one) and `bus.memory` (the fake); one suite,
tests/contract/bus, runs over both. Everything above (batching, consumer, dead, claims) is written
against these protocols only.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as a stream holds it. `sequence` is the stream's, `at` the server's time."""

    subject: str
    body: bytes
    stream: str
    sequence: int
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered(Stored):
    """A message handed to a reader, to be acknowledged. `deliveries` counts from 1."""

    deliveries: int = 1
    token: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a bucket and its revision, the ground of compare-and-set."""

    key: str
    value: bytes
    revision: int


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a stream holds now. `created` is its identity: another time, another stream."""

    name: str
    created: datetime
    first_sequence: int
    last_sequence: int
    messages: int
    bytes: int
    max_bytes: int


Hush = Callable[[], Awaitable[None]]
"""Ends a listening. Never raises, and a second call does nothing."""
Answer = Callable[[bytes], Awaitable[bytes]]
"""Makes the answer to a request's body."""


class Publisher(Protocol):
    """Writes messages to streams."""

    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
        timeout_s: float = 3.0,
    ) -> int:
        """Store the message on disk; the answer is its stream sequence.

        `message_id` makes a repeat within the stream's duplicate window a no-op. Raises
        Unavailable, Ambiguous or TooLarge.
        """
        ...


class Subscription(Protocol):
    """Reads a durable consumer with two overlapping pull requests; each message is acknowledged."""

    async def next(self, limit: int, wait_s: float) -> Sequence[Delivered]:
        """Up to `limit` messages: at once if any are here, else after at most `wait_s`.

        An empty answer means none came in time, also while the server is away: it reconnects
        by itself.
        """
        ...

    async def ack(self, message: Delivered) -> None:
        """Done with it. Best effort: a lost acknowledgement is a redelivery."""
        ...

    async def nak(self, message: Delivered, delay_s: float = 0) -> None:
        """Deliver it again, not before `delay_s`."""
        ...

    async def working(self, message: Delivered) -> None:
        """Still at it: start the acknowledgement deadline anew."""
        ...

    async def close(self) -> None:
        """Stop pulling; give back what was pulled and not handed out."""
        ...


class Tail(Protocol):
    """Reads a stream in order without acknowledging: what sockets follow. Gapless by itself."""

    def __aiter__(self) -> AsyncIterator[Stored]: ...

    async def close(self) -> None: ...


class Bucket(Protocol):
    """A KV bucket. Keys are made of letters, digits, `-_=./`."""

    async def get(self, key: str) -> Entry | None: ...

    async def create(self, key: str, value: bytes) -> int:
        """The new revision. Raises Conflict when the key has a value, Ambiguous, Unavailable."""
        ...

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """The new revision. Raises Conflict when the key is no longer at `revision`."""
        ...

    async def put(self, key: str, value: bytes) -> int: ...

    async def delete(self, key: str) -> None: ...

    async def entries(self) -> Sequence[Entry]:
        """Every live key and its value; meant for small buckets."""
        ...

    async def watch(self, changed: Callable[[str, bytes | None], Awaitable[None]]) -> None:
        """Call `changed(key, value)` for every key there is, then for every change; None: deleted.

        Returns after the first round. Goes on until the bus closes; after a reconnect the whole
        bucket is read again, so no change is missed for good.
        """
        ...


class Bus(Protocol):
    """One connection and everything on it. Built in main(), closed last."""

    @property
    def publisher(self) -> Publisher: ...

    @property
    def connected(self) -> bool: ...

    async def subscribe(self, consumer: str) -> Subscription:
        """Read a durable consumer of contracts.subjects.CONSUMERS by its name."""
        ...

    async def tail(self, stream: str, subject: str, after: int) -> Tail:
        """Follow `subject` of a stream from the first message past sequence `after`."""
        ...

    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = 5 * 1024 * 1024
    ) -> Sequence[Stored]:
        """Up to `limit` stored messages of `subject` past sequence `after`, in order."""
        ...

    async def stream(self, name: str) -> StreamState: ...

    async def remove(self, stream: str, sequence: int) -> None:
        """Delete one message of a stream; nothing happens when it is not there."""
        ...

    def bucket(self, name: str) -> Bucket: ...

    async def verify(self) -> None:
        """Raises Drift when streams, consumers or buckets differ from the table."""
        ...

    async def notify(self, subject: str, body: bytes) -> None:
        """Core NATS, droppable: typing, presence. Never raises for an absent server."""
        ...

    async def listen(self, subject: str, heard: Callable[[str, bytes], Awaitable[None]]) -> Hush:
        """Core NATS: call `heard(subject, body)` for each message, until the bus closes.

        The answer ends it before. What is sent from now on is heard; `on_regained` tells when
        some may have been missed.
        """
        ...

    def on_regained(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever the server is there again: signals of meanwhile are lost."""
        ...

    async def ask(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        """Core NATS: the answer of whoever serves the subject.

        Raises Unavailable when nobody does, Ambiguous when no answer came in time.
        """
        ...

    async def serve(self, subject: str, answer: Answer) -> None:
        """Core NATS: answer requests until the bus closes; of several servers one each.

        A handler that raises gives no answer: whoever asked waits in vain, and it is logged.
        """
        ...

    async def close(self) -> None: ...
