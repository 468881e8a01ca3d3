"""The status machine: what may become what, and where a customer's message goes."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox_core.domain.errors import InvalidTransition
from inbox_core.domain.status import REOPEN_WINDOW, Status, check, place

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALLOWED = {
    "open": "pending closed",
    "pending": "open closed",
    "closed": "open archived",
    "archived": "closed",
}


@pytest.mark.parametrize("before", list(Status), ids=lambda status: status.word)
@pytest.mark.parametrize("after", list(Status), ids=lambda status: status.word)
def test_every_step_is_allowed_refused_or_nothing(before: Status, after: Status) -> None:
    if before == after:
        assert check(before, after) is False
    elif after.word in ALLOWED[before.word].split():
        assert check(before, after) is True
    else:
        with pytest.raises(InvalidTransition) as refused:
            check(before, after)
        assert list(refused.value.allowed) == ALLOWED[before.word].split()


@pytest.mark.parametrize(
    ("status", "closed_ago", "where"),
    [
        (Status.OPEN, None, "append"),
        (Status.PENDING, None, "reopen"),
        (Status.CLOSED, timedelta(hours=1), "reopen"),
        (Status.CLOSED, REOPEN_WINDOW, "reopen"),
        (Status.CLOSED, REOPEN_WINDOW + timedelta(seconds=1), "new"),
        (Status.ARCHIVED, timedelta(hours=1), "new"),
    ],
)
def test_a_customers_message_finds_its_place(
    status: Status, closed_ago: timedelta | None, where: str
) -> None:
    closed_at = NOW - closed_ago if closed_ago is not None else None
    assert place(status, closed_at, NOW) == where
