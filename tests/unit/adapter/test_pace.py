"""Pace: turns are spread, and errors pause as far as they reach."""

import pytest

from adapter.deliver.pace import MAX_PAUSE_S, PAUSE_S, Pace
from metagraph.errors import NotSent, Unreachable
from metagraph.taxonomy import RULES, rule


class Clock:
    """A loop's clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def error(code: int) -> NotSent:
    found = rule(code)
    assert found is not None
    return NotSent(found, found.kind, str(code))


@pytest.mark.parametrize(
    ("happened", "own_s", "others_s"),
    [
        (error(190), PAUSE_S, 0),
        (error(131031), PAUSE_S, 0),
        (error(130429), RULES["throttle_phone"].delay_s, 0),
        (error(133016), MAX_PAUSE_S, 0),
        (error(80007), 60, 60),
        (error(131056), 0, 0),
        (error(131047), 0, 0),
        (Unreachable("ClientConnectorError"), 0, 0),
    ],
    ids=str,
)
def test_a_pause_reaches_as_far_as_its_error(
    happened: NotSent, own_s: float, others_s: float
) -> None:
    pace = Pace(Clock())
    pace.heed(happened, "1", version=1)
    assert pace.pause_left_s("1", 1) == own_s
    assert pace.pause_left_s("2", 1) == others_s


def test_a_pause_ends_by_itself_or_with_a_new_credential() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.heed(error(190), "1", version=1)
    assert pace.pause_left_s("1", version=2) == 0
    clock.now += PAUSE_S
    assert pace.pause_left_s("1", version=1) == 0


def test_a_shorter_pause_does_not_cut_a_longer_one() -> None:
    pace = Pace(Clock())
    pace.heed(error(190), "1", version=1)
    pace.heed(error(130429), "1", version=1)
    assert pace.pause_left_s("1", version=1) == PAUSE_S


async def test_turns_of_one_account_are_spread_and_others_do_not_wait() -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(round(seconds, 4))

    pace = Pace(Clock(), rate=1000, sleep=wait)
    for account in ("1", "1", "1", "2"):
        await pace.turn(account)
    assert waits == [0.001, 0.002]
