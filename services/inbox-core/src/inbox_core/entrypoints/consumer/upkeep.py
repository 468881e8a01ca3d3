"""Upkeep: what the worker does beside reading that is due every so often, and waits out outages.

    sweep      sends that waited for room, results that never came, echoes that waited long enough
    purge      files nobody may see any more
    book       what came by each channel, from memory to its table
    silence    busy channels by which nothing comes any more
    addresses  of visitors, sealed, that were kept for long enough

Built by main() in the role `worker`; each is a supervised task.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge

from inbox_core.app.health_book import HealthBook, listen_for_silence, trim
from inbox_core.app.ports import Store
from inbox_core.app.purge import LIMIT as PURGE_LIMIT
from inbox_core.app.purge import Shelf, purge
from inbox_core.app.release import LIMIT as RELEASE_LIMIT
from inbox_core.app.release import release_echoes
from inbox_core.app.sweep import LIMIT as SWEEP_LIMIT
from inbox_core.app.sweep import give_up_overdue, sweep
from inbox_core.app.visitor_ips import LIMIT as ADDRESSES_LIMIT
from inbox_core.app.visitor_ips import forget_ips

SWEEP_S = 1.0
PURGE_S = 10.0
BOOK_S = 5.0
SILENCE_S = 60.0
ADDRESSES_S = 3600.0

DONE = Counter("sluice_upkeep_total", "Rows that no event moved on, by what was done", ["what"])
SILENT = Gauge("sluice_channels_silent", "Busy channels by which nothing comes any more")

log = structlog.get_logger()

Work = Callable[[datetime], Awaitable[None]]


async def forever(
    name: str, every_s: float, work: Work, may_pass: Callable[[BaseException], bool]
) -> None:
    """Work, pause, again. Outages are waited out; a bug ends the task and shows."""
    while True:
        try:
            await work(datetime.now(UTC))
        except Exception as error:
            # The rim of the task.
            if not may_pass(error):
                raise
            log.warning("upkeep_waits", what=name, why=type(error).__name__)
        await asyncio.sleep(every_s)


class Upkeep:
    """The pieces of work, each to be given to `forever`."""

    def __init__(
        self,
        store: Store,
        files: Shelf,
        book: HealthBook,
        addresses_kept: timedelta = timedelta(days=90),
    ) -> None:
        self._store = store
        self._addresses_kept = addresses_kept
        self._files = files
        self._book = book

    async def sweep(self, now: datetime) -> None:
        """Sends and echoes that no event moves on."""
        while True:
            went = await sweep(self._store, now)
            DONE.labels("dispatched").inc(went)
            if went < SWEEP_LIMIT:
                break
        if given_up := await give_up_overdue(self._store, now):
            DONE.labels("given_up").inc(given_up)
            log.error("sends_without_result", parts=given_up)
        while True:
            released = await release_echoes(self._store, now)
            DONE.labels("echoes_released").inc(released)
            if released < RELEASE_LIMIT:
                break

    async def purge(self, now: datetime) -> None:
        """Every file that is due."""
        while True:
            purged = await purge(self._store, self._files, now)
            DONE.labels("files_purged").inc(purged)
            if purged < PURGE_LIMIT:
                break

    async def write_book(self, now: datetime) -> None:
        """What was counted since the last time."""
        await self._book.write(self._store, now)

    async def listen(self, now: datetime) -> None:
        """The alarm, and the book's old pages."""
        SILENT.set(await listen_for_silence(self._store, now))
        await trim(self._store, now)

    async def forget_addresses(self, now: datetime) -> None:
        """Every address that is old enough."""
        while True:
            forgotten = await forget_ips(self._store, self._addresses_kept, now)
            DONE.labels("addresses_forgotten").inc(forgotten)
            if forgotten < ADDRESSES_LIMIT:
                break
