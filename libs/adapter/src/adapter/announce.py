"""Announces what channel types can do: their Capabilities, in the bucket of that name.

Run by each service's role `deliver`, at its start and then ever again: a bucket that was made anew
while the bus was away is filled by the next look. Of two releases that run side by side the higher
revision stands.
"""

import asyncio
from collections.abc import Sequence

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from bus.errors import Conflict, Retryable
from bus.ports import Bucket, Entry
from contracts.capabilities import Capabilities

BUCKET = "capabilities"
EVERY_S = 30.0
"""Between two looks; each is one read a channel type."""

ANNOUNCED = Counter(
    "sluice_announcements_total", "Looks at what a channel type announced", ("channel", "outcome")
)

log = structlog.get_logger()


class Announcer:
    """Keeps the records of these channel types in place."""

    def __init__(self, bucket: Bucket, announced: Sequence[Capabilities]) -> None:
        self._bucket = bucket
        self._announced = announced

    async def run(self) -> None:
        """For the life of the process."""
        while True:
            await self.announce()
            await asyncio.sleep(EVERY_S)

    async def announce(self) -> None:
        """One look at each record, which is written if it must be."""
        for can in self._announced:
            try:
                outcome = await self._put(can)
            except (Retryable, Conflict) as error:
                outcome = "failed"
                log.warning("announcement_failed", channel=can.channel, why=type(error).__name__)
            ANNOUNCED.labels(can.channel, outcome).inc()

    async def _put(self, can: Capabilities) -> str:
        """What was done. Raises Conflict when another process was quicker: the next look tells."""
        entry = await self._bucket.get(can.channel)
        value = can.model_dump_json().encode()
        if entry is None:
            await self._bucket.create(can.channel, value)
            return "written"
        there = _read(entry)
        if there == can:
            return "there"
        if there is not None and there.revision > can.revision:
            return "newer_there"
        await self._bucket.update(can.channel, value, entry.revision)
        return "written"


def _read(entry: Entry) -> Capabilities | None:
    """None: nobody can read it, so it may be replaced."""
    try:
        return Capabilities.model_validate_json(entry.value)
    except ValidationError:
        return None
