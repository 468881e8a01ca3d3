"""Introduces a visitor who said who they are: a contact event, so that the team sees the name.

Only of visitors who have a conversation already; with the next message the names travel anyway,
so this is done as well as it can be and never stands in the way.
"""

from datetime import UTC, datetime

import structlog
from pydantic import ValidationError

from bus.batching import Batcher
from bus.errors import BusError
from bus.ports import Bus
from chassis.metrics import count
from contracts import subjects
from contracts.events import ContactEvent, ContactUpdate, source
from contracts.ids import event_id
from contracts.parts import Alias, Contact
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryRequest
from widget_gateway.site.channels import CHANNEL, Channel
from widget_gateway.visitor import VISITOR, Visitor

REASON = "identified"

log = structlog.get_logger()


class Introduction:
    """`batcher` is the process' own."""

    def __init__(self, bus: Bus, batcher: Batcher) -> None:
        self._bus = bus
        self._batcher = batcher

    async def __call__(self, channel: Channel, visitor: Visitor) -> None:
        """Never raises for a bus that is away."""
        try:
            if not await self._has_written(channel, visitor):
                count("introduce", "skipped", "no_conversation")
                return
            event = _event(channel, visitor)
            await self._batcher.publish(
                subjects.inbound(CHANNEL), [event.model_dump_json(exclude_none=True).encode()]
            )
        except (BusError, ValidationError) as error:
            count("introduce", "skipped", type(error).__name__)
            log.warning("introduction_skipped", why=type(error).__name__)
        else:
            count("introduce", "published")

    async def _has_written(self, channel: Channel, visitor: Visitor) -> bool:
        """Whether the browser's own id has a conversation, before it had another name."""
        asked = HistoryRequest(
            type=CHANNEL,
            account=channel.account,
            aliases=(Alias(kind=VISITOR, value=visitor.id),),
            limit=1,
        )
        raw = await self._bus.ask(
            subjects.VISITOR_HISTORY, asked.model_dump_json().encode(), DEADLINE_S
        )
        answer = HistoryAnswer.model_validate_json(raw)
        return bool(answer.threads) and not answer.blocked


def _event(channel: Channel, visitor: Visitor) -> ContactEvent:
    return ContactEvent(
        id=event_id(CHANNEL, channel.account, "identified", f"{visitor.id}:{visitor.session}"),
        source=source(CHANNEL, channel.account),
        time=datetime.fromtimestamp(visitor.issued_at, UTC),
        channel=CHANNEL,
        account=channel.account,
        data=ContactUpdate(
            contact=Contact(
                aliases=visitor.aliases,
                name=visitor.name,
                email=visitor.email,
                email_proven=True if visitor.email else None,
            ),
            reason=REASON,
        ),
    )
