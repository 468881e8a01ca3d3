"""Answers `rpc.channel.<type>.validate`: whether a credential works, with the app subscribed.

Asked by inbox-core before an account is connected and whenever a person asks again. What that
means for a platform is its Connect (each channel's connect.py); here the secret is opened, the
time is bounded and errors become sentences. The token is in no answer and no log; a renewed one
travels sealed, as it came.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from pydantic import ValidationError

from bus.ports import Bus
from chassis.metrics import count
from contracts import subjects
from contracts.parts import Problem
from contracts.rpc import DEADLINE_S, ValidateAnswer, ValidateRequest
from metagraph.errors import GraphError
from vault.errors import CannotUnseal
from vault.keyring import KeyRing
from vault.seal import Place, seal, unseal_text

BUDGET_S = DEADLINE_S - 0.2
"""For all calls of one question; the rest is the way there and back."""
AT_ONCE = 16

UNKNOWN_ACCOUNT = frozenset({"33", "100/33"})
"""Codes that say: there is no such account, or not for this token."""
FIELDS = {"auth": "secret", "undeliverable": "account", "content": "account"}
"""kind of error → what of the request is at fault; others are nobody's."""

SLOW = Problem(kind="transient", message="Meta did not answer in time.", retryable=True)
SEALED = Problem(kind="auth", message="The stored credential cannot be opened. Enter it again.")
UNREADABLE = Problem(kind="content", message="The question could not be read.")

log = structlog.get_logger()


class Unfit(Exception):
    """The credential works, and is not the right one. `field` names what is at fault."""

    def __init__(self, message: str, fault: str, kind: str = "content") -> None:
        super().__init__(message)
        self.answer = ValidateAnswer(problem=Problem(kind=kind, message=message), field=fault)


@dataclass(frozen=True)
class Connected:
    """What a Connect found. `renewed`: a token to keep in place of the one that was asked about."""

    answer: ValidateAnswer
    renewed: str | None = field(default=None, repr=False)


class Connect(Protocol):
    """A platform's own part."""

    async def __call__(self, ask: ValidateRequest, token: str) -> Connected:
        """Check the account and subscribe the app to it. Raises Unfit or GraphError."""
        ...


class Validation:
    """Answers for one channel type."""

    def __init__(self, channel: str, ring: KeyRing, connect: Connect) -> None:
        self._channel = channel
        self._ring = ring
        self._connect = connect
        self._free = asyncio.Semaphore(AT_ONCE)

    async def serve(self, bus: Bus) -> None:
        """Answers until the bus closes."""
        await bus.serve(subjects.validate(self._channel), self.answer)

    async def answer(self, body: bytes) -> bytes:
        """The answer to a question's body, both as JSON."""
        answer = await self._answer(body)
        outcome = "failed" if answer.problem else "connected"
        count("validate", outcome, answer.problem.kind if answer.problem else "")
        return answer.model_dump_json().encode()

    async def _answer(self, body: bytes) -> ValidateAnswer:
        try:
            ask = ValidateRequest.model_validate_json(body)
        except ValidationError:
            return ValidateAnswer(problem=UNREADABLE)
        place = Place(ask.workspace_id, "channels", ask.channel_id, "secret")
        try:
            token = unseal_text(self._ring, ask.secret, place)
        except CannotUnseal as error:
            log.warning("credential_sealed", reason=type(error).__name__)
            return ValidateAnswer(problem=SEALED, field="secret")
        try:
            async with asyncio.timeout(BUDGET_S), self._free:
                connected = await self._connect(ask, token)
        except TimeoutError:
            return ValidateAnswer(problem=SLOW)
        except Unfit as unfit:
            return unfit.answer
        except GraphError as error:
            return _refusal(error)
        if connected.renewed is None:
            return connected.answer
        return connected.answer.model_copy(
            update={"secret": seal(self._ring, connected.renewed, place)}
        )


def _refusal(error: GraphError) -> ValidateAnswer:
    problem = Problem(
        kind=error.kind, message=error.sentence, code=error.code, retryable=error.rule.retry
    )
    fault = "account" if error.code in UNKNOWN_ACCOUNT else FIELDS.get(error.kind)
    return ValidateAnswer(problem=problem, field=fault)
