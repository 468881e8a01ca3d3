"""What only some kinds of events need: app.events_port.EventReads. Mixed into unit_of_work."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres import mapping
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import pairs
from inbox_core.app.events_port import Key, Mark
from inbox_core.app.plan import UnsupportedItem
from inbox_core.domain.identity import AliasKey
from inbox_core.domain.message import Message


class PostgresEventReads:
    """Nothing is asked for an empty set of keys."""

    _connection: PoolConnectionProxy

    async def find_aliases(self, keys: Collection[AliasKey]) -> Mapping[AliasKey, UUID | None]:
        if not keys:
            return {}
        rows = await fetch(
            SQL.find_aliases(
                self._connection,
                workspaces=[key.workspace_id for key in keys],
                channels=[key.channel_id for key in keys],
                kinds=[key.kind for key in keys],
                names=[key.value for key in keys],
            )
        )
        return {mapping.alias_key(row): row["identity_id"] for row in rows}

    async def busy_identities(self, identities: Collection[Key]) -> Collection[UUID]:
        if not identities:
            return ()
        rows = await fetch(SQL.busy_identities(self._connection, **pairs(identities)))
        return [row["id"] for row in rows]

    async def lock_items(
        self, keys: Collection[tuple[UUID, str]]
    ) -> Mapping[tuple[UUID, str], UnsupportedItem]:
        if not keys:
            return {}
        workspaces, events = [key[0] for key in keys], [key[1] for key in keys]
        rows = await fetch(SQL.lock_items(self._connection, workspaces=workspaces, events=events))
        return {(row["workspace_id"], row["event_id"]): mapping.item(row) for row in rows}

    async def covered(self, marks: Sequence[Mark], limit: int) -> Collection[Key]:
        if not marks:
            return ()
        rows = await fetch(
            SQL.covered(
                self._connection,
                **pairs([mark.identity for mark in marks]),
                ranks=[int(mark.rank) for mark in marks],
                moments=[mark.up_to for mark in marks],
                conversations=[mark.conversation for mark in marks],
                seqs=[mark.up_to_seq for mark in marks],
                most=limit,
            )
        )
        return [(row["workspace_id"], row["message_id"]) for row in rows]

    async def newest_shown(self, conversation: Key, besides: Collection[UUID]) -> Message | None:
        workspace, thread = conversation
        row = await SQL.newest_shown(
            self._connection, workspace=workspace, conversation=thread, besides=list(besides)
        )
        return mapping.message(row) if row else None
