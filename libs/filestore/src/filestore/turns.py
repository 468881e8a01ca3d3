"""Turns: how many files one process, and one person in it, may be sending. Used by taking.py.

An upload holds a buffer and a connection for as long as its sender takes; who opens many and
finishes none must not be in everybody's way.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from filestore.errors import Crowded, TooManyAtOnce

ALL = 64
"""Uploads of a process. Each holds up to 24 MiB on its way into a bucket."""
EACH = 8
"""Uploads of one person: more than screens send at a time."""


class Turns:
    """Used by one event loop."""

    def __init__(self, everybody: int = ALL, each: int = EACH) -> None:
        self._everybody = everybody
        self._each = each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, who: str) -> Iterator[None]:
        """A turn for as long as the block. Raises TooManyAtOnce, Crowded."""
        if self._taken[who] >= self._each:
            raise TooManyAtOnce(f"{self._each} files at a time.")
        if self._taken.total() >= self._everybody:
            raise Crowded("As many files as fit are being uploaded.")
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
