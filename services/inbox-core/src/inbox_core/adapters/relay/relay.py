"""The relay: what transactions left in the outbox goes to the bus, and only then leaves the table.

Run by main() in the role `relay`, one task a lane. A crash between publishing and deleting
publishes again: commands carry their outbox id as Nats-Msg-Id and are claimed by their adapter,
changes carry versions; both make a repeat harmless.
"""

import asyncio
from typing import Literal

import structlog
from prometheus_client import Counter, Gauge

from bus.dead import DeadLetters
from bus.errors import Permanent, Retryable
from bus.ports import Publisher
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.store import PostgresStore, is_transient

Lane = Literal["changes", "commands"]
LANES: tuple[Lane, ...] = ("changes", "commands")

MOST = 200
"""Rows a round; they are published at once and deleted in the same transaction."""
IDLE_S = 0.1
"""A commit of this process wakes the relay at once; those of others are found this late."""
PAUSE_S = (0.2, 5.0)
"""After a failure, doubling from the first to the second."""

RELAYED = Counter("sluice_outbox_relayed_total", "Outbox rows published", ["lane", "outcome"])
DEPTH = Gauge("sluice_outbox_depth", "Outbox rows waiting, capped at 10,000", ["lane"])

log = structlog.get_logger()


class Relay:
    """One lane of the outbox."""

    def __init__(
        self, store: PostgresStore, publisher: Publisher, dead: DeadLetters, lane: Lane
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._dead = dead
        self.lane = lane
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Relay until cancelled."""
        pause = PAUSE_S[0]
        while True:
            try:
                while await self.relay_once():
                    pause = PAUSE_S[0]
                await self._idle()
            except Retryable as error:
                log.warning("relay_waits", lane=self.lane, why=str(error))
                pause = await _pause(pause)
            except Exception as error:
                # The rim of the task: an outage is waited out, anything else is a bug that shows.
                if not is_transient(error):
                    raise
                log.warning("relay_waits", lane=self.lane, why=type(error).__name__)
                pause = await _pause(pause)

    async def relay_once(self) -> int:
        """Publish what waits, at most MOST rows; how many went. Raises the first failure."""
        self._woken.clear()
        async with self._store.transaction(None) as connection:
            rows = await fetch(SQL.take_outbox(connection, lane=self.lane, most=MOST))
            if not rows:
                return 0
            results = await asyncio.gather(
                *(self._publish(str(row["id"]), row["subject"], row["body"]) for row in rows),
                return_exceptions=True,
            )
            gone = [row["id"] for row, result in zip(rows, results, strict=True) if result is None]
            await SQL.delete_outbox(connection, lane=self.lane, ids=gone)
            left = len(rows) - len(gone)
            if len(rows) == MOST:
                left = await SQL.outbox_depth(connection, lane=self.lane)
            DEPTH.labels(self.lane).set(left)
        RELAYED.labels(self.lane, "published").inc(len(gone))
        for failure in results:
            if failure is not None:
                RELAYED.labels(self.lane, "failed").inc(len(rows) - len(gone))
                raise failure
        return len(gone)

    async def _publish(self, row_id: str, subject: str, body: bytes) -> None:
        message_id = row_id if self.lane == "commands" else None
        try:
            await self._publisher.publish(subject, body, message_id=message_id)
        except Permanent as error:
            detail = str(error)
            await self._dead.put(
                "unpublishable", body, detail=detail, subject=subject, shape="message"
            )

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(IDLE_S):
                await self._woken.wait()
        except TimeoutError:
            pass


async def _pause(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return min(seconds * 2, PAUSE_S[1])
