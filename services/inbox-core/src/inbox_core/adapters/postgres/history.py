"""What visitors may see, straight from the tables: app.history.VisitorStore. Built in main().

Messages may be a megabyte each: they are read a few at a time, until an answer is full.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres import mapping
from inbox_core.adapters.postgres.names import read_names
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.store import PostgresStore
from inbox_core.adapters.postgres.values import NUL, pairs
from inbox_core.app.history import BEYOND_ANY_SEQ, Head, Person, VisitorReads
from inbox_core.app.ports import Key
from inbox_core.domain.files import File
from inbox_core.domain.message import Message
from inbox_core.domain.status import Status

AT_A_TIME = 8
"""Messages of one round trip."""


class PostgresVisitors:
    """Each `read` is one transaction, confined to its workspace by row-level security too."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def read(
        self, channel_type: str, account: str
    ) -> AbstractAsyncContextManager[VisitorReads | None]:
        return self._read(channel_type, account)

    @asynccontextmanager
    async def _read(self, channel_type: str, account: str) -> AsyncIterator[VisitorReads | None]:
        if NUL in account:
            yield None
            return
        async with self._store.transaction(None) as connection:
            row = await SQL.enter_visitor_channel(connection, type=channel_type, account=account)
            channel = (row["workspace_id"], row["id"]) if row else None
            yield PostgresVisitorReads(connection, channel) if channel else None


class PostgresVisitorReads:
    """app.history.VisitorReads over one transaction."""

    def __init__(self, connection: PoolConnectionProxy, channel: Key) -> None:
        self._connection = connection
        self._workspace, self._channel = channel

    @property
    def workspace_id(self) -> UUID:
        return self._workspace

    async def people(self, aliases: Sequence[tuple[str, str]]) -> Sequence[Person]:
        # No name in the table has a NUL, and Postgres would not even look for it.
        named = [alias for alias in aliases if NUL not in "".join(alias)]
        rows = await fetch(
            SQL.visitor_people(
                self._connection,
                workspace=self._workspace,
                channel=self._channel,
                kinds=[kind for kind, _ in named],
                names=[value for _, value in named],
            )
        )
        return list(dict.fromkeys(Person(**row) for row in rows))

    async def heads(self, identities: Sequence[UUID], limit: int) -> Sequence[Head]:
        rows = await fetch(
            SQL.visitor_threads(
                self._connection,
                workspace=self._workspace,
                identities=list(identities),
                most=limit,
            )
        )
        return [Head(**{**row, "status": Status(row["status"])}) for row in rows]

    async def owns(self, identities: Sequence[UUID], conversation: UUID) -> bool:
        found = await SQL.visitor_owns(
            self._connection,
            workspace=self._workspace,
            conversation=conversation,
            identities=list(identities),
        )
        return bool(found)

    def after(self, conversation: UUID, seq: int, limit: int) -> AsyncIterator[Message]:
        return self._messages(SQL.visitor_messages_after.sql, conversation, seq, limit)

    def before(self, conversation: UUID, seq: int, limit: int) -> AsyncIterator[Message]:
        return self._messages(SQL.visitor_messages_before.sql, conversation, seq, limit)

    async def external_ids(self, messages: Collection[Key]) -> Mapping[UUID, str]:
        rows = (
            await fetch(SQL.external_ids(self._connection, **pairs(messages))) if messages else ()
        )
        return {row["message_id"]: row["provider_id"] for row in rows}

    async def files(self, keys: Collection[Key]) -> Mapping[UUID, File]:
        rows = await fetch(SQL.files(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.file(row) for row in rows}

    async def member_names(self, members: Collection[Key]) -> Mapping[UUID, str]:
        return await read_names(self._connection, members)

    async def settings(self) -> Mapping[str, Any]:
        return dict(await SQL.workspace_settings(self._connection, workspace=self._workspace) or {})

    async def _messages(
        self, sql: str, conversation: UUID, seq: int, limit: int
    ) -> AsyncIterator[Message]:
        place = min(max(seq, 0), BEYOND_ANY_SEQ)
        # Parameters in the order in which the query first names them.
        rows = self._connection.cursor(
            sql, self._workspace, conversation, place, limit, prefetch=AT_A_TIME
        )
        async for row in rows:
            yield mapping.message(row)
