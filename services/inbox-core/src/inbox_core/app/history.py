"""History: what a visitor may see of their own threads, for channels that show them.

Asked by the channel's adapter (contracts.rpc.HistoryRequest), answered without a lock and without
making anybody. Cursors are numbers of messages: what follows one is told without a hole, as much at
once as the bounds allow. Called by entrypoints.rpc.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic_core import to_json

from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryRequest, HistoryThread
from inbox_core.app.actions import READ_RECEIPTS
from inbox_core.app.bylines import Key, Names, bylines
from inbox_core.app.capabilities import Book
from inbox_core.app.visible import visible_parts
from inbox_core.domain.files import File
from inbox_core.domain.media import files_of
from inbox_core.domain.message import Message
from inbox_core.domain.status import LIVE, Status

MOST_THREADS = 20
MAX_BYTES = 1024 * 1024
"""Of the messages of an answer. One message alone may be larger."""
BEYOND_ANY_SEQ = 2**31 - 1
NOTHING = HistoryAnswer()


@dataclass(frozen=True, slots=True)
class Person:
    """Whom one of the names means. `blocked`: their contact is."""

    identity_id: UUID
    blocked: bool


@dataclass(frozen=True, slots=True)
class Head:
    """`last_seq`: of the last message a visitor may see; 0: there is none.

    `rating`: their last word; None: there is none, or it was closed anew since then.
    """

    id: UUID
    status: Status
    last_seq: int
    read_seq: int
    last_message_at: datetime
    closed_at: datetime | None
    rating: int | None


class VisitorReads(Names, Protocol):
    """One transaction in the workspace of one channel. Messages are those a visitor may see."""

    @property
    def workspace_id(self) -> UUID: ...

    async def people(self, aliases: Sequence[tuple[str, str]]) -> Sequence[Person]:
        """Of the names that are known, in their order, each person once."""
        ...

    async def heads(self, identities: Sequence[UUID], limit: int) -> Sequence[Head]:
        """Newest first."""
        ...

    async def owns(self, identities: Sequence[UUID], conversation: UUID) -> bool: ...

    def after(self, conversation: UUID, seq: int, limit: int) -> AsyncIterator[Message]:
        """By ascending number, read a few at a time."""
        ...

    def before(self, conversation: UUID, seq: int, limit: int) -> AsyncIterator[Message]:
        """By descending number, read a few at a time."""
        ...

    async def external_ids(self, messages: Collection[Key]) -> Mapping[UUID, str]:
        """By which they came, as far as they came from outside."""
        ...

    async def files(self, keys: Collection[Key]) -> Mapping[UUID, File]: ...

    async def settings(self) -> Mapping[str, Any]:
        """What the workspace chose."""
        ...


class VisitorStore(Protocol):
    """adapters/postgres/history.py."""

    def read(
        self, channel_type: str, account: str
    ) -> AbstractAsyncContextManager[VisitorReads | None]:
        """Of the enabled channel of this account; None: there is none."""
        ...


@dataclass(slots=True)
class _Page:
    """What goes into one answer. `more`: something did not fit."""

    limit: int
    messages: list[Message] = field(default_factory=list)
    size: int = 0
    more: bool = False

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.limit or self.size >= MAX_BYTES

    async def take(self, found: AsyncIterator[Message]) -> None:
        """As many as fit, in the order they come."""
        async for message in found:
            if self.full:
                self.more = True
                break
            self.messages.append(message)
            self.size += len(to_json(message.parts))


class Histories:
    """`book` says which channel types show threads at all."""

    def __init__(self, store: VisitorStore, book: Book) -> None:
        self._store = store
        self._book = book

    async def tell(self, ask: HistoryRequest, now: datetime) -> HistoryAnswer:
        """Nothing, where there is no such channel or nobody of these names."""
        can = self._book.of(ask.type)
        if not can.threads:
            return NOTHING
        async with self._store.read(ask.type, ask.account) as reads:
            if reads is None:
                return NOTHING
            people = await reads.people([(alias.kind, alias.value) for alias in ask.aliases])
            if not people:
                return NOTHING
            if people[0].blocked:
                return HistoryAnswer(blocked=True)
            # A weaker name may be somebody's who is blocked: they are told nothing either.
            identities = [person.identity_id for person in people if not person.blocked]
            teller = _Teller(reads, now)
            if ask.before is not None:
                return await teller.older(ask, identities)
            return await teller.newer(ask, identities, receipts=can.read_receipts)


@dataclass(frozen=True, slots=True)
class _Teller:
    """One answer."""

    reads: VisitorReads
    now: datetime

    async def older(self, ask: HistoryRequest, identities: Sequence[UUID]) -> HistoryAnswer:
        """A page before a place; nothing of a conversation that is not theirs."""
        if ask.before is None or not await self.reads.owns(identities, ask.before[0]):
            return NOTHING
        conversation, seq = ask.before
        page = _Page(ask.limit)
        await page.take(self.reads.before(conversation, seq, ask.limit + 1))
        page.messages.reverse()
        return HistoryAnswer(messages=await self._dressed(page.messages), more=page.more)

    async def newer(
        self, ask: HistoryRequest, identities: Sequence[UUID], *, receipts: bool
    ) -> HistoryAnswer:
        """The heads, and what is new past the cursors, the newest conversation first."""
        heads = await self.reads.heads(identities, MOST_THREADS)
        page = _Page(ask.limit)
        for place, head in enumerate(heads):
            known = ask.after.get(head.id)
            if known is None and place == 0:
                await self._newest(page, head)
            elif known is not None and head.last_seq > known:
                await page.take(self.reads.after(head.id, known, ask.limit + 1))
            if page.more:
                break
        receipts = receipts and await self._told_of_reading(heads)
        return HistoryAnswer(
            threads=tuple(_thread(head, receipts=receipts) for head in heads),
            messages=await self._dressed(page.messages),
            more=page.more,
        )

    async def _newest(self, page: _Page, head: Head) -> None:
        """The end of a conversation nobody asked after yet; what is older is asked for apart."""
        await page.take(self.reads.before(head.id, BEYOND_ANY_SEQ, page.limit))
        page.messages.reverse()
        # What did not fit by its size is older, too: to ask again would bring the same.
        page.more = False

    async def _told_of_reading(self, heads: Sequence[Head]) -> bool:
        """Whether the workspace lets visitors know; not asked where there is nothing to know."""
        if not any(head.read_seq for head in heads):
            return False
        return bool((await self.reads.settings()).get(READ_RECEIPTS, True))

    async def _dressed(self, messages: Sequence[Message]) -> tuple[HistoryMessage, ...]:
        """With names, files and the ids they came by."""
        inbound = [m for m in messages if m.direction == "inbound"]
        ids = await self.reads.external_ids([(self.reads.workspace_id, m.id) for m in inbound])
        files = await self._files(messages)
        names = await bylines(self.reads, messages)
        return tuple(
            HistoryMessage(
                id=message.id,
                conversation_id=message.conversation_id,
                seq=message.seq,
                at=message.sent_at,
                by=message.author_type,
                author=names.get(message.id),
                external_id=ids.get(message.id),
                parts=visible_parts(message.parts, files, self.now),
                deleted=message.deleted_at is not None,
            )
            for message in messages
        )

    async def _files(self, messages: Sequence[Message]) -> Mapping[UUID, File]:
        held = {file for message in messages for file in files_of(message.parts)}
        return await self.reads.files([(self.reads.workspace_id, file) for file in held])


def _thread(head: Head, *, receipts: bool) -> HistoryThread:
    return HistoryThread(
        id=head.id,
        open=head.status in LIVE,
        last_seq=head.last_seq,
        read_seq=head.read_seq if receipts else 0,
        last_message_at=head.last_message_at,
        closed_at=head.closed_at,
        rating=head.rating,
    )
