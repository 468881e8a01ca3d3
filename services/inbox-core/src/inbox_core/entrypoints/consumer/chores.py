"""What the worker watches: credentials that may have expired, a database that failed over.

Run by main() as supervised tasks of the role `worker`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Counter

from bus.errors import Conflict
from bus.ports import Bucket
from inbox_core.app.validate import Revalidation

WATCH_S = 5.0
REVALIDATE_S = 60.0
REPLAY = timedelta(hours=1)
"""How far back INBOUND is read again after a failover: longer than any failover takes."""
IDENTITY = "postgres"

REVALIDATED = Counter(
    "sluice_channels_revalidated_total", "Channels looked at again, by what came of it", ["outcome"]
)

log = structlog.get_logger()


async def revalidate_forever(
    revalidation: Revalidation, is_transient: Callable[[BaseException], bool]
) -> None:
    """One channel a minute is asked about: whether the platform still takes its credential."""
    while True:
        try:
            REVALIDATED.labels(await revalidation.step(datetime.now(UTC))).inc()
        except Exception as error:
            # The rim of the task: an outage is waited out, anything else ends it loudly.
            if not is_transient(error):
                raise
            log.warning("revalidation_waits", why=type(error).__name__)
        await asyncio.sleep(REVALIDATE_S)


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
