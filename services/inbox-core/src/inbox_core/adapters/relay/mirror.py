"""The mirror: channel accounts, with their sealed secrets, in the KV bucket adapters watch.

Run by main() in the role `worker`: at start, when a channel changes, and every half minute, so
that the bucket follows the table whatever was missed. Ingestion then runs without the database.
When an account appears, what came for it before is taken back out of DEAD.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bus.errors import BusError
from bus.ports import Bucket
from contracts.records import ChannelRecord, channel_key
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.store import PostgresStore, is_transient

EVERY_S = 30.0
AFTER_FAILURE_S = 2.0

log = structlog.get_logger()

Appeared = Callable[[str, str], Awaitable[int]]
"""Called with (type, account) of each new account; how many dead letters were retried."""


class ChannelMirror:
    """Table to bucket, one way."""

    def __init__(self, store: PostgresStore, bucket: Bucket, appeared: Appeared) -> None:
        self._store = store
        self._bucket = bucket
        self._appeared = appeared
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """A channel changed: mirror now."""
        self._woken.set()

    async def run(self) -> None:
        """Mirror until cancelled."""
        while True:
            wait_s = EVERY_S
            try:
                await self.mirror()
            except Exception as error:
                # The rim of the task: outages of either side are waited out.
                if not (is_transient(error) or isinstance(error, BusError)):
                    raise
                log.warning("mirror_waits", why=type(error).__name__)
                wait_s = AFTER_FAILURE_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def mirror(self) -> int:
        """Write every record that differs from the bucket's; how many."""
        self._woken.clear()
        async with self._store.transaction(None) as connection:
            rows = await fetch(SQL.all_channels(connection))
        there = {entry.key: entry.value for entry in await self._bucket.entries()}
        written = 0
        for row in rows:
            record = ChannelRecord(**row)
            key = channel_key(record.type, record.account)
            value = record.model_dump_json().encode()
            if there.get(key) == value:
                continue
            await self._bucket.put(key, value)
            written += 1
            if key not in there:
                retried = await self._appeared(record.type, record.account)
                log.info("channel_appeared", channel_id=str(record.id), retried=retried)
        return written
