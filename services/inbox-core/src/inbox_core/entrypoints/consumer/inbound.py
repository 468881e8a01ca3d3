"""INBOUND's reader: batches of events to the use case, its verdicts back to the consumer loop.

Built by main() in the role `worker` and run by bus.consumer.EventConsumer.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from prometheus_client import Counter

from bus.consumer import Received, Refusal
from bus.errors import Retryable
from contracts.events import Event
from inbox_core.app.health_book import HealthBook
from inbox_core.app.ports import Store
from inbox_core.app.receive import Received as Stored
from inbox_core.app.receive import receive

EVENTS = Counter("sluice_inbox_events_total", "Events taken from INBOUND", ["outcome"])

UNKNOWN_CHANNEL = "unknown_channel"
RACES = 10
RACE_PAUSE_S = 0.05


class InboundHandler:
    """`is_transient` tells errors of the database that may pass from those of an event.

    `is_race` tells those that pass at once from outages. A race that does not pass is no race: it
    is raised, and the consumer looks for the event that causes it.
    """

    def __init__(
        self,
        store: Store,
        is_transient: Callable[[BaseException], bool],
        is_race: Callable[[BaseException], bool],
        book: HealthBook,
    ) -> None:
        self._store = store
        self._book = book
        self._is_transient = is_transient
        self._is_race = is_race

    async def handle(self, received: Sequence[Received]) -> Sequence[Refusal]:
        """Store the batch in one transaction; what belongs to no channel is refused."""
        result = await self._receive([item.event for item in received])
        for outcome, count in result.outcomes.items():
            EVENTS.labels(outcome).inc(count)
        EVENTS.labels(UNKNOWN_CHANNEL).inc(len(result.unknown_channel))
        self._book.note(result.seen, result.failures, datetime.now(UTC))
        return [
            Refusal(received[index], UNKNOWN_CHANNEL, "no channel has this account")
            for index in result.unknown_channel
        ]

    async def _receive(self, events: Sequence[Event]) -> Stored:
        attempt = 1
        while True:
            try:
                return await receive(self._store, events, datetime.now(UTC))
            except Exception as error:
                # The rim of the consumer: one table of codes decides for every statement.
                if self._is_race(error) and attempt < RACES:
                    EVENTS.labels("raced").inc(len(events))
                    await asyncio.sleep(random.uniform(0, RACE_PAUSE_S * attempt))  # noqa: S311 - spreads repeats
                    attempt += 1
                elif self._is_transient(error) and not self._is_race(error):
                    raise Retryable(f"database: {type(error).__name__}", delay_s=0.2) from error
                else:
                    raise
