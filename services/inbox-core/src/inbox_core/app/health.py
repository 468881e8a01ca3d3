"""The health of a channel: what is known of it, and the one word that screens show.

The facts are gathered by the worker (what arrives, what fails, what the platform tells of the
account) and by validation (channels.py, validate.py); here they are put together. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.events import AccountHealth
from contracts.parts import Time
from contracts.rpc import ValidateAnswer
from inbox_core.app.problem import ProblemView, problem_view

State = Literal["healthy", "unverified", "failing", "silent", "disabled"]
Validation = Literal["unverified", "verified", "refused"]

FROM_ACCOUNT = "account"
"""The kind of a problem that the platform told of, beside those that validation finds."""


@dataclass(slots=True)
class ChannelHealth:
    """`state` is the platform's: active, restricted or disabled. `errors`: failures of 24 hours.

    `problem` as contracts.parts.Problem: why the credential is refused, or what the platform says.
    """

    channel_id: UUID
    last_event_at: datetime | None = None
    validation: Validation = "unverified"
    validated_at: datetime | None = None
    problem: Mapping[str, Any] | None = None
    token_expires_at: datetime | None = None
    state: str | None = None
    quality: str | None = None
    throughput: str | None = None
    messaging_limit: str | None = None
    silent_since: datetime | None = None
    errors: Mapping[str, int] | None = None

    def validate(self, answer: ValidateAnswer, now: datetime) -> bool:
        """Take what the adapter found; True when it is another verdict than before.

        A problem that may pass says nothing of the credential.
        """
        before = self._verdict
        problem = answer.problem
        if problem is None:
            self.validation, self.problem = "verified", None
            self.token_expires_at = answer.token_expires_at
        else:
            self.problem = problem.model_dump(exclude_none=True)
            self.validation = self.validation if problem.retryable else "refused"
        self.validated_at = now
        if answer.health is not None:
            self.hear(answer.health)
        return before != self._verdict

    def hear(self, told: AccountHealth) -> None:
        """What the platform tells of the account; what it leaves out stays.

        An account that is well again has no problem of its own any more.
        """
        self.state = told.state or self.state
        self.quality = told.quality or self.quality
        self.throughput = told.throughput or self.throughput
        self.messaging_limit = told.limit or self.messaging_limit
        if told.problem:
            self.problem = {"kind": FROM_ACCOUNT, "message": told.problem}
        elif told.state == "active" and (self.problem or {}).get("kind") == FROM_ACCOUNT:
            self.problem = None

    def forget_validation(self) -> None:
        """The secret is another one, and nobody was there to check it."""
        self.validation, self.validated_at, self.problem = "unverified", None, None

    @property
    def _verdict(self) -> tuple[str, str | None]:
        return self.validation, (self.problem or {}).get("kind")


class ErrorCount(BaseModel):
    """Sends of the last 24 hours that failed, by the class of their error."""

    kind: str
    failures: int


class HealthView(BaseModel):
    """How a channel does. `state` sums it up.

    `unverified`: nobody has checked the credential yet. `failing`: the credential is refused or
    expired, or the platform restricts the account. `silent`: nothing has come for longer than is
    usual. `disabled`: switched off, here or at the platform.
    """

    state: State
    last_event_at: Time | None
    validation: Validation
    validated_at: Time | None
    problem: ProblemView | None
    token_expires_at: Time | None
    quality: str | None
    throughput: str | None
    messaging_limit: str | None
    silent_since: Time | None
    errors: list[ErrorCount]


def health_view(health: ChannelHealth, now: datetime, *, enabled: bool) -> HealthView:
    """As screens see it now."""
    counts = sorted((health.errors or {}).items(), key=lambda item: (-item[1], item[0]))
    return HealthView(
        state=_state(health, now, enabled=enabled),
        last_event_at=health.last_event_at,
        validation=health.validation,
        validated_at=health.validated_at,
        problem=problem_view(health.problem),
        token_expires_at=health.token_expires_at,
        quality=health.quality,
        throughput=health.throughput,
        messaging_limit=health.messaging_limit,
        silent_since=health.silent_since,
        errors=[ErrorCount(kind=kind, failures=failures) for kind, failures in counts],
    )


def _state(health: ChannelHealth, now: datetime, *, enabled: bool) -> State:
    """The worst that holds."""
    if not enabled or health.state == "disabled":
        return "disabled"
    expired = health.token_expires_at is not None and health.token_expires_at <= now
    if health.validation == "refused" or expired or health.state == "restricted":
        return "failing"
    if health.silent_since is not None:
        return "silent"
    return "healthy" if health.validation == "verified" else "unverified"
