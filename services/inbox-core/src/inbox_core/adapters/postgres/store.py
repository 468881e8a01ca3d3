"""Pools and transactions. Built in main(): one store for the API's role, one for the worker's."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres.queries import SQL
from inbox_core.adapters.postgres.unit_of_work import PostgresUnitOfWork
from inbox_core.adapters.postgres.values import dump_json
from inbox_core.app.capabilities import Book
from inbox_core.app.ports import UnitOfWork

TRANSIENT_CODES = frozenset({"23505", "40001", "40P01"})
TRANSIENT_CLASSES = frozenset({"08", "53", "55", "57"})
NOT_TRANSIENT = frozenset({"57014"})
"""A statement timeout repeats with the same data: it is the statement's fault."""


OPEN_WITHIN_S = 20.0
OPEN_PAUSE_S = (0.1, 0.4)


def is_race(error: BaseException) -> bool:
    """Whether repeating at once, a few times, helps: another transaction was in the way.

    Or the connection: a server that is killed in the middle of an answer leaves the driver in a
    state it does not know, and says so by InternalClientError. The next connection is a fresh one.
    """
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate in TRANSIENT_CODES
    return isinstance(error, asyncpg.InternalClientError)


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when repeated: races, outages, full disks."""
    if isinstance(error, asyncpg.PostgresError):
        code = error.sqlstate or ""
        if code in NOT_TRANSIENT:
            return False
        return code in TRANSIENT_CODES or code[:2] in TRANSIENT_CLASSES
    # asyncpg raises these for a connection that is gone; OSError covers refused and reset.
    gone = asyncpg.InterfaceError | asyncpg.InternalClientError | OSError | TimeoutError
    return isinstance(error, gone)


async def open_pool(url: str, *, size: int, name: str) -> asyncpg.Pool:
    """A pool of `size` connections, statements bounded in time, JSON by orjson.

    Waits for a server that is still starting: a service may be started together with it, or while
    it recovers, and is not to die of that.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + OPEN_WITHIN_S
    while True:
        try:
            return await _open_pool(url, size, name)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if not is_transient(error) or loop.time() > ends:
                raise
        await asyncio.sleep(random.uniform(*OPEN_PAUSE_S))  # noqa: S311 - spread, no secret


async def _open_pool(url: str, size: int, name: str) -> asyncpg.Pool:
    async def prepare(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec(
            "jsonb", encoder=dump_json, decoder=orjson.loads, schema="pg_catalog"
        )

    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        init=prepare,
        command_timeout=30,
        server_settings={
            "application_name": name,
            "statement_timeout": "20000",
            "lock_timeout": "10000",
            "idle_in_transaction_session_timeout": "30000",
        },
    )


class PostgresStore:
    """Transactions as units of work, or as plain connections for reading."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        committed: Callable[[], None] = lambda: None,
        book: Book | None = None,
    ) -> None:
        """`committed` is called after each commit: it wakes the relay of this process.

        `book` says what the channels that are loaded can do; None: nobody has announced anything.
        """
        self._pool = pool
        self._committed = committed
        self._book = book or Book()

    @property
    def book(self) -> Book:
        """What the channels it loads can do, by type."""
        return self._book

    async def server_identity(self) -> tuple[str, int]:
        """(system identifier, timeline): another pair is another server, or one that failed over.

        Commits may be missing then (FailoverWatch).
        """
        async with self._pool.acquire(timeout=5) as connection:
            row = await SQL.server_identity(connection)
        return str(row["system"]), int(row["timeline"])

    def begin(self, workspace_id: UUID | None = None) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction that writes."""
        return self._begin(workspace_id)

    @asynccontextmanager
    async def _begin(self, workspace_id: UUID | None) -> AsyncIterator[UnitOfWork]:
        async with self.transaction(workspace_id) as connection:
            yield PostgresUnitOfWork(connection, self.book)
        self._committed()

    @asynccontextmanager
    async def transaction(self, workspace_id: UUID | None) -> AsyncIterator[PoolConnectionProxy]:
        """A transaction that row-level security confines to one workspace (None: the role's)."""
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            if workspace_id is not None:
                await connection.execute(
                    "SELECT set_config('app.workspace_id', $1, true)", str(workspace_id)
                )
            yield connection
