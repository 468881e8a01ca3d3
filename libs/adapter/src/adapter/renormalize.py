"""Handles Normalize: an item that was kept raw is tried again with the table of today.

Run by bus.commanding.CommandConsumer over the consumer `<type>-normalize`. inbox-core asks when a
process announces a table that understands more than the one the item met. The answer is an event
of the same id, marked as renormalized, whatever is made of it: still unsupported it carries the
new table's number, so that inbox-core does not ask again before the next.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog

from adapter.bodies import Normalized
from adapter.fields import mapping
from adapter.items import Item, Platform
from adapter.loading import load
from bus.commanding import Done, Verdict
from bus.ports import Delivered
from chassis.metrics import count
from contracts.commands import NormalizeCommand

AT_ONCE = 16
STAGE = "renormalize"

log = structlog.get_logger()


class NormalizeHandler:
    """`publish(channel, event)` takes an encoded event to the subject of its channel type."""

    def __init__(
        self, platform: Platform, publish: Callable[[str, bytes], Awaitable[None]]
    ) -> None:
        self._platform = platform
        self._publish = publish

    async def handle(self, command: NormalizeCommand, message: Delivered) -> Verdict:  # noqa: ARG002 - a handler's shape
        """Done when the event is durable, or none can be made. Raises what `publish` raises."""
        if command.channel not in self._platform.kinds:
            count(STAGE, "dropped", "no_table")
            return Done()
        try:
            item = _item(command)
        except (ValueError, RecursionError):
            count(STAGE, "dropped", "malformed")
            return Done()
        normalized = Normalized(self._platform).take([item], command.data.received_at)
        for bug in normalized.bugs:
            log.error("normalizer_failed", exc_info=bug)
        for events in normalized.events.values():
            for event in events:
                await self._publish(command.channel, _marked(event, command.data.event_id))
        for (outcome, reason), items in normalized.outcomes.items():
            count(STAGE, outcome, reason, items)
        return Done()


def _item(command: NormalizeCommand) -> Item:
    """The item as Kinds.unsupported wrote it down. Raises ValueError, RecursionError."""
    data = command.data
    body, _ = load(data.raw.encode())
    around: dict[str, Any] = mapping(load(data.beside.encode())[0]) if data.beside else {}
    return Item(
        kind=data.kind,
        account=command.account,
        body=body,
        beside=around.get("beside"),
        entry_time=around.get("entry_time"),
        channel=command.channel,
    )


def _marked(event: bytes, event_id: str) -> bytes:
    """The event under the id of the one it replaces."""
    return orjson.dumps({**orjson.loads(event), "id": event_id, "renormalized": True})
