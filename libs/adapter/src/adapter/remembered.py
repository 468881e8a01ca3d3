"""Answers worth keeping for a while: bounded in time and number. Used by profiles.py.

In this process' memory alone: a forgotten answer is asked for again, which costs a call.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Keeps each value `for_s` seconds, `limit` at the most: the oldest go first.

    `clock` gives seconds, never back.
    """

    def __init__(self, for_s: float, limit: int, clock: Callable[[], float]) -> None:
        self._for_s = for_s
        self._limit = limit
        self._clock = clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, while it is fresh."""
        since, value = self._kept.get(key, (None, None))
        if since is None or self._clock() - since >= self._for_s:
            self._kept.pop(key, None)
            return None
        return value

    def put(self, key: K, value: V) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (self._clock(), value)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
