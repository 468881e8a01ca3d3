"""Display names of members: for units of work and for history.py alike."""

from collections.abc import Collection, Mapping
from uuid import UUID

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import pairs
from inbox_core.app.ports import Key


async def read_names(
    connection: PoolConnectionProxy, members: Collection[Key]
) -> Mapping[UUID, str]:
    """By user id; left out who is no member there."""
    if not members:
        return {}
    rows = await fetch(SQL.member_names(connection, **pairs(members)))
    return {row["user_id"]: row["name"] for row in rows}
