"""The health book: what came by each channel, and what failed, hour by hour.

The worker counts in memory and writes the book every few seconds, in a transaction of its own, so
that counting costs the events nothing; a crash loses those seconds. Out of the book comes the
alarm for a busy channel that has fallen silent. Called by entrypoints.consumer.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from inbox_core.app.account_health import announce
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, Store, UnitOfWork
from inbox_core.domain.actors import WORKER
from inbox_core.domain.silence import LOOK_BACK_HOURS, is_silent

KEPT_FOR = timedelta(days=30)


class HealthBook:
    """What has not been written yet. Used by one event loop."""

    def __init__(self) -> None:
        self._seen: Counter[Key] = Counter()
        self._last: dict[Key, datetime] = {}
        self._failures: Counter[tuple[Key, str]] = Counter()

    def note(
        self, seen: Mapping[Key, int], failures: Mapping[tuple[Key, str], int], now: datetime
    ) -> None:
        """A batch was stored."""
        self._seen.update(seen)
        self._failures.update(failures)
        self._last.update(dict.fromkeys(seen, now))

    async def write(self, store: Store, now: datetime) -> None:
        """Write what was noted, and keep it when that fails."""
        if not self._seen:
            return
        seen, last, failures = self._seen, self._last, self._failures
        self._seen, self._last, self._failures = Counter(), {}, Counter()
        hour = now.replace(minute=0, second=0, microsecond=0)
        try:
            async with store.begin() as uow:
                events = {key: (count, last[key]) for key, count in sorted(seen.items())}
                awake = await uow.note_events(events, hour)
                await uow.note_failures(dict(sorted(failures.items())), hour)
                await _tell(uow, awake, now)
        except BaseException:
            self._seen.update(seen)
            self._failures.update(failures)
            self._last = {**last, **self._last}
            raise


async def listen_for_silence(store: Store, now: datetime) -> int:
    """Mark the channels that have fallen silent; how many are silent now."""
    async with store.begin() as uow:
        until = now.replace(minute=0, second=0, microsecond=0)
        pulses = await uow.pulses(until - timedelta(hours=LOOK_BACK_HOURS), until)
        quiet = [
            pulse.channel
            for pulse in pulses
            if pulse.silent_since is None and is_silent(pulse.hours, pulse.last_event_at, now)
        ]
        await _tell(uow, await uow.fall_silent(quiet, now), now)
        return await uow.silent_channels()


async def trim(store: Store, now: datetime) -> None:
    """Forget the old pages of the book."""
    async with store.begin() as uow:
        await uow.trim_book(now - KEPT_FOR)


async def _tell(uow: UnitOfWork, channels: Collection[Key], now: datetime) -> None:
    """Screens see that a channel fell silent, or is heard again."""
    if not channels:
        return
    plan = Plan(now, WORKER)
    health = await uow.channel_health(channels)
    for key in sorted(channels, key=lambda key: key[1]):
        await announce(uow, plan, key, health[key[1]])
    await uow.write(plan)
