"""JetStream's rules in memory: what a stream keeps and what a durable consumer hands out.

The ground of `bus.memory`; plain code without waiting, its clock is given by the caller.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bus.errors import Conflict, Unavailable
from bus.kv import EXPECT
from bus.ports import Delivered, Stored, StreamState
from contracts.subjects import Consumer, Stream

MESSAGE_OVERHEAD = 22
"""Bytes the file store adds to a message's own."""


def matches(pattern: str, subject: str) -> bool:
    """NATS wildcards: `*` is one token, `>` all that follow."""
    wanted, tokens = pattern.split("."), subject.split(".")
    for place, want in enumerate(wanted):
        if want == ">":
            return len(tokens) > place
        if place >= len(tokens) or want not in ("*", tokens[place]):
            return False
    return len(wanted) == len(tokens)


class MemoryStream:
    """One stream. `per_subject` above 0 keeps so many messages of a subject, as a bucket does."""

    def __init__(self, row: Stream, now: float, per_subject: int = 0) -> None:
        self.row = row
        self.created = now
        self.readers: dict[str, MemoryReader] = {}
        self._per_subject = per_subject
        self._messages: OrderedDict[int, Stored] = OrderedDict()
        self._ids: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._last = 0
        self._bytes = 0

    def append(
        self,
        subject: str,
        body: bytes,
        headers: Mapping[str, str],
        message_id: str | None,
        now: float,
    ) -> int:
        """The new sequence, or the old one of a repeated id. Raises Conflict, Unavailable."""
        self.expire(now)
        if message_id is not None and message_id in self._ids:
            return self._ids[message_id][0]
        expected = headers.get(EXPECT)
        if expected is not None and int(expected) != self._last_of(subject):
            raise Conflict(f"JetStream: wrong last sequence: {self._last_of(subject)} (10071)")
        self._make_room(_size(subject, body, headers))
        self._last += 1
        at = datetime.fromtimestamp(now, UTC)
        stored = Stored(subject, body, self.row.name, self._last, at, dict(headers))
        self._messages[self._last] = stored
        self._bytes += _size(subject, body, headers)
        if message_id is not None:
            self._ids[message_id] = (self._last, now)
        if self._per_subject:
            same = [sequence for sequence, m in self._messages.items() if m.subject == subject]
            for sequence in same[: -self._per_subject]:
                self.remove(sequence)
        return self._last

    def remove(self, sequence: int) -> None:
        stored = self._messages.pop(sequence, None)
        if stored is not None:
            self._bytes -= _size(stored.subject, stored.body, stored.headers)

    def purge(self, up_to: int) -> int:
        """Remove all up to and with a sequence; how many they were."""
        gone = [sequence for sequence in self._messages if sequence <= up_to]
        for sequence in gone:
            self.remove(sequence)
        return len(gone)

    def expire(self, now: float) -> None:
        """Forget what is older than the stream's age and its duplicate window."""
        oldest = now - self.row.max_age_s if self.row.max_age_s else None
        while oldest is not None and self._messages:
            sequence, stored = next(iter(self._messages.items()))
            if stored.at.timestamp() >= oldest:
                break
            self.remove(sequence)
        while self._ids:
            message_id, (_, at) = next(iter(self._ids.items()))
            if at > now - self.row.duplicate_window_s:
                break
            del self._ids[message_id]

    def after(self, subject: str, sequence: int) -> Iterator[Stored]:
        """Messages of a subject past a sequence, in order."""
        first = next(iter(self._messages), self._last + 1)
        for following in range(max(first, sequence + 1), self._last + 1):
            stored = self._messages.get(following)
            if stored is not None and matches(subject, stored.subject):
                yield stored

    def get(self, sequence: int) -> Stored | None:
        return self._messages.get(sequence)

    def last(self, subject: str) -> Stored | None:
        return self._messages.get(self._last_of(subject))

    def state(self) -> StreamState:
        return StreamState(
            name=self.row.name,
            created=datetime.fromtimestamp(self.created, UTC),
            first_sequence=next(iter(self._messages), self._last + 1),
            last_sequence=self._last,
            messages=len(self._messages),
            bytes=self._bytes,
            max_bytes=self.row.max_bytes,
        )

    def _last_of(self, subject: str) -> int:
        for stored in reversed(self._messages.values()):
            if stored.subject == subject:
                return stored.sequence
        return 0

    def _make_room(self, size: int) -> None:
        while self._messages and self._bytes + size > self.row.max_bytes:
            if self.row.discard == "new":
                raise Unavailable("JetStream: maximum bytes exceeded (10077)")
            self.remove(next(iter(self._messages)))


class MemoryReader:
    """One durable consumer: what is due, what is out, and how often each was handed out."""

    def __init__(self, row: Consumer, stream: MemoryStream) -> None:
        self.row = row
        self._stream = stream
        self._next = 1
        self._due_at: dict[int, float] = {}
        self._deliveries: dict[int, int] = {}

    def take(self, limit: int, now: float) -> Sequence[Delivered]:
        """Messages whose deadline has passed first, then new ones."""
        taken: list[Delivered] = []
        for sequence in sorted(s for s, at in self._due_at.items() if at <= now):
            if len(taken) < limit:
                taken.extend(self._hand_out(sequence, now))
        while len(taken) < limit and len(self._due_at) < self.row.max_ack_pending:
            stored = next(self._fresh(), None)
            if stored is None:
                break
            self._next = stored.sequence + 1
            taken.extend(self._hand_out(stored.sequence, now))
        return taken

    def ack(self, sequence: int) -> None:
        if self._due_at.pop(sequence, None) is None:
            return
        self._deliveries.pop(sequence, None)
        if self._stream.row.retention == "workqueue":
            self._stream.remove(sequence)

    def due(self, sequence: int, at: float) -> None:
        """Hand it out again at a time, unless it was acknowledged."""
        if sequence in self._due_at:
            self._due_at[sequence] = at

    @property
    def floor(self) -> int:
        """Everything up to it is acknowledged."""
        if self._due_at:
            return min(self._due_at) - 1
        return self._next - 1

    @property
    def next_due(self) -> float | None:
        return min(self._due_at.values(), default=None)

    def _fresh(self) -> Iterator[Stored]:
        for stored in self._stream.after(">", self._next - 1):
            if any(matches(pattern, stored.subject) for pattern in self.row.filters):
                yield stored

    def _hand_out(self, sequence: int, now: float) -> Iterator[Delivered]:
        stored = self._stream.get(sequence)
        if stored is None:
            self._due_at.pop(sequence, None)
            return
        deliveries = self._deliveries.get(sequence, 0) + 1
        self._deliveries[sequence] = deliveries
        self._due_at[sequence] = now + self.row.ack_wait_s
        yield Delivered(
            subject=stored.subject,
            body=stored.body,
            stream=stored.stream,
            sequence=sequence,
            at=stored.at,
            headers=stored.headers,
            deliveries=deliveries,
            token=str(sequence),
        )


def _size(subject: str, body: bytes, headers: Mapping[str, str]) -> int:
    lines = sum(len(name) + len(value) + 4 for name, value in headers.items())
    return MESSAGE_OVERHEAD + len(subject) + len(body) + lines
