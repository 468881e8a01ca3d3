"""Answers `subjects.VISITOR_HISTORY`: what a visitor may see of their own threads.

Built by main() in the role `api`; every process answers, each question is one's. A question nobody
can read gets an empty answer. When too much waits the answer says so at once, so that nobody waits
for one in vain. Without an answer, when the database is away, whoever asked comes again: an empty
one would be taken for the truth.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from bus.ports import Bus
from contracts import subjects
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryRequest
from inbox_core.app.history import NOTHING, Histories

BUDGET_S = DEADLINE_S - 0.2
"""For the answer, waiting for a turn included; later nobody waits for it."""
MAX_WAITING = 256
MAX_QUESTION_BYTES = 64 * 1024

BUSY = HistoryAnswer(busy=True)

ASKED = Counter(
    "sluice_visitor_histories_total", "Questions for a visitor's threads, by outcome", ["outcome"]
)

log = structlog.get_logger()


class VisitorDesk:
    """`at_once`: questions that hold a connection of the database; the others wait their turn."""

    def __init__(
        self,
        histories: Histories,
        at_once: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._histories = histories
        self._turns = asyncio.Semaphore(at_once)
        self._clock = clock
        self._open = 0

    async def serve(self, bus: Bus) -> None:
        """Answers until the bus closes."""
        await bus.serve(subjects.VISITOR_HISTORY, self.answer)

    async def answer(self, body: bytes) -> bytes:
        """The answer to a question's body, both as JSON. Raises what keeps it from one."""
        question = _read(body)
        if question is None:
            return NOTHING.model_dump_json().encode()
        if self._open >= MAX_WAITING:
            ASKED.labels("overloaded").inc()
            return BUSY.model_dump_json(exclude_none=True).encode()
        self._open += 1
        try:
            async with asyncio.timeout(BUDGET_S), self._turns:
                answer = await self._histories.tell(question, self._clock())
        except TimeoutError:
            ASKED.labels("late").inc()
            raise
        except Exception:
            ASKED.labels("failed").inc()
            raise
        finally:
            self._open -= 1
        ASKED.labels(_outcome(answer)).inc()
        return answer.model_dump_json(exclude_none=True).encode()


def _read(body: bytes) -> HistoryRequest | None:
    if len(body) <= MAX_QUESTION_BYTES:
        try:
            return HistoryRequest.model_validate_json(body)
        except ValidationError as error:
            # Their number alone: what was asked names a person.
            log.warning("history_question_unreadable", errors=error.error_count())
    ASKED.labels("unreadable").inc()
    return None


def _outcome(answer: HistoryAnswer) -> str:
    if answer.blocked:
        return "blocked"
    return "told" if answer.threads or answer.messages else "empty"
