"""Remembered: bounded in time and number."""

from adapter.remembered import Remembered
from support.clock import Clock


def test_a_value_is_fresh_for_its_time() -> None:
    clock = Clock()
    kept = Remembered[str, str](60, 10, clock)
    kept.put("a", "one")
    clock.forward(59.9)
    assert kept.get("a") == "one"
    clock.forward(0.1)
    assert kept.get("a") is None
    assert kept.get("never put") is None


def test_writing_anew_starts_the_time_anew() -> None:
    clock = Clock()
    kept = Remembered[str, str](60, 10, clock)
    kept.put("a", "one")
    clock.forward(50)
    kept.put("a", "two")
    clock.forward(50)
    assert kept.get("a") == "two"


def test_the_oldest_goes_when_there_are_too_many() -> None:
    kept = Remembered[int, int](60, 3, Clock())
    for number in range(3):
        kept.put(number, number)
    kept.put(0, 0)
    kept.put(3, 3)
    assert [kept.get(number) for number in range(4)] == [0, None, 2, 3]
