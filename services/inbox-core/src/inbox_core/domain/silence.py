"""Silence: when it means something that nothing comes by a channel. Pure; used by app.health_book.

A subscription that was dropped, or another app that took the threads, shows in nothing but this.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

LOOK_BACK_HOURS = 6
BUSY_EVENTS = 20
"""An hour with so many events is a busy one."""
BUSY_HOURS = 3
"""So many busy hours of those looked at make a channel whose silence means something."""
PATIENCE = timedelta(minutes=15)
"""Nothing shorter is silence."""
GAPS = 20
"""Silence is so many times the usual time between two events."""


def is_silent(hours: Sequence[int], last_event_at: datetime | None, now: datetime) -> bool:
    """Whether a busy channel has said nothing for too long. `hours`: events an hour."""
    busy = [events for events in hours if events >= BUSY_EVENTS]
    if len(busy) < BUSY_HOURS or last_event_at is None:
        return False
    gap = timedelta(hours=len(busy)) / sum(busy)
    return now - last_event_at > max(PATIENCE, GAPS * gap)
