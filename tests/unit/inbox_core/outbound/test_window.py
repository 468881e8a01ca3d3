"""Whether a customer may still be answered, by whom, and with what."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from inbox_core.app.window import Window, admits, window_of
from inbox_core.domain.identity import Identity
from support.capable import capable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOBODY = UUID(int=0)


def ago(hours: float | None) -> datetime | None:
    return None if hours is None else NOW - timedelta(hours=hours)


def in_(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


ROWS: list[Any] = [
    # hours since the last message, since the one by an ad; the state, when it closes
    (1, None, "open", in_(23)),
    (23.99, None, "open", in_(0.01)),
    (24, None, "human_agent", in_(144)),
    (30, 40, "open", in_(32)),
    (30, 73, "human_agent", in_(138)),
    (167, None, "human_agent", in_(1)),
    (168, None, "template_only", in_(0)),
    (1000, 999, "template_only", in_(-832)),
    (None, None, "open", None),
]


@pytest.mark.parametrize(("last", "ad", "state", "closes_at"), ROWS)
def test_states(last: float | None, ad: float | None, state: Any, closes_at: Any) -> None:
    identity = Identity(NOBODY, NOBODY, NOBODY, NOBODY)
    identity.last_inbound_at, identity.ad_inbound_at = ago(last), ago(ad)
    found = window_of(capable(), identity, NOW)
    assert found is not None
    assert found.state == state
    assert (found.closes_at is None) == (closes_at is None)
    if found.closes_at is not None:
        assert abs(found.closes_at - closes_at) < timedelta(seconds=1)


def test_a_channel_without_templates_closes_and_one_without_a_window_never_does() -> None:
    identity = Identity(NOBODY, NOBODY, NOBODY, NOBODY)
    identity.last_inbound_at = ago(1000)
    closed = window_of(capable(templates=False), identity, NOW)
    assert closed is not None
    assert closed.state == "closed"
    assert window_of(capable(window=None), identity, NOW) is None


ADMITTED: list[Any] = [
    (None, "text", False, True),
    ("open", "text", False, True),
    ("human_agent", "text", True, True),
    ("human_agent", "text", False, False),
    ("human_agent", "template", False, True),
    ("template_only", "text", True, False),
    ("template_only", "template", True, True),
    ("closed", "text", True, False),
    ("closed", "template", True, False),
]


@pytest.mark.parametrize(("state", "kind", "human", "admitted"), ADMITTED)
def test_what_may_go(state: Any, kind: str, *, human: bool, admitted: bool) -> None:
    window = Window(state) if state else None
    assert admits(window, kind, human=human) == admitted
