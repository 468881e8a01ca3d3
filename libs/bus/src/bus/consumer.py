"""The loop that reads events: gather, decode, handle, lay the refused down, acknowledge.

inbox-core's worker runs it over INBOUND. Three verdicts on what a handler raises: Retryable repeats
the same batch for as long as it takes; anything else is searched for the one event that causes it;
that event, failing alone twice, becomes a dead letter and the rest goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import structlog

from bus.cause import cause
from bus.dead import DeadLetters, Shape
from bus.errors import Retryable
from bus.holding import Stopping, holding, pause_s, renew_every_s, sleep_or_stop
from bus.outcomes import LAG, OUTCOMES
from bus.ports import Bus, Delivered, Subscription
from contracts import batch
from contracts.events import Event

ENOUGH_EVENTS = 100
ENOUGH_BYTES = 4 * 1024 * 1024
"""A batch is gathered until one of these, or until nothing waits."""
IDLE_WAIT_S = 0.5
ATTEMPTS_ALONE = 2

log = structlog.get_logger("bus")


@dataclass(frozen=True)
class Received:
    """An event as it came. `item` is its JSON value, unknown fields included."""

    event: Event
    item: Any
    message: Delivered

    @cached_property
    def body(self) -> bytes:
        """The event's own JSON, for a dead letter."""
        return batch.item_bytes(self.item)

    @property
    def subject(self) -> str:
        return self.message.subject

    @property
    def sequence(self) -> int:
        """Of the message in its stream; the events of one message share it."""
        return self.message.sequence

    @property
    def stored_at(self) -> datetime:
        return self.message.at


@dataclass(frozen=True)
class Refusal:
    """The handler's word that an event can never be used. `reason` is a slug."""

    received: Received
    reason: str
    detail: str


Handle = Callable[[Sequence[Received]], Awaitable[Sequence[Refusal]]]


