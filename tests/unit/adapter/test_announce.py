"""Announcing: a record is written when it must be, and a newer one is left alone."""

import pytest

from adapter.announce import BUCKET, Announcer
from bus.memory import MemoryBus
from contracts.capabilities import Capabilities, TextLimit
from support.capable import capable

OURS = capable(revision=2)


async def announced(bus: MemoryBus) -> Capabilities:
    """What stands there after one look."""
    await Announcer(bus.bucket(BUCKET), [OURS]).announce()
    entry = await bus.bucket(BUCKET).get(OURS.channel)
    assert entry is not None
    return Capabilities.model_validate_json(entry.value)


async def test_the_first_to_look_writes_it() -> None:
    assert await announced(MemoryBus()) == OURS


@pytest.mark.parametrize(
    ("there", "stands"),
    [
        (capable(revision=1), OURS),
        (capable(revision=2, text=TextLimit(max=7)), OURS),
        (capable(revision=3, text=TextLimit(max=7)), capable(revision=3, text=TextLimit(max=7))),
    ],
    ids=["older", "the same revision, corrected", "newer"],
)
async def test_what_stands_there(there: Capabilities, stands: Capabilities) -> None:
    bus = MemoryBus()
    await bus.bucket(BUCKET).put(OURS.channel, there.model_dump_json().encode())
    assert await announced(bus) == stands


async def test_what_nobody_can_read_is_replaced() -> None:
    bus = MemoryBus()
    await bus.bucket(BUCKET).put(OURS.channel, b"{")
    assert await announced(bus) == OURS


async def test_what_is_there_is_not_written_again() -> None:
    bus = MemoryBus()
    await announced(bus)
    before = await bus.bucket(BUCKET).get(OURS.channel)
    await announced(bus)
    assert await bus.bucket(BUCKET).get(OURS.channel) == before


async def test_a_bucket_made_anew_is_filled_by_the_next_look() -> None:
    bus = MemoryBus()
    await announced(bus)
    await bus.bucket(BUCKET).delete(OURS.channel)
    assert await announced(bus) == OURS


async def test_while_the_bus_is_away_a_look_fails_quietly() -> None:
    bus = MemoryBus()
    bus.down()
    await Announcer(bus.bucket(BUCKET), [OURS]).announce()
    bus.up()
    assert await announced(bus) == OURS
