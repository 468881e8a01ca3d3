"""What happens to a webhook's bytes: verified, taken apart, on disk. Called by webhooks.py.

Webhooks that arrive together are taken together, in turns of the event loop: the work of one is
little, and done many times in a row it costs half of what it costs between other things. Nearly
every body is plain, small and whole; a turn publishes those as one. The rest (thousands of items,
items no event can carry, bodies nobody can parse) go step by step, each by itself.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from adapter.bodies import Normalized
from adapter.items import Parsed, Platform
from bus.batching import Batcher
from bus.dead import DeadLetters
from bus.errors import BusError, Overloaded, Permanent, Retryable
from chassis.metrics import count
from chassis.tally import Tally
from contracts.ids import digest
from metagraph.signature import Signatures

DEADLINE_S = 3.0
"""From the read body to the answer."""
SLICE = 250
"""Items normalized before other requests get a turn: some ten milliseconds."""
MAX_LETTERS = 16
"""Quarantined items of one body that get a dead letter each; of more, the whole body gets one."""
MAX_KINDS = 200
"""Unsupported kinds told apart, for their names come from outside: each is logged once and counted
under its name; what comes beyond is counted as OTHER."""
OTHER = "other"

ITEMS = Tally("sluice_webhook_items", "Items of authentic webhooks, repeats included", ())
UNSUPPORTED = Tally("sluice_webhook_unsupported", "Items kept raw, by kind", ("channel", "kind"))
MENDED = Tally("sluice_webhook_mended", "Strings with characters nothing can store", ())

log = structlog.get_logger()


class Refused(Exception):
    """A webhook that gets no 200: `answer` a key of webhooks.ANSWERS, `reason` a counter's word."""

    def __init__(self, answer: str, reason: str = "") -> None:
        super().__init__(answer, reason)
        self.answer = answer
        self.reason = reason


@dataclass(slots=True)
class Webhook:
    """One POST that waits. `done` gets None when all is stored, or what is to go by steps."""

    body: bytes
    signature: str | None
    done: asyncio.Future[Parsed | None]
    normalized: Normalized | None = None
    parsed: Parsed | None = None

    def settle(self, by_steps: Parsed | None = None, error: Exception | None = None) -> None:
        """Tell whoever waits; at a shutdown nobody may any more."""
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(by_steps)


