"""The exchange: what all lines of a process share. Built by front.py."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bus.batching import Batcher
from bus.ports import Bus
from widget_gateway.limits import Limiter
from widget_gateway.lines.history import Histories
from widget_gateway.lines.hub import Hub
from widget_gateway.lines.presence import Presence
from widget_gateway.lines.speech import Speech
from widget_gateway.lines.views import Views
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

IsOver = Callable[[Visitor], Awaitable[bool]]
"""Whether a session was ended, or is too old. Raises Retryable."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`find`: the channel of an account, as it is now. `max_file` in bytes, of one upload.

    `clock`: the time, in UTC.
    """

    bus: Bus
    batcher: Batcher
    hub: Hub
    histories: Histories
    views: Views
    speech: Speech
    presence: Presence
    limiter: Limiter
    is_over: IsOver
    find: Callable[[str], Channel | None]
    max_file: int
    clock: Callable[[], datetime]
