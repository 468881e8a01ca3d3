"""A database as inbox-core has it: roles made, migrations applied, one fresh copy a test.

    async def test_something(database: Database) -> None:
        pool = await open_pool(database.api_url, size=2, name="test")

Migrating once a session and copying is what makes a fresh one cheap (some 100 ms).
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncpg
import pytest

from inbox_core.adapters.postgres.migrate import ensure_roles, migrate
from sluice_local.servers.postgres import PostgresServer
from support.servers import template, temporary_database

PASSWORDS = {
    "sluice_owner": "owner-of-tests",
    "sluice_api": "api-of-tests",
    "sluice_worker": "worker-of-tests",
}


@dataclass(frozen=True)
class Database:
    """The addresses of one database, by the role that uses it. `admin_url` is the superuser's."""

    name: str
    admin_url: str
    owner_url: str
    api_url: str
    worker_url: str


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresServer) -> str:
    """The name of the database that tests copy."""
    return template(postgres_server, "inbox_core_migrated", _migrate)


@pytest.fixture
def database(postgres_server: PostgresServer, migrated_template: str) -> Iterator[Database]:
    with temporary_database(postgres_server, migrated_template) as admin_url:
        name = admin_url.rsplit("/", 1)[1]
        urls = {
            role: postgres_server.database_url(name, role, password)
            for role, password in PASSWORDS.items()
        }
        yield Database(
            name=name,
            admin_url=admin_url,
            owner_url=urls["sluice_owner"],
            api_url=urls["sluice_api"],
            worker_url=urls["sluice_worker"],
        )


def _migrate(url: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await ensure_roles(connection, PASSWORDS)
            await migrate(connection)
        finally:
            await connection.close()

    # In a thread of its own: a loop of this one may be at work.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()
