"""Asks a channel type's adapter whether a credential works: app.channels.Ask. Built in main()."""

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from bus.errors import Retryable
from bus.ports import Bus
from contracts import subjects
from contracts.rpc import DEADLINE_S, ValidateAnswer, ValidateRequest

ASKED = Counter(
    "sluice_channel_validations_total",
    "Adapters asked to validate a credential, by what they said",
    ["outcome"],
)

log = structlog.get_logger()


class ValidationDesk:
    """One question, one answer within DEADLINE_S."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def ask(self, question: ValidateRequest) -> ValidateAnswer | None:
        """None when nobody answers in time, or not in a way we understand."""
        subject = subjects.validate(question.type)
        try:
            raw = await self._bus.ask(subject, question.model_dump_json().encode(), DEADLINE_S)
            answer = ValidateAnswer.model_validate_json(raw)
        except Retryable as error:
            log.warning("validation_unanswered", channel=question.type, why=type(error).__name__)
            ASKED.labels("unanswered").inc()
            return None
        except ValidationError as error:
            log.warning("validation_unreadable", channel=question.type, errors=error.error_count())
            ASKED.labels("unreadable").inc()
            return None
        ASKED.labels("refused" if answer.problem else "valid").inc()
        return answer
