"""What only some kinds of events need of a transaction, beside what all use cases need (ports.py).

Asked by app.world and app.receive when a batch has such events, and not otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from inbox_core.app.plan import UnsupportedItem
from inbox_core.domain.delivery import Rank
from inbox_core.domain.identity import AliasKey
from inbox_core.domain.message import Message

Key = tuple[UUID, UUID]


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

    async def covered(
        self, marks: Sequence[tuple[Key, Rank, datetime]], limit: int
    ) -> Collection[Key]:
        """Messages with parts that a watermark (identity, rank, up to) says more of; no lock."""
        ...

    async def newest_shown(self, conversation: Key, besides: Collection[UUID]) -> Message | None:
        """The message a list row would show, among those stored but `besides`."""
        ...
