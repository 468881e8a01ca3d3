"""The fan-out: follows CHANGES once for the whole process and wakes whoever waits for it.

Run by main() under supervision. It never waits for a socket: it lays a change into memory
(recent.py), tells the members of its workspace, and goes on.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import structlog

from bus.errors import Reset, Retryable
from bus.ports import Bus, Stored, Tail
from contracts.subjects import STREAMS
from inbox_core.entrypoints.realtime.batches import Batch, batch_of
from inbox_core.entrypoints.realtime.cursor import epoch_of
from inbox_core.entrypoints.realtime.feed import STREAM, Log
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.metrics import LAG

EVERYTHING = next(row.subjects[0] for row in STREAMS if row.name == STREAM)
PAUSE_S = (0.2, 5.0)
WARM_WITHIN_S = 2.0
"""How long the first connections wait at the most for memory to be filled."""

log = structlog.get_logger("realtime")


class Member(Protocol):
    """Whoever listens to a workspace. Neither call may wait or raise."""

    def notice(self, batch: Batch) -> None:
        """A change of the workspace has come."""
        ...

    def wake(self) -> None:
        """The log has begun anew."""
        ...


class Hub:
    """Rooms of members by workspace, and the task that follows the stream."""

    def __init__(self, bus: Bus, limits: Limits) -> None:
        self.log = Log(bus, limits)
        self._bus = bus
        self._limits = limits
        self.draining = False
        """Nobody should wait any more: this process is closing."""
        self._rooms: dict[UUID, set[Member]] = {}
        self._tail: Tail | None = None
        self._stopping = asyncio.Event()
        self._pause_s = PAUSE_S[0]
        self._goal: int | None = None
        self._warm_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether connections can be served: the log was found, its end is in memory."""
        if self._goal is None:
            return False
        late = asyncio.get_running_loop().time() >= self._warm_at
        return late or self.log.recent.position >= self._goal

    def join(self, workspace: UUID, member: Member) -> None:
        self._rooms.setdefault(workspace, set()).add(member)

    def leave(self, workspace: UUID, member: Member) -> None:
        room = self._rooms.get(workspace, set())
        room.discard(member)
        if not room:
            self._rooms.pop(workspace, None)

    def room(self, workspace: UUID) -> frozenset[Member]:
        return frozenset(self._rooms.get(workspace, ()))

    def drain(self) -> None:
        """Let waiting polls answer now."""
        self.draining = True
        self._wake_all()

    async def run(self) -> None:
        """Follow the stream until `stop`, however often it is away or made anew."""
        while not self._stopping.is_set():
            try:
                await self._follow()
            except Reset as reset:
                log.warning("changes_lost", why=str(reset))
                self._goal = None
            except Retryable as error:
                log.warning("changes_away", why=str(error))
                await self._pause()

    async def stop(self) -> None:
        """Ends `run`."""
        self._stopping.set()
        if self._tail is not None:
            await self._tail.close()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_s):
                await self._stopping.wait()
        self._pause_s = min(self._pause_s * 2, PAUSE_S[1])

    async def _begin(self) -> None:
        """Start a little before the end of the stream, so that a restart finds memory filled."""
        state = await self._bus.stream(STREAM)
        epoch = epoch_of(state.created)
        newest = state.last_sequence - self._limits.recent_at_start
        start = max(0, state.first_sequence - 1, newest)
        same = epoch == self.log.recent.epoch
        self.log.recent.begin(epoch, start, "cursor_expired" if same else "epoch")
        self._goal = state.last_sequence
        self._warm_at = asyncio.get_running_loop().time() + WARM_WITHIN_S
        self._wake_all()

    def _wake_all(self) -> None:
        for room in list(self._rooms.values()):
            for member in list(room):
                member.wake()

    async def _follow(self) -> None:
        """Raises Reset, Retryable."""
        if self._goal is None:
            await self._begin()
        self._tail = await self._bus.tail(STREAM, EVERYTHING, self.log.recent.position)
        self._pause_s = PAUSE_S[0]
        try:
            if self._stopping.is_set():  # `stop` came while the tail was being opened
                return
            async for stored in self._tail:
                await self._take(stored)
        finally:
            await self._tail.close()

    async def _take(self, stored: Stored) -> None:
        if stored.sequence != self.log.recent.position + 1:
            await self._explain_jump()
        batch = batch_of(stored)
        self.log.recent.push(stored.sequence, batch)
        if batch is not None:
            self._tell(batch)
        # Sockets write between any two changes, or a burst would make them all look slow.
        await asyncio.sleep(0)

    async def _explain_jump(self) -> None:
        """Raises Reset when the stream dropped what we had yet to read, silently as it does."""
        state = await self._bus.stream(STREAM)
        if state.first_sequence > self.log.recent.position + 1:
            raise Reset(f"{STREAM} dropped what follows {self.log.recent.position}")

    def _tell(self, batch: Batch) -> None:
        room = self._rooms.get(batch.workspace)
        if not room:
            return
        for member in list(room):
            member.notice(batch)
        if batch.happened_at is not None:
            LAG.observe(max(0.0, (datetime.now(UTC) - batch.happened_at).total_seconds()))
