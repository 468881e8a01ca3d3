"""Bylines: the name customers read over what our side writes, or while it writes.

A member's own display name, whatever session or token they wrote by. Used by app.dispatch,
app.actions and app.history, for channels that show our threads.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol
from uuid import UUID

from inbox_core.domain.message import Message

Key = tuple[UUID, UUID]


class Names(Protocol):
    """Part of ports.UnitOfWork and of history.VisitorReads."""

    async def member_names(self, members: Collection[Key]) -> Mapping[UUID, str]:
        """The display names of those there are, by user id. Takes no lock."""
        ...


async def bylines(names: Names, messages: Iterable[Message]) -> Mapping[UUID, str]:
    """Message id → the name over it; left out where there is none to show."""
    written = list(messages)
    authors = {message.id: found for message in written if (found := _member(message))}
    known = await names.member_names(set(authors.values())) if authors else {}
    shown: dict[UUID, str] = {}
    for message in written:
        name = known.get(authors[message.id][1]) if message.id in authors else _own(message)
        if name:
            shown[message.id] = name
    return shown


def member_key(workspace_id: UUID, user_id: str | None) -> Key | None:
    """Of an author's id; None for what is no user's, such as another app's."""
    try:
        return (workspace_id, UUID(user_id or ""))
    except ValueError:
        return None


def _member(message: Message) -> Key | None:
    if message.author_type != "user":
        return None
    return member_key(message.workspace_id, message.author_id)


def _own(message: Message) -> str | None:
    """What no member wrote is signed by itself; the other side needs no name."""
    return message.author_name if message.author_type in ("ai", "system") else None
