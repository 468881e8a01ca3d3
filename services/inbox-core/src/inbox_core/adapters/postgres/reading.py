"""What screens are shown, straight from the tables: app.reading.Reading. Built in main()."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres import mapping
from inbox_core.adapters.postgres.health import read_health
from inbox_core.adapters.postgres.listing import counts_statement, page_statement
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.store import PostgresStore
from inbox_core.app.capabilities import Book
from inbox_core.app.details import ConversationDetail, detail, source_view
from inbox_core.app.devices import device_of
from inbox_core.app.ports import Key
from inbox_core.app.reading import COUNT_CAP, Filter, ListView, Member, Page, Place
from inbox_core.app.views import (
    ChannelView,
    ContactView,
    ConversationView,
    MessageView,
    channel_view,
    contact_view,
    conversation_view,
    message_view,
)
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.errors import NotFound

BEYOND_ANY_SEQ = 2**31 - 1


class PostgresReading:
    """Each call is one transaction, confined to its workspace by row-level security too."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    async def conversations(
        self,
        workspace_id: UUID,
        wanted: Filter,
        limit: int,
        *,
        before: Place | None = None,
        after: Place | None = None,
    ) -> Page[ConversationView]:
        statement = page_statement(workspace_id, wanted, limit + 1, before, after)
        async with self._store.transaction(workspace_id) as connection:
            rows = await connection.fetch(statement.text, *statement.arguments)
            views = await _conversation_views(connection, rows[:limit], self._store.book)
        more = len(rows) > limit
        if after is None:
            return Page(views, older=more, newer=before is not None)
        return Page(views[::-1], older=True, newer=more)

    async def counts(self, workspace_id: UUID, reader_id: UUID) -> dict[ListView, int]:
        statement = counts_statement(workspace_id, reader_id, COUNT_CAP)
        async with self._store.transaction(workspace_id) as connection:
            row = await connection.fetchrow(statement.text, *statement.arguments)
        return dict(row or {})

    async def conversation(self, key: Key) -> ConversationView:
        workspace, conversation = key
        async with self._store.transaction(workspace) as connection:
            row = await SQL.conversation(connection, workspace=workspace, conversation=conversation)
            if row is None:
                raise NotFound("There is no such conversation.")
            [view] = await _conversation_views(connection, [row], self._store.book)
        return view

    async def detail(self, key: Key) -> ConversationDetail:
        row = await self.conversation(key)
        workspace, conversation = key
        async with self._store.transaction(workspace) as connection:
            found = await SQL.source(connection, workspace=workspace, conversation=conversation)
        if found is None:
            return detail(row, None)
        source = mapping.source(found)
        device = None
        if source.user_agent:
            device = await asyncio.to_thread(device_of, source.user_agent)
        return detail(row, source_view(source, device))

    async def contact(self, key: Key) -> ContactView:
        async with self._store.transaction(key[0]) as connection:
            rows = await fetch(SQL.contacts(connection, workspaces=[key[0]], ids=[key[1]]))
        if not rows:
            raise NotFound("There is no such contact.")
        return contact_view(mapping.contact(rows[0]))

    async def messages(
        self, key: Key, limit: int, *, before: int | None = None, after: int | None = None
    ) -> Page[MessageView]:
        workspace, thread = key
        where = {"workspace": workspace, "conversation": thread, "most": limit + 1}
        async with self._store.transaction(workspace) as connection:
            last_seq = await SQL.conversation_last_seq(
                connection, workspace=workspace, conversation=thread
            )
            if last_seq is None:
                raise NotFound("There is no such conversation.")
            if after is None:
                seq = BEYOND_ANY_SEQ if before is None else before
                rows = await fetch(SQL.messages_before(connection, seq=seq, **where))
            else:
                rows = await fetch(SQL.messages_after(connection, seq=after, **where))
            views = await _message_views(connection, rows[:limit])
        more = len(rows) > limit
        if after is not None:
            return Page(views[::-1], older=after > 0, newer=more)
        return Page(views, older=more, newer=before is not None and before <= last_seq)

    async def channels(self, workspace_id: UUID) -> Sequence[ChannelView]:
        async with self._store.transaction(workspace_id) as connection:
            rows = await fetch(SQL.channels_of(connection, workspace=workspace_id))
            keys = [(workspace_id, row["id"]) for row in rows]
            healths = await read_health(connection, keys)
        now, book = datetime.now(UTC), self._store.book
        return [channel_view(mapping.channel(row, book), healths[row["id"]], now) for row in rows]

    async def channel(self, key: Key) -> ChannelView:
        async with self._store.transaction(key[0]) as connection:
            rows = await fetch(SQL.channels_by_id(connection, workspaces=[key[0]], ids=[key[1]]))
            healths = await read_health(connection, [key])
        if not rows:
            raise NotFound("There is no such channel.")
        channel = mapping.channel(rows[0], self._store.book)
        return channel_view(channel, healths[channel.id], datetime.now(UTC))

    async def members(self, workspace_id: UUID) -> Sequence[Member]:
        async with self._store.transaction(workspace_id) as connection:
            rows = await fetch(SQL.members_of(connection, workspace=workspace_id))
        return [Member(**row) for row in rows]


async def _conversation_views(
    connection: PoolConnectionProxy, rows: Sequence[Record], book: Book
) -> list[ConversationView]:
    """The rows with their contacts and channels, in the same order."""
    if not rows:
        return []
    found = [mapping.conversation(row) for row in rows]
    workspaces = [row.workspace_id for row in found]
    people = await fetch(
        SQL.contacts(connection, workspaces=workspaces, ids=[row.contact_id for row in found])
    )
    contacts = {row["id"]: mapping.contact(row) for row in people}
    ids = list({row.channel_id for row in found})
    accounts = await fetch(
        SQL.channels_by_id(connection, workspaces=workspaces[: len(ids)], ids=ids)
    )
    channels = {row["id"]: mapping.channel(row, book) for row in accounts}
    faces = await fetch(
        SQL.identities(connection, workspaces=workspaces, ids=[row.identity_id for row in found])
    )
    identities = {row["id"]: mapping.identity(row) for row in faces}
    now = datetime.now(UTC)
    return [
        conversation_view(
            row,
            contacts[row.contact_id],
            channels[row.channel_id],
            identities[row.identity_id],
            now,
        )
        for row in found
    ]


async def _message_views(
    connection: PoolConnectionProxy, rows: Sequence[Record]
) -> list[MessageView]:
    """The rows with what became of the outbound ones."""
    found = [mapping.message(row) for row in rows]
    sent = [message for message in found if message.direction == "outbound"]
    parts: dict[UUID, list[Delivery]] = defaultdict(list)
    if sent:
        known = await fetch(
            SQL.deliveries(
                connection,
                workspaces=[message.workspace_id for message in sent],
                ids=[message.id for message in sent],
            )
        )
        for row in known:
            parts[row["message_id"]].append(mapping.delivery(row))
    return [message_view(message, parts.get(message.id, ())) for message in found]
