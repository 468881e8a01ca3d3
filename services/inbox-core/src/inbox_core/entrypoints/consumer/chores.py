"""What the worker does beside reading: sweeping stalled sends, and watching for a failover.

Run by main() as supervised tasks of the role `worker`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from bus.errors import Conflict
from bus.ports import Bucket
from inbox_core.app.ports import Store
from inbox_core.app.sweep import LIMIT, give_up_overdue, sweep

SWEEP_S = 1.0
WATCH_S = 5.0
REPLAY = timedelta(hours=1)
"""How far back INBOUND is read again after a failover: longer than any failover takes."""
IDENTITY = "postgres"

log = structlog.get_logger()


async def sweep_forever(store: Store, is_transient: Callable[[BaseException], bool]) -> None:
    """What no event moves on: sends that waited for room, sends whose result never came."""
    while True:
        try:
            while await sweep(store, datetime.now(UTC)) >= LIMIT:
                pass
            if given_up := await give_up_overdue(store, datetime.now(UTC)):
                log.error("sends_without_result", parts=given_up)
        except Exception as error:
            # The rim of the task: outages are waited out, a bug ends the task and shows.
            if not is_transient(error):
                raise
            log.warning("sweep_waits", why=type(error).__name__)
        await asyncio.sleep(SWEEP_S)


class FailoverWatch:
    """A database that failed over may have lost commits: INBOUND still has their events.

    The server's system identifier and timeline are kept in a bucket; when either changes, the
    last hour of INBOUND is replayed, which is safe because the worker is idempotent.
    """

    def __init__(
        self,
        identity: Callable[[], Awaitable[tuple[str, int]]],
        bucket: Bucket,
        replay: Callable[[datetime, datetime], Awaitable[int]],
        is_transient: Callable[[BaseException], bool],
    ) -> None:
        self._identity = identity
        self._bucket = bucket
        self._replay = replay
        self._is_transient = is_transient

    async def run(self) -> None:
        """Look every WATCH_S until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:
                # The rim of the task, as above.
                if not self._is_transient(error):
                    raise
                log.warning("failover_watch_waits", why=type(error).__name__)
            await asyncio.sleep(WATCH_S)

    async def look(self) -> bool:
        """Compare once; True when a failover was found and the replay is done."""
        system, timeline = await self._identity()
        value = json.dumps({"system": system, "timeline": timeline}).encode()
        entry = await self._bucket.get(IDENTITY)
        if entry is None:
            try:
                await self._bucket.create(IDENTITY, value)
            except Conflict:
                log.debug("failover_watch_raced")
            return False
        if entry.value == value:
            return False
        now = datetime.now(UTC)
        log.error("database_failed_over", timeline=timeline)
        replayed = await self._replay(now - REPLAY, now)
        # Written after the replay: a crash in between replays again, which is harmless.
        await self._bucket.put(IDENTITY, value)
        log.info("failover_replayed", messages=replayed)
        return True
