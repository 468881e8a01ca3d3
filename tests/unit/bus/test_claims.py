"""Claims: whatever crashes where, a command is called for once, or known to be in doubt."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from typing_extensions import override

from bus.claims import Busy, Claimed, Claims, Finished, Lost, Verdict
from bus.errors import Ambiguous, Unavailable
from bus.kv import Bucket as BucketOf
from bus.memory import MemoryBus
from bus.ports import Bucket
from support.clock import Clock

KEY = "0198c0de-0000-7000-8000-000000000001.1.0"
CALL_TIMEOUT_S = 20.0
ACK_WAIT_S = 30.0
PATIENCE_S = CALL_TIMEOUT_S + ACK_WAIT_S


@pytest.fixture
def bucket(memory: MemoryBus) -> Bucket:
    return memory.bucket("claims")


def claims(bucket: Bucket, clock: Clock, owner: str = "one") -> Claims:
    return Claims(bucket, owner, call_timeout_s=CALL_TIMEOUT_S, ack_wait_s=ACK_WAIT_S, now=clock)


async def take(hand: Claims) -> Claimed:
    verdict = await hand.take(KEY)
    assert isinstance(verdict, Claimed)
    return verdict


async def test_the_first_takes_it(bucket: Bucket, clock: Clock) -> None:
    claimed = await take(claims(bucket, clock))
    assert (claimed.claim.owner, claimed.claim.attempt, claimed.claim.state) == ("one", 1, "held")


async def test_who_comes_while_it_is_held_is_told_to_wait(bucket: Bucket, clock: Clock) -> None:
    await take(claims(bucket, clock))
    clock.forward(10)
    assert await claims(bucket, clock, "two").take(KEY) == Busy(PATIENCE_S - 10)


async def test_our_own_redelivery_waits_as_well(bucket: Bucket, clock: Clock) -> None:
    hand = claims(bucket, clock)
    await take(hand)
    assert isinstance(await hand.take(KEY), Busy)


async def test_a_finished_one_gives_its_outcome(bucket: Bucket, clock: Clock) -> None:
    """Crash between the claim's outcome and the acknowledgement: it is published again."""
    hand = claims(bucket, clock)
    await hand.finish(await take(hand), b'{"outcome":"sent"}')
    clock.forward(1000)
    assert await claims(bucket, clock, "two").take(KEY) == Finished(b'{"outcome":"sent"}')


async def test_a_released_one_is_taken_again(bucket: Bucket, clock: Clock) -> None:
    hand = claims(bucket, clock)
    await hand.release(await take(hand))
    again = await take(claims(bucket, clock, "two"))
    assert (again.claim.owner, again.claim.attempt) == ("two", 2)


async def test_a_crash_while_calling_is_lost_and_never_taken_again(
    bucket: Bucket, clock: Clock
) -> None:
    await take(claims(bucket, clock))
    clock.forward(PATIENCE_S + 1)
    other = claims(bucket, clock, "two")
    lost = await other.take(KEY)
    assert isinstance(lost, Lost)
    assert await other.settle(lost, b"unknown") == b"unknown"
    assert await other.take(KEY) == Finished(b"unknown")


async def test_two_who_find_it_lost_agree(bucket: Bucket, clock: Clock) -> None:
    await take(claims(bucket, clock))
    clock.forward(PATIENCE_S + 1)
    two, three = claims(bucket, clock, "two"), claims(bucket, clock, "three")
    lost_two, lost_three = await two.take(KEY), await three.take(KEY)
    assert isinstance(lost_two, Lost)
    assert isinstance(lost_three, Lost)
    assert await two.settle(lost_two, b"unknown by two") == b"unknown by two"
    assert await three.settle(lost_three, b"unknown by three") == b"unknown by two"


async def test_the_holder_knows_better_than_who_gave_it_up(bucket: Bucket, clock: Clock) -> None:
    slow, other = claims(bucket, clock), claims(bucket, clock, "two")
    held = await take(slow)
    clock.forward(PATIENCE_S + 1)
    lost = await other.take(KEY)
    assert isinstance(lost, Lost)
    await other.settle(lost, b"unknown")
    await slow.finish(held, b"sent")
    assert await other.take(KEY) == Finished(b"sent")


async def test_who_gives_up_too_late_yields_to_the_outcome(bucket: Bucket, clock: Clock) -> None:
    slow, other = claims(bucket, clock), claims(bucket, clock, "two")
    held = await take(slow)
    clock.forward(PATIENCE_S + 1)
    lost = await other.take(KEY)
    assert isinstance(lost, Lost)
    await slow.finish(held, b"sent")
    assert await other.settle(lost, b"unknown") == b"sent"


async def test_releasing_what_was_given_up_changes_nothing(bucket: Bucket, clock: Clock) -> None:
    slow, other = claims(bucket, clock), claims(bucket, clock, "two")
    held = await take(slow)
    clock.forward(PATIENCE_S + 1)
    lost = await other.take(KEY)
    assert isinstance(lost, Lost)
    await other.settle(lost, b"unknown")
    await slow.release(held)
    assert await other.take(KEY) == Finished(b"unknown")


