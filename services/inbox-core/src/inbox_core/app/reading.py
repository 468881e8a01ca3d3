"""What screens ask for: the port of the lists, the thread and the badges.

Reading goes around the use cases: no locks, no plan, plain views. adapters/postgres/reading.py
implements it, entrypoints/http calls it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from inbox_core.app.access import Role
from inbox_core.app.details import ConversationDetail
from inbox_core.app.ports import Key
from inbox_core.app.views import ChannelView, ContactView, ConversationView, MessageView

Item = TypeVar("Item")

ListView = Literal["all", "unread", "unresolved", "resolved", "mine", "unassigned"]
COUNT_CAP = 100
"""Badges count to here and show "99+": an exact number costs a thousand times more."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which conversations. `reader_id` is whose `mine` is."""

    view: ListView
    reader_id: UUID
    include_archived: bool = False
    channel_id: UUID | None = None


class Place(NamedTuple):
    """A place in a list, newest first: between two rows, whatever comes and goes around it."""

    last_message_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`older`, `newer`: whether there is more on that side of the items."""

    items: Sequence[Item]
    older: bool
    newer: bool


class Member(BaseModel):
    """Someone of the workspace."""

    user_id: UUID
    name: str
    role: Role


class Reading(Protocol):
    """Everything is confined to one workspace; an id of another is NotFound."""

    async def conversations(
        self, workspace_id: UUID, wanted: Filter, limit: int, *,
        before: Place | None = None, after: Place | None = None,
    ) -> Page[ConversationView]:  # fmt: skip
        """Newest first. `before` a place: older rows; `after` it: the nearest newer ones."""
        ...

    async def counts(self, workspace_id: UUID, reader_id: UUID) -> dict[ListView, int]:
        """Rows of each view without the archive, at most COUNT_CAP."""
        ...

    async def conversation(self, key: Key) -> ConversationView: ...

    async def detail(self, key: Key) -> ConversationDetail:
        """The conversation with its source."""
        ...

    async def contact(self, key: Key) -> ContactView: ...

    async def messages(
        self, key: Key, limit: int, *, before: int | None = None, after: int | None = None
    ) -> Page[MessageView]:
        """Of a conversation, by descending number; `before` and `after` are numbers."""
        ...

    async def channels(self, workspace_id: UUID) -> Sequence[ChannelView]: ...

    async def channel(self, key: Key) -> ChannelView: ...

    async def members(self, workspace_id: UUID) -> Sequence[Member]: ...
