"""A few errors short of Meta's bound nothing is asked any more, until the oldest is an hour old."""

import pytest

from metagraph.budget import LIMIT, MAX_ACCOUNTS, RESERVE, WINDOW_S, ErrorBudget


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_account_stops_short_of_the_bound_and_goes_on_when_errors_are_old() -> None:
    clock = Clock()
    budget = ErrorBudget(clock=clock)
    for _ in range(LIMIT - RESERVE):
        assert budget.allows("a") == 0
        budget.spend("a")
        clock.now += 10
    assert budget.allows("a") == WINDOW_S - 150
    assert budget.allows("b") == 0
    clock.now += WINDOW_S - 150
    assert budget.allows("a") == 0
    budget.spend("a")
    assert budget.allows("a") == 10


def test_only_so_many_accounts_are_remembered() -> None:
    budget = ErrorBudget(limit=2, reserve=1, clock=Clock())
    for number in range(MAX_ACCOUNTS + 1):
        budget.spend(str(number))
    assert budget.allows("0") == 0
    assert budget.allows(str(MAX_ACCOUNTS)) > 0


def test_a_reserve_leaves_something() -> None:
    with pytest.raises(ValueError, match="reserve"):
        ErrorBudget(limit=5, reserve=5)
