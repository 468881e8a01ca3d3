"""Keeps INBOUND from filling up: history shrinks, what nobody has processed never does.

inbox-core's worker runs it. Above 70 % of the stream's bytes everything all durable consumers have
acknowledged may go; the last hour stays while there is room, for a replay after a database's
failover.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from bus.errors import Retryable
from bus.ports import StreamState

PURGE_ABOVE = 0.70
TAKE_THE_LAST_HOUR_ABOVE = 0.90
KEEP = timedelta(hours=1)
LOOK_EVERY_S = 30.0

HOURS_LEFT = Gauge(
    "sluice_stream_hours_left",
    "Until the stream is full at the rate since the last look; infinite while it does not grow.",
    ["stream"],
)
USED = Gauge("sluice_stream_used_ratio", "Bytes held by bytes allowed.", ["stream"])
PURGED = Counter("sluice_stream_purged_total", "Processed messages removed early.", ["stream"])

log = structlog.get_logger("bus")


class History(Protocol):
    """What retention needs of a bus beyond its port; both buses have it."""

    async def stream(self, name: str) -> StreamState: ...

    async def acknowledged(self, stream: str) -> Mapping[str, int]: ...

    async def first_since(self, stream: str, subject: str, since: datetime) -> int | None: ...

    async def purge(self, stream: str, up_to: int) -> int: ...


@dataclass(frozen=True)
class Look:
    """What was seen at a moment, to learn the rate at the next."""

    at: datetime
    last_sequence: int


class Retention:
    """Looks after one stream."""

    def __init__(
        self,
        history: History,
        stream: str = "INBOUND",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._history = history
        self._stream = stream
        self._now = now
        self._seen: Look | None = None

    async def run(self, every_s: float = LOOK_EVERY_S) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                await self.look()
            except Retryable as error:
                log.warning("retention_waits", stream=self._stream, why=str(error))
            await asyncio.sleep(every_s)

    async def look(self) -> int:
        """Measure, and purge if need be; how many messages went. Raises Unavailable, Ambiguous."""
        state = await self._history.stream(self._stream)
        self._measure(state)
        used = state.bytes / state.max_bytes if state.max_bytes > 0 else 0.0
        if used <= PURGE_ABOVE:
            return 0
        floors = await self._history.acknowledged(self._stream)
        up_to = min(floors.values(), default=0)
        if used < TAKE_THE_LAST_HOUR_ABOVE:
            kept = await self._history.first_since(self._stream, ">", self._now() - KEEP)
            up_to = min(up_to, kept - 1) if kept is not None else up_to
        if up_to < state.first_sequence:
            log.warning("retention_has_nothing_to_purge", stream=self._stream, used=round(used, 3))
            return 0
        purged = await self._history.purge(self._stream, up_to)
        PURGED.labels(self._stream).inc(purged)
        log.info("retention_purged", stream=self._stream, messages=purged, up_to=up_to)
        return purged

    def _measure(self, state: StreamState) -> None:
        now, seen = self._now(), self._seen
        self._seen = Look(now, state.last_sequence)
        if state.max_bytes <= 0:
            return
        USED.labels(self._stream).set(state.bytes / state.max_bytes)
        if seen is None or not state.messages:
            return
        seconds = (now - seen.at).total_seconds()
        written = (state.last_sequence - seen.last_sequence) * state.bytes / state.messages
        rate = written / seconds if seconds > 0 else 0.0
        left = (state.max_bytes - state.bytes) / rate / 3600 if rate > 0 else float("inf")
        HOURS_LEFT.labels(self._stream).set(left)
