"""The health of channels, read from its tables. Called by unit_of_work and reading."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.app.health import ChannelHealth
from inbox_core.app.ports import Key


async def read_health(
    connection: PoolConnectionProxy, keys: Collection[Key]
) -> Mapping[UUID, ChannelHealth]:
    """Of every channel there is, with its failures of the last 24 hours."""
    if not keys:
        return {}
    wanted = {"workspaces": [key[0] for key in keys], "ids": [key[1] for key in keys]}
    rows = await fetch(SQL.channel_health(connection, **wanted))
    failures: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await fetch(SQL.channel_failures(connection, **wanted)):
        failures[row["channel_id"]][row["kind"]] = int(row["failures"])
    return {
        row["channel_id"]: ChannelHealth(**row, errors=failures.get(row["channel_id"]))
        for row in rows
    }
