"""Natural batching: many webhooks, one message on disk (docs/adr/0001).

Adapters publish through it. What concurrent callers have queued goes out as one CloudEvents batch,
at most `in_flight` at once; there is no timer: while a publish travels the next pack fills itself,
so one caller waits for nobody and a thousand share a few disk syncs.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence

import structlog
from prometheus_client import Counter, Gauge, Histogram

from bus.cause import cause
from bus.errors import Ambiguous, BusError, Overloaded, Retryable, Unavailable
from bus.ports import Publisher
from contracts import batch

QUEUED = Gauge("sluice_batch_queued_events", "Events that wait to be packed into a message.")
PACKED = Histogram(
    "sluice_batch_packed_events",
    "Events in one published message.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
PUBLISHED = Counter(
    "sluice_batch_events_total",
    "Events by what became of their publish.",
    ["outcome"],
)

OVERLOADED_DELAY_S = 5.0
"""What a platform is asked to wait when the queue is full."""
LAST_MOMENT_S = 0.1
"""A publish is given at least so long, however long its events have waited."""

log = structlog.get_logger("bus")


class _Call:
    """One `publish`: its events, how many are still to be taken, how many to be stored."""

    __slots__ = ("at", "events", "failed", "future", "left", "taken")

    def __init__(self, events: Sequence[bytes], future: asyncio.Future[None], at: float) -> None:
        self.events = events
        self.future = future
        self.at = at
        self.taken = 0
        self.left = len(events)
        self.failed = False

    def stored(self, count: int) -> None:
        self.left -= count
        if self.left == 0 and not self.failed and not self.future.done():
            self.future.set_result(None)

    def refused(self, error: BusError) -> None:
        """The caller learns it once; the events not yet taken are not published any more."""
        self.failed = True
        if not self.future.done():
            partly = self.left < len(self.events)
            self.future.set_exception(Ambiguous(str(error)) if partly else _copy(error))


class _Pack:
    """One message in the making."""

    __slots__ = ("events", "shares", "since", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.events: list[bytes] = []
        self.shares: list[tuple[_Call, int]] = []
        self.since = 0.0


class Batcher:
    """`await publish(...)` returns when every event given to it is on disk."""

    def __init__(
        self,
        publisher: Publisher,
        *,
        max_events: int = batch.MAX_EVENTS,
        max_bytes: int = batch.MAX_BYTES,
        in_flight: int = 2,
        queue_events: int = 2000,
        queue_bytes: int = 8 * 1024 * 1024,
        deadline_s: float = 3.0,
    ) -> None:
        self._publisher = publisher
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._in_flight = in_flight
        self._queue_events = queue_events
        self._queue_bytes = queue_bytes
        self._deadline_s = deadline_s
        # One queue a subject, in the order their turn comes: a message has one subject.
        self._queues: OrderedDict[str, deque[_Call]] = OrderedDict()
        self._events = 0
        self._bytes = 0
        self._sending: set[asyncio.Task[None]] = set()
        self._pump_is_due = False
        self._accepting = False
        self._over = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        self._accepting, self._over = True, False

    async def stop(self, deadline_s: float = 5.0) -> None:
        """Take no more, publish what is queued; what is left at the deadline fails Unavailable."""
        self._accepting = False
        try:
            async with asyncio.timeout(deadline_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("batcher_stopped_with_events", queued=self._events)
        self._over = True
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        for queue in self._queues.values():
            for call in queue:
                call.refused(Unavailable("shutting down"))
        self._queues.clear()
        self._note(-self._events, -self._bytes)
        self._idle.set()

    @property
    def queued(self) -> int:
        """Events that wait."""
        return self._events

    async def publish(self, subject: str, events: Sequence[bytes]) -> None:
        """Returns when every event is durable.

        Admitted while the queue is below its bound, and then taken whole. Raises Overloaded or
        Unavailable (nothing stored), Ambiguous (some may be stored), TooLarge. Cancelling the
        caller does not cancel the publish.
        """
        if not events:
            return
        if not self._accepting:
            raise Unavailable("the batcher is not running")
        if self._events >= self._queue_events or self._bytes >= self._queue_bytes:
            PUBLISHED.labels("overloaded").inc(len(events))
            raise Overloaded("the publish queue is full", OVERLOADED_DELAY_S)
        loop = asyncio.get_running_loop()
        call = _Call(events, loop.create_future(), time.monotonic())
        queue = self._queues.get(subject)
        if queue is None:
            queue = self._queues[subject] = deque()
        queue.append(call)
        self._events += len(events)
        self._bytes += sum(map(len, events))
        if not self._pump_is_due and len(self._sending) < self._in_flight:
            # At the end of this turn of the loop: handlers that woke together travel together.
            self._pump_is_due = True
            self._idle.clear()
            loop.call_soon(self._pump)
        await call.future

    def _pump(self) -> None:
        """Send packs while a place is free and something waits."""
        self._pump_is_due = False
        now = time.monotonic()
        while self._queues and len(self._sending) < self._in_flight and not self._over:
            subject, queue = self._queues.popitem(last=False)
            pack = self._fill(subject, queue, now)
            if queue:
                self._queues[subject] = queue
            if pack.events:
                task = asyncio.create_task(self._send(pack, now))
                self._sending.add(task)
                task.add_done_callback(self._sent)
        QUEUED.set(self._events)
        if not self._sending and not self._queues:
            self._idle.set()

    def _fill(self, subject: str, queue: deque[_Call], now: float) -> _Pack:
        """Take events from the front, up to the bounds; one event is always taken."""
        pack, size = _Pack(subject), 0
        while queue and len(pack.events) < self._max_events:
            call = queue[0]
            if now - call.at > self._deadline_s and not call.failed:
                call.refused(Overloaded("waited too long in the publish queue"))
            first = call.taken
            while not call.failed and call.taken < len(call.events):
                event = call.events[call.taken]
                full = len(pack.events) >= self._max_events or size + len(event) > self._max_bytes
                if full and pack.events:
                    break
                pack.events.append(event)
                size += len(event) + 1
                call.taken += 1
            if call.taken > first:
                pack.since = pack.since or call.at
                pack.shares.append((call, call.taken - first))
            if call.failed:
                self._forget(call)
            elif call.taken < len(call.events):
                break
            queue.popleft()
        self._note(-len(pack.events), -sum(map(len, pack.events)))
        return pack

    def _forget(self, call: _Call) -> None:
        rest = call.events[call.taken :]
        PUBLISHED.labels("not_sent").inc(len(rest))
        call.taken = len(call.events)
        self._note(-len(rest), -sum(map(len, rest)))

    def _note(self, events: int, size: int) -> None:
        self._events += events
        self._bytes += size

    async def _send(self, pack: _Pack, now: float) -> None:
        count = len(pack.events)
        left = max(self._deadline_s - (now - pack.since), LAST_MOMENT_S)
        try:
            # The publisher answers by `left`; should one ever not, nobody waits for it much longer.
            async with asyncio.timeout(left + LAST_MOMENT_S):
                await self._publisher.publish(pack.subject, batch.pack(pack.events), timeout_s=left)
        except TimeoutError:
            self._refuse(pack, Ambiguous("the publisher did not answer in time"))
        except BusError as error:
            self._refuse(pack, error)
        except asyncio.CancelledError:
            self._refuse(pack, Ambiguous("shut down while publishing"))
            raise
        except Exception as error:  # noqa: BLE001 # a task's rim: its callers must hear of it
            log.warning("publish_failed", cause=cause(error))
            self._refuse(pack, Ambiguous(f"publish failed: {type(error).__name__}"))
        else:
            PACKED.observe(count)
            PUBLISHED.labels("stored").inc(count)
            for call, share in pack.shares:
                call.stored(share)

    def _refuse(self, pack: _Pack, error: BusError) -> None:
        PUBLISHED.labels(type(error).__name__.lower()).inc(len(pack.events))
        for call, _ in pack.shares:
            call.refused(error)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not self._pump_is_due:
            self._pump()


def _copy(error: BusError) -> BusError:
    """One instance a waiter: an exception raised in many tasks would gather all their traces."""
    if isinstance(error, Retryable):
        return type(error)(str(error), error.delay_s)
    return type(error)(str(error))
