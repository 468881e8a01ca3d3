"""Why a socket ends: the table of close codes, and the one exception that carries a row of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Close:
    """`code` and `reason` go into the close frame; `reason` is for a person, 123 bytes at most."""

    code: int
    reason: str


GONE = Close(1006, "the connection was lost")  # never sent: there is nobody to send it to
TOO_BIG = Close(1009, "frame too big")
FAILED = Close(1011, "a fault of the server; come back")
DRAINING = Close(1012, "the server is closing; come back within three seconds, with jitter")
LATER = Close(1013, "not now; come back with backoff")
PROTOCOL = Close(4002, "not what inbox-rt/1 allows")
SESSION_ENDED = Close(4003, "the session has ended; sign in")
BAD_TICKET = Close(4004, "the ticket is bad or too old; get a new one")
SLOW = Close(4008, "too slow to follow; come back and resume")
IDLE = Close(4009, "no sign of life")
# 4001 is the client's own: it saw a hole in `n`.

KNOWN_CODES = frozenset(
    {1000, 1001, 1006, 1009, 1011, 1012, 1013, 4001, 4002, 4003, 4004, 4008, 4009}
)
"""What the metric tells apart: a client may send any number."""


class Ended(Exception):
    """Ends the connection. `code` and `detail` become an `err` frame before the close frame."""

    def __init__(self, close: Close, code: str = "", detail: str = "") -> None:
        super().__init__(close.reason)
        self.close = close
        self.code = code
        self.detail = detail
