"""Places: how much may be under way at a time, in this process and for one address of it.

Rates (limits.py) bound how often somebody comes; places bound what is held by whoever came and is
slow to go: a socket, a body, an upload. Doors take one before they read anything.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.metrics import count
from widget_gateway.problems import Problem

AGAIN_S = 2.0
"""When to come back for a place that an address has none left of."""


class Places:
    """`everybody` at a time, `each` of one address. `name` stands in the metric."""

    def __init__(self, name: str, everybody: int, each: int) -> None:
        self._name = name
        self._everybody = everybody
        self._each = each
        self._held: Counter[str] = Counter()
        self._all = 0

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """A place for as long as the block; `address` as a peer is counted. Raises Problem."""
        if self._all >= self._everybody:
            count("place", "refused", self._name)
            raise Problem("busy")
        if self._held[address] >= self._each:
            count("place", "refused", f"{self._name}_each")
            raise Problem("too_many_requests", "Too many at a time.", AGAIN_S)
        self._held[address] += 1
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
