"""Pace: turns are spread, and errors pause as far as they reach."""

import pytest

from adapter.deliver.buckets import LocalBuckets
from adapter.deliver.pace import HOLD_S, MAX_PAUSE_S, PAUSE_S, Pace, pair_of
from contracts.capabilities import Rates
from contracts.parts import Alias
from metagraph.errors import NotSent, Unreachable
from metagraph.taxonomy import RULES, rule
from support.capable import capable

PAIR = pair_of([Alias(kind="phone", value="15550001111")])
OTHER = pair_of([Alias(kind="phone", value="15550002222")])


class Clock:
    """A loop's clock that moves when told, or by waiting."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(round(seconds, 4))


def pace(clock: Clock, **rates: float) -> Pace:
    """One that nobody shares, of these rates."""
    can = capable(rates=Rates(**{"account": 10.0, **rates}))
    return Pace(can, LocalBuckets(clock, share=1), clock, clock.wait)


def error(code: int) -> NotSent:
    found = rule(code)
    assert found is not None
    return NotSent(found, found.kind, str(code))


@pytest.mark.parametrize(
    ("happened", "their_s", "own_s", "others_s"),
    [
        (error(190), PAUSE_S, PAUSE_S, 0),
        (error(131031), PAUSE_S, PAUSE_S, 0),
        (error(131042), PAUSE_S, PAUSE_S, 0),
        (error(130429), RULES["throttle_phone"].delay_s, RULES["throttle_phone"].delay_s, 0),
        (error(133016), MAX_PAUSE_S, MAX_PAUSE_S, 0),
        (error(80007), 60, 60, 60),
        (error(131056), RULES["throttle_pair"].delay_s, 0, 0),
        (error(131047), 0, 0, 0),
        (Unreachable("ClientConnectorError"), 0, 0, 0),
    ],
    ids=str,
)
def test_a_pause_reaches_as_far_as_its_error(
    happened: NotSent, their_s: float, own_s: float, others_s: float
) -> None:
    one = pace(Clock())
    one.heed(happened, "1", 1, PAIR)
    assert one.pause_left_s("1", 1, PAIR) == their_s
    assert one.pause_left_s("1", 1, OTHER) == own_s
    assert one.pause_left_s("2", 1, PAIR) == others_s


def test_a_pause_ends_by_itself_or_with_a_new_credential() -> None:
    clock = Clock()
    one = pace(clock)
    one.heed(error(190), "1", version=1)
    assert one.pause_left_s("1", version=2) == 0
    clock.now += PAUSE_S
    assert one.pause_left_s("1", version=1) == 0


def test_a_shorter_pause_does_not_cut_a_longer_one() -> None:
    one = pace(Clock())
    one.heed(error(190), "1", version=1)
    one.heed(error(130429), "1", version=1)
    assert one.pause_left_s("1", version=1) == PAUSE_S


async def test_turns_of_one_account_are_spread_and_others_do_not_wait() -> None:
    clock = Clock()
    one = pace(clock)
    for account in ("1", "1", "1", "2"):
        assert await one.turn(account, PAIR) == 0
    assert clock.waits == [0.1, 0.2]


async def test_a_person_gets_a_burst_and_then_waits_while_others_do_not() -> None:
    one = pace(Clock(), account=1e9, pair=1 / 6, pair_burst=3)
    assert [await one.turn("1", PAIR) for _ in range(3)] == [0, 0, 0]
    assert await one.turn("1", PAIR) == pytest.approx(6)
    assert await one.turn("1", OTHER) == 0


async def test_files_have_a_rate_of_their_own_where_the_channel_says_so() -> None:
    one = pace(Clock(), account=1e9, media=0.1)
    assert await one.turn("1", PAIR, file=True) == 0
    assert await one.turn("1", PAIR, file=True) > HOLD_S
    assert await one.turn("1", PAIR) == 0


async def test_what_must_wait_too_long_takes_from_no_bucket() -> None:
    clock = Clock()
    one = pace(clock, account=1, pair=0.1)
    await one.turn("1", PAIR)
    for _ in range(9):
        assert await one.turn("1", PAIR) == pytest.approx(10)
    assert await one.turn("1", OTHER) == 0
    assert clock.waits == [1.0]


async def test_a_process_alone_keeps_to_a_quarter_and_a_person_to_all() -> None:
    clock = Clock()
    can = capable(rates=Rates(account=8, pair=1, pair_burst=5))
    one = Pace(can, LocalBuckets(clock), clock, clock.wait)
    for _ in range(4):
        await one.turn("1", PAIR)
    assert clock.waits == [0.5, 1.0, 1.5]
