"""The sending half of a socket: replay, live events and control frames, in one order, by one task.

Made by connection.py. It has no queue of events, only a place in the log (feed.py); what it counts
is how much of the log waits for it, and beyond the bound the client is told to come back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from uuid import UUID

from typing_extensions import override

from inbox_core.entrypoints.realtime.batches import Batch, wanted
from inbox_core.entrypoints.realtime.feed import Feed, Log, Lost
from inbox_core.entrypoints.realtime.frames import (
    Eph,
    Live,
    Pong,
    Ready,
    Reset,
    ResetReason,
    Sent,
    Subs,
    encode,
)
from inbox_core.entrypoints.realtime.hub import Member
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.metrics import FRAMES, RESETS, SIGNALS, STARTS

Send = Callable[[bytes], Awaitable[None]]


class Writer(Member):
    """`run` until cancelled; `subs` may change at any time; `too_slow` is called once."""

    def __init__(
        self,
        log: Log,
        workspace: UUID,
        conn: str,
        subs: Subs,
        limits: Limits,
        send: Send,
        too_slow: Callable[[], None],
    ) -> None:
        self.subs = subs
        self._log = log
        self._workspace = workspace
        self._conn = conn
        self._limits = limits
        self._send = send
        self._too_slow = too_slow
        self._woken = asyncio.Event()
        self._control: deque[Sent] = deque()
        self._signals: deque[Eph] = deque()
        self._n = 0
        self._live = False
        self._waiting_frames = 0
        self._waiting_bytes = 0
        self._replayed_events = 0
        self._replayed_bytes = 0

    @override
    def notice(self, batch: Batch) -> None:
        """Count what waits; a client that leaves too much waiting is too slow."""
        self._woken.set()
        if not self._live:
            return
        limits = self._limits
        if self._waiting_frames > limits.queue_frames or self._waiting_bytes > limits.queue_bytes:
            self._too_slow()
        self._waiting_frames += len(batch.pieces)
        self._waiting_bytes += batch.size

    @override
    def wake(self) -> None:
        self._woken.set()

    def put(self, frame: Sent) -> None:
        """Send a control frame, before the events that still wait."""
        if len(self._control) >= self._limits.queue_control:
            self._too_slow()
            return
        self._control.append(frame)
        self._woken.set()

    def signal(self, frame: Eph) -> None:
        """Send news that may as well be dropped."""
        if len(self._signals) >= self._limits.queue_signals:
            SIGNALS.labels(frame.type, "dropped").inc()
            return
        self._signals.append(frame)
        self._woken.set()

    async def run(self, cursor: str | None) -> None:
        """Greet, replay, follow. Raises what `send` raises, and Retryable when NATS is away."""
        feed = await self._begin(cursor)
        while True:
            self._woken.clear()
            await self._flush(feed)
            try:
                batch = await feed.next()
            except Lost as lost:
                feed = await self._begin_anew(lost.reason)
                continue
            if batch is None:
                await self._caught_up(feed)
                await self._woken.wait()
            elif self._too_far(batch):
                feed = await self._begin_anew("cursor_expired")
            else:
                await self._deliver(batch, feed)
                await asyncio.sleep(0)

    async def _begin(self, cursor: str | None) -> Feed:
        if cursor is None:
            return await self._begin_fresh()
        try:
            feed = await self._log.resume(self._workspace, cursor)
        except Lost as lost:
            return await self._begin_anew(lost.reason)
        await self._say(self._ready(feed, resumed=True))
        STARTS.labels("resumed").inc()
        return feed

    async def _begin_fresh(self) -> Feed:
        feed = self._log.fresh(self._workspace)
        self._live = True
        self._waiting_frames = self._waiting_bytes = 0
        await self._say(self._ready(feed, resumed=False))
        STARTS.labels("fresh").inc()
        return feed

    async def _begin_anew(self, reason: ResetReason) -> Feed:
        RESETS.labels(reason).inc()
        await self._say(Reset(reason=reason))
        return await self._begin_fresh()

    def _ready(self, feed: Feed, *, resumed: bool) -> Ready:
        return Ready(
            conn=self._conn,
            hb=round(self._limits.heartbeat_s),
            cursor=str(feed.cursor),
            mode="resumed" if resumed else "fresh",
        )

    async def _caught_up(self, feed: Feed) -> None:
        self._waiting_frames = self._waiting_bytes = 0
        if not self._live:
            self._live = True
            await self._say(Live(cursor=str(feed.cursor)))

    def _too_far(self, batch: Batch) -> bool:
        """Whether the replay has become longer than fetching anew would be."""
        if self._live:
            return False
        self._replayed_events += len(batch.pieces)
        self._replayed_bytes += batch.size
        return (
            self._replayed_events > self._limits.replay_events
            or self._replayed_bytes > self._limits.replay_bytes
        )

    async def _deliver(self, batch: Batch, feed: Feed) -> None:
        """Only the last frame of a batch carries the cursor: with it comes the whole batch."""
        pieces = [piece for piece in batch.pieces if wanted(self.subs, piece)]
        cursor = str(feed.cursor)
        for piece in pieces:
            self._n += 1
            await self._send(piece.frame(self._n, cursor if piece is pieces[-1] else None))
        FRAMES.labels("ev").inc(len(pieces))
        if self._live:
            self._waiting_frames -= len(batch.pieces)
            self._waiting_bytes -= batch.size

    async def _flush(self, feed: Feed) -> None:
        while self._control:
            frame = self._control.popleft()
            if isinstance(frame, Pong):
                frame = Pong(k=frame.k, cursor=str(feed.settle()))
            await self._say(frame)
        while self._signals:
            await self._say(self._signals.popleft())

    async def _say(self, frame: Sent) -> None:
        await self._send(encode(frame))
        FRAMES.labels(frame.t).inc()
