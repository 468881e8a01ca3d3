"""Accounts, sessions and API tokens: app.login.Accounts, over the functions of migration 0003.

Neither passwords' hashes nor tokens' can be listed by the API's role: it can only ask about one.
"""

from uuid import UUID

import asyncpg

from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.app.access import Membership
from inbox_core.app.login import Account, ApiToken, Session

ACQUIRE_S = 5


class PostgresAccounts:
    """Single statements, outside any workspace."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def account(self, email: str) -> Account | None:
        if "\x00" in email:
            return None
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await SQL.account(connection, email=email)
        return Account(**row) if row else None

    async def open_session(self, token_hash: bytes, user_id: UUID, lifetime_s: int) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await SQL.open_session(connection, hash=token_hash, user_id=user_id, seconds=lifetime_s)

    async def session(self, token_hash: bytes) -> Session | None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await fetch(SQL.session(connection, hash=token_hash))
        if not rows:
            return None
        return Session(
            user_id=rows[0]["user_id"],
            user_name=rows[0]["user_name"],
            email=rows[0]["email"],
            expires_at=rows[0]["expires_at"],
            memberships=[_membership(row) for row in rows if row["workspace_id"] is not None],
        )

    async def close_session(self, token_hash: bytes) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await SQL.close_session(connection, hash=token_hash)

    async def token(self, token_hash: bytes) -> ApiToken | None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await SQL.api_token(connection, hash=token_hash)
        if row is None:
            return None
        return ApiToken(row["id"], row["name"], row["user_id"], _membership(row))


def _membership(row: asyncpg.Record) -> Membership:
    return Membership(row["workspace_id"], row["workspace_name"], row["role"])
