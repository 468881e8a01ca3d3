"""Repeated requests in table idempotency_keys: app.idempotency.Repeats. Built in main()."""

import asyncio

import asyncpg
import structlog

from inbox_core.adapters.postgres.queries import SQL
from inbox_core.adapters.postgres.store import PostgresStore, is_transient
from inbox_core.app.idempotency import (
    CLAIM_S,
    KEPT_S,
    Claim,
    Claimed,
    InFlight,
    Replay,
    RequestKey,
    Reused,
)

PURGE_AT_ONCE = 5000
PURGE_EVERY_S = 3600

log = structlog.get_logger()


class PostgresRepeats:
    """A transaction a step, apart from the request's own: a crash between them leaves a claim."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    async def claim(self, request: RequestKey) -> Claim:
        async with self._store.transaction(request.workspace_id) as connection:
            ours = await SQL.claim_request(
                connection,
                **_key(request),
                hash=request.request_hash,
                kept=KEPT_S,
                claim=CLAIM_S,
            )
            if ours:
                return Claimed()
            row = await SQL.claimed_request(connection, **_key(request))
        if row is None:  # forgotten between the two statements: its owner failed just now
            return InFlight()
        if row["request_hash"] != request.request_hash:
            return Reused()
        if row["status"] is None:
            return InFlight()
        return Replay(row["status"], row["response"])

    async def keep(self, request: RequestKey, status: int, body: bytes) -> None:
        try:
            async with self._store.transaction(request.workspace_id) as connection:
                await SQL.keep_answer(connection, **_key(request), status=status, response=body)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _not_noted(error)

    async def forget(self, request: RequestKey) -> None:
        try:
            async with self._store.transaction(request.workspace_id) as connection:
                await SQL.forget_request(connection, **_key(request))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _not_noted(error)

    async def run(self) -> None:
        """Purge every hour until cancelled; an outage is waited out. Supervised by main()."""
        while True:
            try:
                await self.purge()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                _not_noted(error)
            await asyncio.sleep(PURGE_EVERY_S)

    async def purge(self) -> int:
        """Delete answers too old to be given again; how many."""
        deleted = 0
        while True:
            async with self._store.transaction(None) as connection:
                bite = await SQL.purge_requests(connection, kept=KEPT_S, most=PURGE_AT_ONCE)
            deleted += int(bite)
            if bite < PURGE_AT_ONCE:
                return deleted


def _not_noted(error: Exception) -> None:
    """Later then: a claim stands for a minute, after which the request may run again."""
    if not is_transient(error):
        raise error
    log.warning("idempotency_not_noted", why=type(error).__name__)


def _key(request: RequestKey) -> dict[str, object]:
    return {
        "workspace": request.workspace_id,
        "principal": request.principal,
        "key": request.key,
    }
