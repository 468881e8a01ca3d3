"""The status machine of a conversation: exactly one of open, pending, closed, archived.

The same table is enforced in SQL by the update's WHERE; here it is read by people and tests.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Literal

from inbox_core.domain.errors import InvalidTransition


class Status(IntEnum):
    OPEN = 0
    PENDING = 1
    CLOSED = 2
    ARCHIVED = 3

    @property
    def word(self) -> str:
        return self.name.lower()


ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.OPEN: (Status.PENDING, Status.CLOSED),
    Status.PENDING: (Status.OPEN, Status.CLOSED),
    Status.CLOSED: (Status.OPEN, Status.ARCHIVED),
    Status.ARCHIVED: (Status.CLOSED,),
}
LIVE = (Status.OPEN, Status.PENDING)

REOPEN_WINDOW = timedelta(days=7)
"""A customer's message reopens a closed conversation this long; later it starts a new one."""

PENDING_REASONS = ("teammate", "customer", "other")


def check(current: Status, wanted: Status) -> bool:
    """True when there is something to do, False for the same status again."""
    if current == wanted:
        return False
    if wanted not in ALLOWED[current]:
        raise InvalidTransition(
            current.word, wanted.word, tuple(step.word for step in ALLOWED[current])
        )
    return True


def place(
    status: Status, closed_at: datetime | None, now: datetime
) -> Literal["append", "reopen", "new"]:
    """Where a customer's message goes, given the contact's latest conversation."""
    if status == Status.OPEN:
        return "append"
    if status == Status.PENDING:
        return "reopen"
    if status == Status.CLOSED and closed_at is not None and now - closed_at <= REOPEN_WINDOW:
        return "reopen"
    return "new"
