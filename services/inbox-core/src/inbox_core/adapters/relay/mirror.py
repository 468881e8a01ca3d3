"""The mirror: channel accounts, with their sealed secrets, in the KV bucket adapters watch.

Run by main() in the role `worker`: at start, when a channel changes, and every half minute, so
that the bucket follows the table whatever was missed. Ingestion then runs without the database.
When an account appears, what came for it before is taken back out of DEAD, again and again for
a while: an event decided just before may be laid there just after.
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
RETRY_FOR_S = 300.0
"""How long the dead letters of a new account are looked for."""

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
        self._new: dict[tuple[str, str], float] = {}

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
                log.info("channel_appeared", channel_id=str(record.id))
                self._new[record.type, record.account] = asyncio.get_running_loop().time()
        await self._retry_new()
        return written

    async def _retry_new(self) -> None:
        now = asyncio.get_running_loop().time()
        for (channel, account), since in list(self._new.items()):
            if retried := await self._appeared(channel, account):
                log.info("dead_letters_retried", channel=channel, retried=retried)
            if now - since > RETRY_FOR_S:
                del self._new[channel, account]
