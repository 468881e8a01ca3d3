"""INBOUND's reader: batches of events to the use case, its verdicts back to the consumer loop.

Built by main() in the role `worker` and run by bus.consumer.EventConsumer.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from prometheus_client import Counter

from bus.consumer import Received, Refusal
from bus.errors import Retryable
from inbox_core.app.ports import Store
from inbox_core.app.receive import receive

EVENTS = Counter("sluice_inbox_events_total", "Events taken from INBOUND", ["outcome"])

UNKNOWN_CHANNEL = "unknown_channel"


class InboundHandler:
    """`is_transient` tells errors of the database that may pass from those of an event."""

    def __init__(self, store: Store, is_transient: Callable[[BaseException], bool]) -> None:
        self._store = store
        self._is_transient = is_transient

    async def handle(self, received: Sequence[Received]) -> Sequence[Refusal]:
        """Store the batch in one transaction; what belongs to no channel is refused."""
        events = [item.event for item in received]
        try:
            result = await receive(self._store, events, datetime.now(UTC))
        except Exception as error:
            # The rim of the consumer: the same table of codes decides for every statement.
            if self._is_transient(error):
                raise Retryable(f"database: {type(error).__name__}", delay_s=0.2) from error
            raise
        for outcome, count in result.outcomes.items():
            EVENTS.labels(outcome).inc(count)
        EVENTS.labels(UNKNOWN_CHANNEL).inc(len(result.unknown_channel))
        return [
            Refusal(received[index], UNKNOWN_CHANNEL, "no channel has this account")
            for index in result.unknown_channel
        ]
