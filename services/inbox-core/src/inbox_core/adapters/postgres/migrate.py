"""Forward-only migrations: plain SQL files in dbmate's format, one transaction each.

Called by `inbox-core-admin migrate`, and by the tests to make their databases.
"""

import re
from importlib.resources import files

import asyncpg

LOCK = 7_221_180_004
"""An advisory lock of our own: two migrating processes take turns. Never used on a hot path."""

_UP = re.compile(r"-- migrate:up[^\n]*\n(.*?)(?:-- migrate:down|\Z)", re.DOTALL)


async def ensure_roles(connection: asyncpg.Connection, passwords: dict[str, str]) -> None:
    """Create sluice_owner, sluice_api and sluice_worker, or set their passwords anew."""
    for role, password in passwords.items():
        await connection.execute("SELECT set_config($1, $2, false)", f"sluice.{role}", password)
    await connection.execute(_read("roles.sql"))
    for role in passwords:
        await connection.execute("SELECT set_config($1, '', false)", f"sluice.{role}")


async def migrate(connection: asyncpg.Connection) -> list[str]:
    """Apply what is missing, as sluice_owner; the versions applied."""
    await connection.execute("SET ROLE sluice_owner")
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)"
        )
        rows = await connection.fetch("SELECT version FROM schema_migrations")
        done = {row["version"] for row in rows}
        applied = []
        for version, sql in all_migrations():
            if version in done:
                continue
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '4s'")
                await connection.execute(sql)
                await connection.execute(
                    "INSERT INTO schema_migrations (version) VALUES ($1)", version
                )
            applied.append(version)
        return applied
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
        await connection.execute("RESET ROLE")


def all_migrations() -> list[tuple[str, str]]:
    """(version, SQL) of every migration, in order."""
    folder = files("inbox_core.adapters.postgres") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name.split("_", 1)[0], _up(_read(f"migrations/{name}"))) for name in names]


def _up(source: str) -> str:
    match = _UP.search(source)
    if match is None:
        raise ValueError("a migration has no '-- migrate:up' block")
    return match[1]


def _read(path: str) -> str:
    return (files("inbox_core.adapters.postgres") / path).read_text(encoding="utf-8")