class EventConsumer:
    """Runs `workers` loops over one durable consumer; `handle` is called by each by itself.

    `handle` answers with what it refuses; everything else counts as done. A message is
    acknowledged when all its events are done or dead, so none is lost by a crash, and one may be
    handled again: `handle` has to be idempotent.
    """

    def __init__(
        self,
        bus: Bus,
        consumer: str,
        handle: Handle,
        dead: DeadLetters,
        *,
        workers: int = 2,
        enough_events: int = ENOUGH_EVENTS,
    ) -> None:
        self._bus = bus
        self._name = consumer
        self._handle = handle
        self._dead = dead
        self._count = workers
        self._enough = enough_events
        self._renew_s = renew_every_s(consumer)
        self._stopping = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Raises Unavailable when the bus is closed."""
        self._stopping.clear()
        subscription = await self._bus.subscribe(self._name)
        self._subscription = subscription
        self._workers = [
            asyncio.create_task(self._work(subscription), name=f"{self._name} worker {number}")
            for number in range(self._count)
        ]

    async def stop(self, deadline_s: float = 10.0) -> None:
        """Finish the batches in hand; what cannot be finished by the deadline goes back."""
        self._stopping.set()
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=deadline_s)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
        if self._subscription is not None:
            await self._subscription.close()

    async def _work(self, subscription: Subscription) -> None:
        while not self._stopping.is_set():
            messages = await self._gather(subscription)
            if not messages:
                continue
            try:
                async with holding(subscription, messages, self._renew_s):
                    await self._settle_messages(messages)
            except Stopping:
                await self._give_back(subscription, messages)
            except asyncio.CancelledError:
                await self._give_back(subscription, messages)
                raise
            except Exception as error:  # noqa: BLE001 # the loop's rim: they go back, it goes on
                log.warning("consumer_failed", consumer=self._name, cause=cause(error))
                await self._give_back(subscription, messages)
                await asyncio.sleep(IDLE_WAIT_S)
            else:
                for message in messages:
                    await subscription.ack(message)

    async def _gather(self, subscription: Subscription) -> Sequence[Delivered]:
        """Messages of enough events, or those that are here. A message is never split."""
        messages = list(await subscription.next(1, IDLE_WAIT_S))
        events = size = 0
        for message in messages:
            events += _count(message)
            size += len(message.body)
            if events < self._enough and size < ENOUGH_BYTES:
                messages.extend(await subscription.next(1, 0))
        now = datetime.now(UTC)
        for message in messages:
            LAG.labels(self._name).observe(max(0.0, (now - message.at).total_seconds()))
        return messages

    async def _give_back(self, subscription: Subscription, messages: Sequence[Delivered]) -> None:
        for message in messages:
            await subscription.nak(message)
        OUTCOMES.labels(self._name, "returned", "").inc(len(messages))

    async def _settle_messages(self, messages: Sequence[Delivered]) -> None:
        received: list[Received] = []
        for message in messages:
            received.extend(await self._decode(message))
        if received:
            await self._settle(received)

    async def _decode(self, message: Delivered) -> list[Received]:
        """The message's events; one that cannot be read costs none of its neighbours."""
        try:
            items = batch.unpack(message.body)
        except batch.NotReadable as error:
            await self._bury(message, "malformed", message.body, str(error), shape="message")
            return []
        received: list[Received] = []
        for item in items:
            try:
                event = batch.decode_event(item)
            except batch.NotReadable as error:
                await self._bury(message, "malformed", batch.item_bytes(item), str(error))
            else:
                received.append(Received(event, item, message))
        return received

    async def _settle(self, received: Sequence[Received]) -> None:
        """Handle a batch; halve it when it fails for a reason of its own. Raises Stopping."""
        for attempt in range(1, ATTEMPTS_ALONE + 1):
            try:
                refusals = await self._handle_patiently(received)
            except Stopping:
                raise
            except Exception as error:  # noqa: BLE001 # the handler's rim, searched below
                log.warning(
                    "consumer_batch_failed",
                    consumer=self._name,
                    events=len(received),
                    attempt=attempt,
                    cause=cause(error),
                )
                if len(received) > 1:
                    middle = len(received) // 2
                    await self._settle(received[:middle])
                    await self._settle(received[middle:])
                    return
                if attempt == ATTEMPTS_ALONE:
                    await self._bury_event(received[0], "poison", cause(error))
            else:
                OUTCOMES.labels(self._name, "handled", "").inc(len(received) - len(refusals))
                for refusal in refusals:
                    await self._bury_event(refusal.received, refusal.reason, refusal.detail)
                return

    async def _handle_patiently(self, received: Sequence[Received]) -> Sequence[Refusal]:
        """Call the handler until it is not the infrastructure that fails. Raises Stopping."""
        attempt = 0
        while True:
            try:
                return await self._handle(received)
            except Retryable as error:
                OUTCOMES.labels(self._name, "retried", type(error).__name__).inc(len(received))
                log.warning("consumer_retries", consumer=self._name, why=str(error))
                await sleep_or_stop(self._stopping, pause_s(attempt, error.delay_s))
                attempt += 1

    async def _bury_event(self, received: Received, reason: str, detail: str) -> None:
        event = received.event
        await self._bury(
            received.message,
            reason,
            received.body,
            detail,
            event_id=event.id,
            channel=event.channel,
            account=event.account,
        )

    async def _bury(
        self,
        message: Delivered,
        reason: str,
        body: bytes,
        detail: str,
        *,
        event_id: str | None = None,
        channel: str | None = None,
        account: str | None = None,
        shape: Shape = "event",
    ) -> None:
        """Lay down a dead letter, however long it takes: until it is on disk nothing goes on."""
        attempt = 0
        while True:
            try:
                await self._dead.put(
                    reason,
                    body,
                    detail=detail,
                    subject=message.subject,
                    event_id=event_id,
                    channel=channel,
                    account=account,
                    sequence=message.sequence,
                    deliveries=message.deliveries,
                    shape=shape,
                )
            except Retryable as error:
                log.warning("dead_letter_waits", consumer=self._name, why=str(error))
                await sleep_or_stop(self._stopping, pause_s(attempt, error.delay_s))
                attempt += 1
            else:
                return


def _count(message: Delivered) -> int:
    """Events in a message, guessed without parsing: every event names its specversion."""
    return max(1, message.body.count(b'"specversion"'))
