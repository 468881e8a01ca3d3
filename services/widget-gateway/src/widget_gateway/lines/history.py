"""Asks inbox-core what a visitor may see of their own conversations (contracts.rpc). One a process.

However many lines ask at once, for instance after an outage, inbox-core hears a bounded number.
"""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import structlog
from pydantic import ValidationError

from bus.errors import Ambiguous, Overloaded, Retryable, Unavailable
from bus.ports import Bus
from contracts import subjects
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryRequest
from widget_gateway.lines.metrics import PULLS
from widget_gateway.site.channels import CHANNEL, Channel
from widget_gateway.visitor import Visitor

AT_ONCE = 64
"""Questions in flight."""
PAGE = 50
"""Messages of one answer at the most."""

log = structlog.get_logger()


class Histories:
    """`news`: what follows the cursors. `older`: what stands before a place. `heads`: threads."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def news(
        self, channel: Channel, visitor: Visitor, cursors: Mapping[UUID, int]
    ) -> HistoryAnswer:
        """Raises Retryable."""
        return await self._ask(_question(channel, visitor, after=dict(cursors), limit=PAGE))

    async def older(
        self, channel: Channel, visitor: Visitor, conversation: UUID, seq: int
    ) -> HistoryAnswer:
        """Raises Retryable."""
        before = conversation, seq
        return await self._ask(_question(channel, visitor, before=before, limit=PAGE))

    async def heads(self, channel: Channel, visitor: Visitor) -> HistoryAnswer:
        """Raises Retryable."""
        return await self._ask(_question(channel, visitor, limit=1))

    async def _ask(self, question: HistoryRequest) -> HistoryAnswer:
        try:
            answer = HistoryAnswer.model_validate_json(await self._asked(question))
        except Retryable as error:
            PULLS.add((type(error).__name__.lower(),))
            raise
        except ValidationError as error:
            PULLS.add(("unreadable",))
            log.warning("history_unreadable", errors=error.error_count())
            raise Unavailable("inbox-core answers what this release cannot read") from None
        if answer.busy:
            PULLS.add(("busy",))
            raise Overloaded("inbox-core has too many questions")
        PULLS.add(("blocked" if answer.blocked else "answered",))
        return answer

    async def _asked(self, question: HistoryRequest) -> bytes:
        """The wait for a turn counts: whoever asks waits DEADLINE_S at the most."""
        body = question.model_dump_json().encode()
        try:
            async with asyncio.timeout(DEADLINE_S), self._turns:
                return await self._bus.ask(subjects.VISITOR_HISTORY, body, DEADLINE_S)
        except TimeoutError:
            raise Ambiguous("inbox-core was not asked in time, or did not answer") from None


def _question(
    channel: Channel,
    visitor: Visitor,
    *,
    limit: int,
    after: dict[UUID, int] | None = None,
    before: tuple[UUID, int] | None = None,
) -> HistoryRequest:
    return HistoryRequest(
        type=CHANNEL,
        account=channel.account,
        aliases=visitor.aliases,
        after=after or {},
        before=before,
        limit=limit,
    )
