"""Marks: how far a visitor has got or read a conversation, gathered before they are told.

A screen that scrolls acknowledges often; the inbox needs the furthest place alone. One of these a
line, made when its client first acknowledges something. Used by receipts.py.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

Status = Literal["delivered", "read"]


class Mark(NamedTuple):
    """Everything of a conversation up to `seq`, which was written at `at`."""

    conversation: UUID
    status: Status
    seq: int
    at: datetime


class Marks:
    """What waits, and what was told already; both only ever move forward."""

    __slots__ = ("_told", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[tuple[UUID, Status], Mark] = {}
        self._told: dict[tuple[UUID, Status], int] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def note(self, mark: Mark) -> None:
        """Nothing, when as much was noted or told before."""
        place = mark.conversation, mark.status
        before = self._waiting.get(place)
        if mark.seq > max(self._told.get(place, 0), before.seq if before else 0):
            self._waiting[place] = mark

    def take(self) -> list[Mark]:
        """All that waits, now told."""
        marks = list(self._waiting.values())
        self._told.update({(mark.conversation, mark.status): mark.seq for mark in marks})
        self._waiting.clear()
        return marks

    def untold(self, marks: list[Mark]) -> None:
        """They could not be told after all."""
        for mark in marks:
            self._told.pop((mark.conversation, mark.status), None)
            self.note(mark)
