"""The delivery lattice: what became of an outbound message, whatever order the news came in.

The state of a part is the maximum of (attempt, rank), so every permutation of queued, sent,
delivered, read, played, failed and their repeats ends the same. A person's Retry is a new attempt.
Watermarks (everything up to a moment was read) are a maximum of their own, `implied`, because they
say nothing of a part that failed. Those of a place (everything up to that message) say it of each
part before it: a third maximum, `shown`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID


class Rank(IntEnum):
    QUEUED = 0
    SENDING = 1
    UNKNOWN = 2
    SENT = 3
    FAILED = 4
    DELIVERED = 5
    READ = 6
    PLAYED = 7

    @property
    def word(self) -> str:
        return self.name.lower()


WENT_OUT = frozenset({Rank.SENT, Rank.DELIVERED, Rank.READ, Rank.PLAYED})
ASKS = frozenset({Rank.UNKNOWN, Rank.FAILED})
"""What a person has to decide about."""


class Stage(IntEnum):
    """A part's place in the queue of its conversation. `unknown` counts as settled."""

    WAITING = 0
    OUTSTANDING = 1
    SETTLED = 2


class Priority(IntEnum):
    """Who goes first when an account is busy."""

    PEOPLE = 0
    AI = 1
    BROADCAST = 2


@dataclass(slots=True)
class Delivery:
    """One part of an outbound message: one provider call an attempt.

    `implied`: what watermarks say of a part that went out. `shown`: what they say of one that the
    person has before them, whatever became of the send.
    """

    workspace_id: UUID
    message_id: UUID
    part: int
    conversation_id: UUID
    channel_id: UUID
    seq: int
    queued_at: datetime
    changed_at: datetime
    attempt: int = 1
    rank: Rank = Rank.QUEUED
    implied: Rank = Rank.QUEUED
    shown: Rank = Rank.QUEUED
    stage: Stage = Stage.WAITING
    priority: Priority = Priority.PEOPLE
    problem: dict[str, Any] | None = None
    dispatched_at: datetime | None = None

    def advance(
        self, attempt: int, rank: Rank, at: datetime, problem: dict[str, Any] | None = None
    ) -> bool:
        """Take news of an attempt; True when it moved the state."""
        if (attempt, rank) <= (self.attempt, self.rank):
            return False
        self.attempt, self.rank, self.changed_at = attempt, rank, at
        self.problem = problem if rank in (Rank.FAILED, Rank.UNKNOWN) else None
        if rank >= Rank.UNKNOWN:
            self.stage = Stage.SETTLED
        return True

    @property
    def state(self) -> Rank:
        """What screens are shown: its own news, and what watermarks say that suits them."""
        if self.rank in WENT_OUT:
            return max(self.rank, self.implied, self.shown)
        return max(self.rank, self.shown) if self.rank in ASKS else self.rank

    def imply(self, rank: Rank, *, shown: bool = False) -> bool:
        """Take a watermark that covers the part; True when it says more than those before.

        `shown`: it names a place, so it is no guess that the part reached its person.
        """
        before = (self.implied, self.shown)
        self.implied = max(self.implied, rank)
        if shown:
            self.shown = max(self.shown, rank)
        return before != (self.implied, self.shown)

    def dispatch(self, now: datetime) -> None:
        """The command enters the outbox."""
        self.stage, self.dispatched_at = Stage.OUTSTANDING, now
        self.advance(self.attempt, Rank.SENDING, now)

    def retry(self, now: datetime) -> None:
        """A person asked for another attempt. What was before the other's eyes has been there."""
        self.attempt += 1
        self.rank, self.implied, self.stage = Rank.QUEUED, Rank.QUEUED, Stage.WAITING
        self.problem, self.dispatched_at, self.changed_at = None, None, now


def overall(parts: Iterable[Delivery]) -> Delivery | None:
    """The part a message shows: a failed one if any failed, else its least advanced."""
    rows = list(parts)
    failed = [part for part in rows if part.state == Rank.FAILED]
    return min(failed or rows, key=lambda part: (part.state, part.part), default=None)
