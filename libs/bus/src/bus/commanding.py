"""The loop that reads commands: each alone, many at once, each acknowledged by itself.

Adapters run it over OUTBOUND. The handler answers Done (acknowledge) or Later (give back with a
delay); what it raises unforeseen is tried again a few times and then laid down as a dead letter.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import structlog

from bus.cause import cause
from bus.dead import DeadLetters, Shape
from bus.errors import Retryable
from bus.holding import Stopping, holding, pause_s, renew_every_s, sleep_or_stop
from bus.outcomes import LAG, OUTCOMES
from bus.ports import Bus, Delivered, Subscription
from contracts import batch
from contracts.commands import CommandEnvelope

IDLE_WAIT_S = 0.5
FAILURES_REMEMBERED = 4096


@dataclass(frozen=True)
class Done:
    """Acknowledge: there is nothing left to do."""


@dataclass(frozen=True)
class Later:
    """Not done, and certainly nothing happened: deliver it again, not before `delay_s`."""

    delay_s: float


Verdict = Done | Later
C = TypeVar("C", bound=CommandEnvelope)
Handle = Callable[[C, Delivered], Awaitable[Verdict]]

log = structlog.get_logger("bus")


class CommandConsumer(Generic[C]):
    """At most `at_once` commands in hand; each is signalled as worked on while its handler runs.

    `kind` is the one model this consumer's subject carries; another is a dead letter.
    """

    def __init__(
        self,
        bus: Bus,
        consumer: str,
        kind: type[C],
        handle: Handle[C],
        dead: DeadLetters,
        *,
        at_once: int = 64,
        max_failures: int = 5,
    ) -> None:
        self._bus = bus
        self._name = consumer
        self._kind = kind
        self._handle = handle
        self._dead = dead
        self._free = asyncio.Semaphore(at_once)
        self._max_failures = max_failures
        # Unforeseen failures by stream sequence: deliveries also count what Later gave back.
        self._failures: OrderedDict[int, int] = OrderedDict()
        self._renew_s = renew_every_s(consumer)
        self._stopping = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Raises Unavailable when the bus is closed."""
        self._stopping.clear()
        self._subscription = await self._bus.subscribe(self._name)
        self._reader = asyncio.create_task(
            self._read(self._subscription), name=f"{self._name} reader"
        )

    async def stop(self, deadline_s: float = 20.0) -> None:
        """Take no more; a command still in hand at the deadline goes back."""
        self._stopping.set()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=deadline_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._subscription is not None:
            await self._subscription.close()

    async def _read(self, subscription: Subscription) -> None:
        while True:
            await self._free.acquire()
            taken = await self._next(subscription)
            if taken is None:
                self._free.release()
                continue
            task = asyncio.create_task(self._settle(subscription, taken))
            self._in_hand.add(task)
            task.add_done_callback(self._put_down)

    async def _next(self, subscription: Subscription) -> Delivered | None:
        for message in await subscription.next(1, IDLE_WAIT_S):
            lag = (datetime.now(UTC) - message.at).total_seconds()
            LAG.labels(self._name).observe(max(0.0, lag))
            return message
        return None

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self._free.release()

    async def _settle(self, subscription: Subscription, message: Delivered) -> None:
        """One command from taken to acknowledged or given back."""
        try:
            async with holding(subscription, (message,), self._renew_s):
                verdict = await self._verdict(message)
        except Stopping:
            verdict = Later(0)
        except asyncio.CancelledError:
            await subscription.nak(message)
            raise
        if isinstance(verdict, Later):
            OUTCOMES.labels(self._name, "returned", "").inc()
            await subscription.nak(message, verdict.delay_s)
        else:
            await subscription.ack(message)

    async def _verdict(self, message: Delivered) -> Verdict:
        try:
            command = self._command(message)
        except batch.NotReadable as error:
            return await self._bury(message, "malformed", message.body, str(error))
        try:
            verdict = await self._handle(command, message)
        except Retryable as error:
            OUTCOMES.labels(self._name, "retried", type(error).__name__).inc()
            return Later(error.delay_s)
        except Exception as error:  # noqa: BLE001 # the handler's rim: one costs no other
            log.warning(
                "command_failed", consumer=self._name, command=command.id, cause=cause(error)
            )
            return await self._failed(command, message, error)
        self._failures.pop(message.sequence, None)
        if isinstance(verdict, Done):
            OUTCOMES.labels(self._name, "handled", "").inc()
        return verdict

    async def _failed(self, command: C, message: Delivered, error: Exception) -> Verdict:
        failures = self._failures.pop(message.sequence, 0) + 1
        if failures < self._max_failures:
            self._failures[message.sequence] = failures
            if len(self._failures) > FAILURES_REMEMBERED:
                self._failures.popitem(last=False)
            return Later(pause_s(failures))
        item = batch.item_bytes(batch.unpack(message.body)[0])
        return await self._bury(message, "poison", item, cause(error), command=command)

    async def _bury(
        self,
        message: Delivered,
        reason: str,
        body: bytes,
        detail: str,
        *,
        command: C | None = None,
    ) -> Verdict:
        """Lay down a dead letter, however long it takes. Raises Stopping."""
        shape: Shape = "message" if command is None else "event"
        attempt = 0
        while True:
            try:
                await self._dead.put(
                    reason,
                    body,
                    detail=detail,
                    subject=message.subject,
                    event_id=command.id if command else None,
                    channel=command.channel if command else None,
                    account=command.account if command else None,
                    sequence=message.sequence,
                    deliveries=message.deliveries,
                    shape=shape,
                )
            except Retryable as error:
                log.warning("dead_letter_waits", consumer=self._name, why=str(error))
                await sleep_or_stop(self._stopping, pause_s(attempt, error.delay_s))
                attempt += 1
            else:
                return Done()

    def _command(self, message: Delivered) -> C:
        """A command travels alone, in a batch of one. Raises NotReadable."""
        items = batch.unpack(message.body)
        if len(items) != 1:
            raise batch.NotReadable(f"a command travels alone, here are {len(items)}")
        command = batch.decode_command(items[0])
        if not isinstance(command, self._kind):
            raise batch.NotReadable(f"a {type(command).__name__} is none of this consumer's")
        return command
