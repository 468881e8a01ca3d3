"""Cursors: a place in the log of changes, `<epoch>.<sequence>`, opaque to clients.

The epoch is the creation time of the CHANGES stream: a stream made anew counts from one again, and
JetStream would skip silently to whatever it has. So a cursor is checked before anything is read.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from bus.ports import StreamState
from inbox_core.entrypoints.realtime.frames import ResetReason

_FORM = re.compile(r"([0-9a-z]{1,16})\.(0|[1-9][0-9]{0,18})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to and with `sequence` has been seen."""

    epoch: str
    sequence: int

    @override
    def __str__(self) -> str:
        return f"{self.epoch}.{self.sequence}"


def parse(text: str) -> Cursor | None:
    """None: never a cursor of ours."""
    form = _FORM.fullmatch(text)
    return Cursor(form[1], int(form[2])) if form else None


def epoch_of(created: datetime) -> str:
    """A stream's identity: the microseconds of its creation in base 36."""
    number = (created - _BEGINNING) // timedelta(microseconds=1)
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits or "0"


def misplaced(cursor: Cursor, state: StreamState) -> ResetReason | None:
    """Why nothing can be read on from here; None: what follows is all there."""
    if cursor.epoch != epoch_of(state.created):
        return "epoch"
    if not state.first_sequence - 1 <= cursor.sequence <= state.last_sequence:
        return "cursor_expired"
    return None
