"""One word for how a channel does: the worst that holds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events import AccountHealth
from contracts.parts import Problem
from contracts.rpc import ValidateAnswer
from inbox_core.app.health import ChannelHealth, health_view

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)

ROWS: list[Any] = [
    # what is known, whether it is switched on; the word
    ({}, True, "unverified"),
    ({"validation": "verified"}, True, "healthy"),
    ({"validation": "verified", "token_expires_at": LATER}, True, "healthy"),
    ({"validation": "verified", "token_expires_at": EARLIER}, True, "failing"),
    ({"validation": "refused"}, True, "failing"),
    ({"validation": "verified", "state": "restricted"}, True, "failing"),
    ({"validation": "verified", "silent_since": EARLIER}, True, "silent"),
    ({"validation": "refused", "silent_since": EARLIER}, True, "failing"),
    ({"validation": "refused", "state": "disabled"}, True, "disabled"),
    ({"validation": "verified"}, False, "disabled"),
]


@pytest.mark.parametrize(("known", "enabled", "state"), ROWS)
def test_the_word(known: dict[str, Any], *, enabled: bool, state: str) -> None:
    assert health_view(ChannelHealth(UUID(int=1), **known), NOW, enabled=enabled).state == state


def problem(*, retryable: bool) -> Problem:
    return Problem(kind="auth", message="No.", retryable=retryable)


ANSWERS: list[Any] = [
    # the verdict before, what the adapter says; the verdict after, whether it is another
    ("unverified", None, "verified", True),
    ("verified", None, "verified", False),
    ("verified", problem(retryable=False), "refused", True),
    ("verified", problem(retryable=True), "verified", True),
    ("unverified", problem(retryable=True), "unverified", True),
    ("refused", None, "verified", True),
]


@pytest.mark.parametrize(("before", "found", "after", "moved"), ANSWERS)
def test_a_verdict(before: Any, found: Problem | None, after: str, *, moved: bool) -> None:
    health = ChannelHealth(UUID(int=1), validation=before)
    answer = ValidateAnswer(problem=found, health=AccountHealth(quality="GREEN"))
    assert health.validate(answer, NOW) == moved
    assert (health.validation, health.quality, health.validated_at) == (after, "GREEN", NOW)
    assert not health.validate(answer, NOW)


def test_failures_are_told_the_most_first() -> None:
    health = ChannelHealth(UUID(int=1), errors={"throttle": 2, "auth": 5, "blocked": 2})
    shown = health_view(health, NOW, enabled=True).errors
    assert [(one.kind, one.failures) for one in shown] == [
        ("auth", 5), ("blocked", 2), ("throttle", 2),
    ]  # fmt: skip
