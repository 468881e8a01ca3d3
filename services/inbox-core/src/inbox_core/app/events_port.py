"""What only some kinds of events need of a transaction, beside what all use cases need (ports.py).

Asked by app.world and app.receive when a batch has such events, and not otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from inbox_core.app.plan import UnsupportedItem
from inbox_core.domain.delivery import Delivery, Rank
from inbox_core.domain.identity import AliasKey
from inbox_core.domain.message import Message

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark of a person: everything dispatched to them by `up_to`.

    Of one conversation, with `up_to_seq` everything there up to that number, whenever it went:
    also what has not gone yet, for whoever is shown the thread itself reads ahead of the sending.
    """

    identity: Key
    rank: Rank
    up_to: datetime
    conversation: UUID | None = None
    up_to_seq: int | None = None

    def covers(self, part: Delivery) -> bool:
        """Whether it speaks of a part that was sent to its person."""
        if self.conversation not in (None, part.conversation_id):
            return False
        if self.up_to_seq is None:
            return part.dispatched_at is not None and part.dispatched_at <= self.up_to
        return self.conversation is not None and part.seq <= self.up_to_seq


class EventReads(Protocol):
    """Part of ports.UnitOfWork."""

    async def find_aliases(self, keys: Collection[AliasKey]) -> Mapping[AliasKey, UUID | None]:
        """Those there are. Makes none and takes no lock."""
        ...

    async def busy_identities(self, identities: Collection[Key]) -> Collection[UUID]:
        """Those with a part outstanding in any conversation."""
        ...

    async def lock_items(
        self, keys: Collection[tuple[UUID, str]]
    ) -> Mapping[tuple[UUID, str], UnsupportedItem]:
        """Raw items by (workspace_id, event id), for their events come anew."""
        ...

    async def covered(self, marks: Sequence[Mark], limit: int) -> Collection[Key]:
        """Messages with parts that a watermark says more of; no lock."""
        ...

    async def newest_shown(self, conversation: Key, besides: Collection[UUID]) -> Message | None:
        """The message a list row would show, among those stored but `besides`."""
        ...