class Intake:
    """`await take(...)` returns when every item of the body is on disk."""

    def __init__(
        self,
        platform: Platform,
        signatures: Signatures,
        batcher: Batcher,
        dead: DeadLetters,
        deadline_s: float = DEADLINE_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._platform = platform
        self._signatures = signatures
        self._batcher = batcher
        self._dead = dead
        self._deadline_s = deadline_s
        self._clock = clock
        self._waiting: deque[Webhook] = deque()
        self._publishing: set[asyncio.Task[None]] = set()
        self._kinds_seen: set[str] = set()

    async def take(self, body: bytes, signature: str | None) -> None:
        """Raises Refused."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._take_turn)
        webhook = Webhook(body, signature, loop.create_future())
        self._waiting.append(webhook)
        by_steps = await webhook.done
        if by_steps is not None:
            await self._by_steps(by_steps, body)

    def _take_turn(self) -> None:
        """Those that wait, up to SLICE items; the rest in the next turn."""
        now = self._clock()
        plain: list[Webhook] = []
        items = 0
        while self._waiting and items < SLICE:
            webhook = self._waiting.popleft()
            try:
                items += self._read(webhook, now)
            except Exception as error:  # noqa: BLE001 # a turn's rim: no neighbour may wait for ever
                webhook.settle(error=error)
            else:
                if webhook.normalized is not None:
                    plain.append(webhook)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._take_turn)
        if plain:
            task = asyncio.create_task(self._publish_turn(plain))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    def _read(self, webhook: Webhook, now: datetime) -> int:
        """Verify, parse, and normalize what is plain; how many items. Raises Refused."""
        verdict = self._signatures.verify(webhook.body, webhook.signature)
        if not verdict:
            raise Refused("unsigned", verdict.value)
        parsed = webhook.parsed = self._platform.parse(webhook.body)
        items = len(parsed.items) or 1
        ITEMS.add((), items)
        if parsed.mended:
            MENDED.add((), parsed.mended)
        if parsed.refused is None and items <= SLICE:
            normalized = Normalized(self._platform).take(parsed.items, now)
            if not normalized.quarantined:
                webhook.normalized = normalized
                return items
        webhook.settle(parsed)
        return items

    async def _publish_turn(self, webhooks: list[Webhook]) -> None:
        """The events of a turn as one; the batcher's deadline is the only one they need."""
        events: dict[str, list[bytes]] = {}
        for webhook in webhooks:
            for subject, theirs in _of(webhook).events.items():
                events.setdefault(subject, []).extend(theirs)
        try:
            await self._store(events)
        except Permanent:  # one of them is at fault: each for itself
            for webhook in webhooks:
                webhook.settle(webhook.parsed)
        except BaseException as error:
            for webhook in webhooks:
                items = sum(_of(webhook).outcomes.values())
                webhook.settle(error=_counted(error, items))
            if not isinstance(error, BusError):
                raise
        else:
            for webhook in webhooks:
                self._count(_of(webhook))
                webhook.settle()

    async def _store(self, events: dict[str, list[bytes]]) -> None:
        """Raises what the batcher raises; of several subjects the first trouble."""
        for subject, theirs in events.items():
            await self._batcher.publish(subject, theirs)

    async def _by_steps(self, parsed: Parsed, body: bytes) -> None:
        """Within a deadline. Raises Refused."""
        try:
            async with asyncio.timeout(self._deadline_s):
                if parsed.refused is not None:
                    await self._bury(parsed.refused, body)
                    count("receive", "quarantined", parsed.refused)
                    return
                normalized = await self._normalize(parsed)
                # Events first: a repeat of them is recognized by everybody, of a letter by few.
                await self._publish(normalized, body)
                await self._bury_items(normalized, body)
        except (Retryable, TimeoutError) as error:
            raise _counted(error, len(parsed.items) or 1) from None

    async def _normalize(self, parsed: Parsed) -> Normalized:
        now = self._clock()
        normalized = Normalized(self._platform)
        for start in range(0, len(parsed.items), SLICE):
            if start:
                await asyncio.sleep(0)
            normalized.take(parsed.items[start : start + SLICE], now)
        return normalized

    async def _publish(self, normalized: Normalized, body: bytes) -> None:
        try:
            await self._store(normalized.events)
        except Permanent:
            log.exception("webhook_unpublishable")
            await self._bury("unpublishable", body)
            count("receive", "quarantined", "unpublishable", sum(normalized.outcomes.values()))
        else:
            self._count(normalized)

    async def _bury_items(self, normalized: Normalized, body: bytes) -> None:
        letters = dict.fromkeys((q.reason, q.body or body) for q in normalized.quarantined)
        if len(letters) > MAX_LETTERS:
            letters = dict.fromkeys([("quarantined", body)])
        for reason, letter in letters:
            await self._bury(reason, letter)

    async def _bury(self, reason: str, body: bytes) -> None:
        await self._dead.put(
            reason,
            body,
            detail="an authentic webhook, or an item of one, that no event can carry",
            subject="",
            channel=self._platform.name,
            shape="message",
            message_id=f"{self._platform.name}:{reason}:{digest(body)}",
        )

    def _count(self, normalized: Normalized) -> None:
        """By outcome; new kinds once a process, so that somebody learns what Meta began to send."""
        for (outcome, reason), items in normalized.outcomes.items():
            count("receive", outcome, reason, items)
        for (channel, kind), items in normalized.unsupported.items():
            UNSUPPORTED.add((channel, self._told_apart(kind)), items)
        for bug in normalized.bugs[:1]:
            log.error("normalizer_failed", items=len(normalized.bugs), exc_info=bug)

    def _told_apart(self, kind: str) -> str:
        """The kind's name as a label, while there are few enough."""
        if kind in self._kinds_seen:
            return kind
        if len(self._kinds_seen) >= MAX_KINDS:
            return OTHER
        self._kinds_seen.add(kind)
        log.info("unsupported_kind_seen", kind=kind)
        return kind


def _of(webhook: Webhook) -> Normalized:
    if webhook.normalized is None:
        raise LookupError("only plain webhooks are published by turns")
    return webhook.normalized


def _counted(error: BaseException, items: int) -> Refused:
    """What an error of the bus means to Meta; the items that were not stored are counted."""
    match error:
        case Overloaded():
            refused = Refused("busy", "overloaded")
        case Retryable():
            refused = Refused("not_durable", type(error).__name__.lower())
        case TimeoutError():
            refused = Refused("late", "late")
        case _:
            refused = Refused("failed", type(error).__name__.lower())
    count("receive", "refused", refused.reason, items)
    return refused
