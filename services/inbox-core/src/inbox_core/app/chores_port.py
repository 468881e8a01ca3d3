"""What the worker's chores need of a transaction, beside what all use cases need (ports.py).

Ripe echoes, purges, raw items to ask anew, old addresses, and the book of what channels did.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from inbox_core.app.plan import UnsupportedItem
from inbox_core.domain.files import File

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class RipeEcho:
    """An echo that need not wait any more: its event as it came, and the channel it came by."""

    channel: Key
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which raw items to ask anew. `kind` exact, or with a `*` at its end all that begin so."""

    kind: str
    since: datetime | None = None
    channel_type: str | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What came by a channel: `hours` are the events of its last whole hours, the oldest first."""

    channel: Key
    last_event_at: datetime | None
    silent_since: datetime | None
    hours: tuple[int, ...]


class Chores(Protocol):
    """Part of ports.UnitOfWork."""

    async def ripe_echoes(self, now: datetime, limit: int) -> Sequence[RipeEcho]:
        """Held echoes whose time is over, or whose person has no send outstanding. No lock."""
        ...

    async def due_files(self, now: datetime, limit: int) -> Sequence[File]:
        """Files to be purged by now, the oldest first. Takes no lock: deleting repeats."""
        ...

    async def forget_files(self, files: Collection[Key]) -> None:
        """Delete the rows of files whose bytes are gone."""
        ...

    async def forget_ips(self, before: datetime, limit: int) -> int:
        """Delete the sealed addresses of visitors stored before then, the oldest; how many."""
        ...

    async def unsupported_items(
        self, wish: Wish, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[UnsupportedItem]:
        """Raw items, the oldest first, after a place (received_at, event_id)."""
        ...

    async def note_events(
        self, seen: Mapping[Key, tuple[int, datetime]], hour: datetime
    ) -> Collection[Key]:
        """Add to the book how many events came by each channel, and when the last did.

        The answer is those that were silent: they are no more.
        """
        ...

    async def note_failures(self, failures: Mapping[tuple[Key, str], int], hour: datetime) -> None:
        """Add failed sends by (channel, kind of problem)."""
        ...

    async def pulses(self, since: datetime, until: datetime) -> Sequence[Pulse]:
        """Of the enabled channels by which something came in these hours."""
        ...

    async def fall_silent(self, channels: Collection[Key], now: datetime) -> Collection[Key]:
        """Mark them; the answer is those that were not marked yet."""
        ...

    async def silent_channels(self) -> int:
        """How many enabled channels are marked."""
        ...

    async def trim_book(self, before: datetime) -> None:
        """Forget hours and failures older than this."""
        ...
