"""Buckets of one process: a quarter of the limit, filled evenly, bounded in number."""

from inbox_core.adapters.redis.limits import LocalBuckets
from inbox_core.app.limits import Limit

LIMIT = Limit("test", burst=8, refill_s=8)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills() -> None:
    clock = Clock()
    buckets = LocalBuckets(clock)
    assert [buckets.take(LIMIT, "a") for _ in range(2)] == [0, 0]
    assert buckets.take(LIMIT, "a") == 4
    assert buckets.take(LIMIT, "b") == 0
    clock.now += 4
    assert buckets.take(LIMIT, "a") == 0
    clock.now += 1000
    assert [buckets.take(LIMIT, "a") > 0 for _ in range(3)] == [False, False, True]


def test_the_longest_unused_is_forgotten_first() -> None:
    buckets = LocalBuckets(Clock(), most=2)
    for key in ("a", "a", "b", "a", "c"):
        buckets.take(LIMIT, key)
    assert buckets.take(LIMIT, "a") > 0, "used again and again, so remembered"
    assert buckets.take(LIMIT, "b") == 0


def test_a_small_limit_still_allows_one() -> None:
    assert LocalBuckets(Clock()).take(Limit("one", burst=1, refill_s=1), "a") == 0