async def test_of_many_who_race_one_claims(bucket: Bucket, clock: Clock) -> None:
    hands = [claims(bucket, clock, f"hand {number}") for number in range(16)]
    verdicts: Sequence[Verdict] = await asyncio.gather(*(hand.take(KEY) for hand in hands))
    assert [type(verdict) for verdict in verdicts].count(Claimed) == 1
    assert [type(verdict) for verdict in verdicts].count(Busy) == 15


async def test_of_many_who_race_for_a_released_one_one_claims(bucket: Bucket, clock: Clock) -> None:
    first = claims(bucket, clock)
    await first.release(await take(first))
    hands = [claims(bucket, clock, f"hand {number}") for number in range(16)]
    verdicts = await asyncio.gather(*(hand.take(KEY) for hand in hands))
    assert [type(verdict) for verdict in verdicts].count(Claimed) == 1


@pytest.mark.parametrize("value", [b"", b"{}", b"[1]", b'{"state":"odd"}'])
async def test_a_claim_nobody_can_read_is_not_called_for(
    bucket: Bucket, clock: Clock, value: bytes
) -> None:
    await bucket.put(KEY, value)
    assert isinstance(await claims(bucket, clock).take(KEY), Lost)


async def test_a_claim_from_a_wrong_clock_counts_as_fresh(bucket: Bucket, clock: Clock) -> None:
    fast = Clock()
    fast.forward(3600)
    await take(claims(bucket, fast))
    assert await claims(bucket, clock, "two").take(KEY) == Busy(PATIENCE_S)


class Doubtful(BucketOf):
    """A bucket whose writes lose their answers, in turn: True was stored, False was not."""

    losses: list[bool]

    @override
    async def create(self, key: str, value: bytes) -> int:
        if not self.losses:
            return await super().create(key, value)
        if self.losses.pop(0):
            await super().create(key, value)
        raise Ambiguous("the answer was lost")

    @override
    async def update(self, key: str, value: bytes, revision: int) -> int:
        if not self.losses:
            return await super().update(key, value, revision)
        if self.losses.pop(0):
            await super().update(key, value, revision)
        raise Ambiguous("the answer was lost")


def doubtful(memory: MemoryBus, *losses: bool) -> Doubtful:
    bucket = Doubtful(memory, "claims", lambda _: None)
    bucket.losses = list(losses)
    return bucket


@pytest.mark.parametrize("losses", [[True], [False], [False, True], [False, False, True]], ids=str)
async def test_a_create_without_an_answer_is_read_back(
    memory: MemoryBus, clock: Clock, losses: list[bool]
) -> None:
    claimed = await take(claims(doubtful(memory, *losses), clock))
    entry = await memory.bucket("claims").get(KEY)
    assert entry is not None
    assert entry.revision == claimed.revision
    assert isinstance(await claims(memory.bucket("claims"), clock, "two").take(KEY), Busy)


async def test_a_create_nobody_can_vouch_for_is_remembered(memory: MemoryBus, clock: Clock) -> None:
    """All attempts lose their answer, and the last is stored after all, later."""
    bucket = doubtful(memory, *[False, False, False, True])
    hand = claims(bucket, clock)
    with pytest.raises(Ambiguous):
        await hand.take(KEY)
    assert isinstance(await claims(bucket, clock, "two").take(KEY), Busy)
    assert isinstance(await hand.take(KEY), Claimed), "it is ours, and nobody has called"


async def test_a_retaken_claim_without_an_answer_is_read_back(
    memory: MemoryBus, clock: Clock
) -> None:
    bucket = doubtful(memory)
    hand = claims(bucket, clock)
    await hand.release(await take(hand))
    bucket.losses = [True]
    assert (await take(hand)).claim.attempt == 2


@pytest.mark.parametrize("stored", [True, False])
async def test_an_outcome_without_an_answer_is_written_again(
    memory: MemoryBus, clock: Clock, *, stored: bool
) -> None:
    bucket = doubtful(memory)
    hand = claims(bucket, clock)
    held = await take(hand)
    bucket.losses = [stored]
    with pytest.raises(Ambiguous):
        await hand.finish(held, b"sent")
    await hand.finish(held, b"sent")
    assert await hand.take(KEY) == Finished(b"sent")


@pytest.mark.parametrize("step", ["take", "finish", "release"])
async def test_without_a_server_each_step_says_so(
    memory: MemoryBus, clock: Clock, step: str
) -> None:
    hand = claims(memory.bucket("claims"), clock)
    held = await take(hand)
    memory.down()
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "take": lambda: hand.take(KEY),
        "finish": lambda: hand.finish(held, b"sent"),
        "release": lambda: hand.release(held),
    }
    with pytest.raises(Unavailable):
        await steps[step]()
    memory.up()
    await hand.finish(held, b"sent")
