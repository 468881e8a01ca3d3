"""The newest changes of the log, kept once in memory for all sockets of this process.

A socket has no queue of its own: it has a place in this log, and reads on from it. Written by
hub.py alone, read by feed.py.
"""

from bisect import bisect_right
from collections import deque
from uuid import UUID

from inbox_core.entrypoints.realtime.batches import Batch
from inbox_core.entrypoints.realtime.cursor import Cursor
from inbox_core.entrypoints.realtime.frames import ResetReason


class Recent:
    """Holds every change past `floor`, up to `position`; both are sequences of the stream."""

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self.epoch = ""
        self.floor = 0
        self.position = 0
        self.generation = 0
        """Grows when the log begins anew; whoever read before has to start over."""
        self.began_because: ResetReason = "server"
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._all: deque[Batch] = deque()
        self._of: dict[UUID, list[Batch]] = {}
        self._bytes = 0

    @property
    def now(self) -> Cursor:
        """The place of somebody who has seen everything there is."""
        return Cursor(self.epoch, self.position)

    def begin(self, epoch: str, position: int, why: ResetReason) -> None:
        """Start over, empty, after a sequence of a stream."""
        self.epoch, self.floor, self.position = epoch, position, position
        self.generation += 1
        self.began_because = why
        self._all.clear()
        self._of.clear()
        self._bytes = 0

    def push(self, sequence: int, batch: Batch | None) -> None:
        """The next message of the stream; None: one that nobody can be shown."""
        self.position = sequence
        if batch is None:
            return
        self._all.append(batch)
        self._of.setdefault(batch.workspace, []).append(batch)
        self._bytes += batch.size
        while len(self._all) > self._max_messages or self._bytes > self._max_bytes:
            self._forget()

    def holds(self, sequence: int) -> bool:
        """Whether everything that follows `sequence` is here, as far as it has come."""
        return self.floor <= sequence

    def after(self, workspace: UUID, sequence: int) -> Batch | None:
        """The first batch of a workspace past a place that is held; None: none has come."""
        batches = self._of.get(workspace, ())
        at = bisect_right(batches, sequence, key=lambda batch: batch.sequence)
        return batches[at] if at < len(batches) else None

    def _forget(self) -> None:
        oldest = self._all.popleft()
        self._bytes -= oldest.size
        self.floor = oldest.sequence
        batches = self._of[oldest.workspace]
        batches.pop(0)
        if not batches:
            del self._of[oldest.workspace]
