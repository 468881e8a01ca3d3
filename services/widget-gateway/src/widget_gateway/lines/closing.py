"""Why a line ends: the table of close codes (docs/widget/protocol.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Close:
    """`code` and `reason` go into the close frame; `reason` is for a person, 123 bytes at most."""

    code: int
    reason: str


BYE = Close(1000, "nothing else follows")
GONE = Close(1006, "the connection was lost")  # never sent: there is nobody to send it to
TOO_BIG = Close(1009, "frame too big: post it")
FAILED = Close(1011, "a fault of the server; come back")
DRAINING = Close(1012, "the gateway goes; come back within three seconds, with jitter")
AWAY = Close(1013, "the bus is away; come back with backoff")
PROTOCOL = Close(4002, "not a frame of this protocol")
SESSION_ENDED = Close(4003, "the session has ended")
TOKEN_REFUSED = Close(4004, "the token is refused; ask for a session with it")
SLOW = Close(4008, "too slow to follow; come back with your cursors")
TOO_MANY = Close(4009, "too many sockets of this visitor; the oldest goes")
FLOODING = Close(4029, "too many frames; come back after ten seconds")

KNOWN_CODES = frozenset(
    {1000, 1001, 1006, 1009, 1011, 1012, 1013, 4002, 4003, 4004, 4008, 4009, 4029}
)
"""What the metric tells apart: a client may send any number."""


class Ended(Exception):
    """Ends a line before it has begun. `close` is what it is told."""

    def __init__(self, close: Close) -> None:
        super().__init__(close.reason)
        self.close = close
