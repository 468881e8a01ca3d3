"""One reader's way through the changes of one workspace: from the stream first, then from memory.

Used by a socket's writer and by the long poll. There is no hand-over from replay to live that could
lose or repeat anything: a feed has one place, and goes on from it wherever what follows is found.
"""

import asyncio
from collections import deque
from uuid import UUID

from bus.ports import Bus
from contracts import subjects
from inbox_core.entrypoints.realtime.batches import Batch, batch_of
from inbox_core.entrypoints.realtime.cursor import Cursor, misplaced, parse
from inbox_core.entrypoints.realtime.frames import ResetReason
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.metrics import REPLAYS
from inbox_core.entrypoints.realtime.recent import Recent

STREAM = "CHANGES"


class Lost(Exception):
    """What follows the reader's place is not there any more, or never was: fetch anew."""

    def __init__(self, reason: ResetReason) -> None:
        super().__init__(reason)
        self.reason: ResetReason = reason


class Log:
    """The stream and its newest part: what feeds read. One per process, filled by hub.py."""

    def __init__(self, bus: Bus, limits: Limits) -> None:
        self.bus = bus
        self.limits = limits
        self.recent = Recent(limits.recent_messages, limits.recent_bytes)
        self.turns = asyncio.Semaphore(limits.replays_at_once)

    def fresh(self, workspace: UUID) -> "Feed":
        """Everything from now on. What is committed before this call needs no feed."""
        return Feed(self, workspace, self.recent.now.sequence)

    async def resume(self, workspace: UUID, text: str) -> "Feed":
        """Everything past a client's cursor. Raises Lost; Retryable when NATS is needed and away.

        A place in memory is known to be good; any other is checked with the server first.
        """
        cursor = parse(text)
        if cursor is None:
            raise Lost("cursor_expired")
        recent = self.recent
        known = cursor.epoch == recent.epoch and cursor.sequence <= recent.position
        if not (known and recent.holds(cursor.sequence)):
            await self.check(cursor)
            if cursor.epoch != recent.epoch:  # we are the ones who have not noticed yet
                raise Lost("epoch")
        return Feed(self, workspace, cursor.sequence)

    async def check(self, cursor: Cursor) -> None:
        """Raises Lost when the stream does not hold all that follows; Retryable."""
        reason = misplaced(cursor, await self.bus.stream(STREAM))
        if reason is not None:
            raise Lost(reason)


class Feed:
    """`next` gives batch after batch; `cursor` is behind the last one given."""

    def __init__(self, log: Log, workspace: UUID, position: int) -> None:
        self._log = log
        self._workspace = workspace
        self._position = position
        self._epoch = log.recent.epoch
        self._generation = log.recent.generation
        self._page: deque[Batch] = deque()

    @property
    def cursor(self) -> Cursor:
        return Cursor(self._epoch, self._position)

    async def next(self) -> Batch | None:
        """The next batch; None: there is no more for now, and `cursor` is up to date.

        Raises Lost; Retryable when the stream has to be read and NATS is away.
        """
        recent = self._log.recent
        while True:
            if recent.generation != self._generation:
                raise Lost(recent.began_because)
            if self._page:
                REPLAYS.labels("stream").inc(len(self._page[0].pieces))
                return self._reached(self._page.popleft())
            if recent.holds(self._position):
                batch = recent.after(self._workspace, self._position)
                if batch is not None:
                    return self._reached(batch)
                self.settle()
                return None
            await self._turn_page()

    def settle(self) -> Cursor:
        """The cursor, moved past everything that is not of this workspace."""
        recent = self._log.recent
        if (
            recent.generation == self._generation
            and not self._page
            and recent.holds(self._position)
            and recent.after(self._workspace, self._position) is None
        ):
            self._position = max(self._position, recent.position)
        return self.cursor

    def _reached(self, batch: Batch) -> Batch:
        self._position = batch.sequence
        return batch

    async def _turn_page(self) -> None:
        """Read on from the stream. Raises Lost, Retryable.

        The place is checked again after the read: the stream drops its oldest messages whenever
        it is full, and a read past a hole does not say so.
        """
        log, limits = self._log, self._log.limits
        floor = log.recent.floor
        async with log.turns:
            found = await log.bus.read(
                STREAM,
                subjects.changes(self._workspace),
                self._position,
                limits.page_messages,
                limits.page_bytes,
            )
            await log.check(self.cursor)
        self._page.extend(batch for stored in found if (batch := batch_of(stored)))
        if not self._page:
            # Nothing of ours up to what memory held when we asked.
            last = found[-1].sequence if found else floor
            self._position = max(self._position, last)
