"""What can go wrong on the bus, each with its verdict.

BusError
├── Retryable            try again later; nobody's data is at fault
│   ├── Unavailable      not connected, no stream, stream full: certainly not stored
│   ├── Ambiguous        no answer in time: may be stored; the reader's deduplication decides
│   └── Overloaded       our own queue is at its bound: certainly not stored
├── Permanent            trying again cannot help
│   └── TooLarge         above the server's max_payload
├── Conflict             a compare-and-set lost: somebody else was first
├── Reset                the place we read from is gone: start over from a snapshot
└── Drift                the server's streams are not what contracts.subjects says; names each
"""


class BusError(Exception):
    """The root of the tree."""


class Retryable(BusError):
    """Try again, not before `delay_s` seconds have passed."""

    def __init__(self, message: str, delay_s: float = 1.0) -> None:
        super().__init__(message)
        self.delay_s = delay_s


class Unavailable(Retryable):
    """Certainly not stored: the server is away, the stream missing or full."""


class Ambiguous(Retryable):
    """No acknowledgement in time: the message may be stored all the same."""


class Overloaded(Retryable):
    """Our own queue is at its bound."""


class Permanent(BusError):
    """Trying again cannot help."""


class TooLarge(Permanent):
    """Above the server's max_payload."""


class Conflict(BusError):
    """A compare-and-set lost."""


class Reset(BusError):
    """The stream was made anew, or no longer holds what follows the place we read from."""


class Drift(BusError):
    """Streams, consumers or buckets differ from contracts.subjects; run `sluice bus apply`."""
