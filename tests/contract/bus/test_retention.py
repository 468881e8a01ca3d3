"""Retention shrinks history and never what somebody has yet to process; replay brings it back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bus.ports import Delivered
from bus.replay import Replayed, replay
from bus.retention import Retention
from contracts import batch
from contracts.subjects import STREAMS
from support.rigs import AnyBus, make_rig
from support.waiting import until_true
from support.wire import packed

MAX_BYTES = 100_000
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(params=["memory", "jetstream"])
async def small(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyBus]:
    """A bus whose INBOUND holds a hundred messages of 1000 bytes."""
    rows = [replace(row, max_bytes=MAX_BYTES) if row.name == "INBOUND" else row for row in STREAMS]
    rig = await make_rig(request.param, tmp_path / "nats", streams=rows)
    yield rig.bus
    await rig.close()


async def fill(bus: AnyBus, ratio: float) -> int:
    """Publish until so much is used; the last sequence."""
    while (state := await bus.stream("INBOUND")).bytes < MAX_BYTES * ratio:
        await bus.publisher.publish("inbound.whatsapp", b"x" * 900)
    return state.last_sequence


async def process(bus: AnyBus, count: int) -> None:
    """Acknowledge the first `count` messages."""
    subscription = await bus.subscribe("inbox-core")
    taken: list[Delivered] = []
    while len(taken) < count:
        taken.extend(await subscription.next(count - len(taken), 10))
    for message in taken:
        await subscription.ack(message)
    await subscription.close()

    async def known() -> bool:
        return (await bus.acknowledged("INBOUND"))["inbox-core"] == count

    await until_true(known)


def keeper(bus: AnyBus, *, later: timedelta = timedelta(0)) -> Retention:
    return Retention(bus, now=lambda: datetime.now(UTC) + later)


async def first(bus: AnyBus) -> int:
    return (await bus.stream("INBOUND")).first_sequence


async def test_below_the_mark_nothing_goes(small: AnyBus) -> None:
    await process(small, await fill(small, 0.6))
    assert await keeper(small, later=timedelta(hours=2)).look() == 0


async def test_processed_history_goes_and_no_more(small: AnyBus) -> None:
    await fill(small, 0.75)
    await process(small, 10)
    assert await keeper(small, later=timedelta(hours=2)).look() == 10
    assert await first(small) == 11


async def test_the_last_hour_stays_while_there_is_room(small: AnyBus) -> None:
    await fill(small, 0.75)
    await process(small, 10)
    assert await keeper(small).look() == 0
    assert await first(small) == 1


async def test_the_last_hour_goes_when_there_is_none(small: AnyBus) -> None:
    await fill(small, 0.92)
    await process(small, 10)
    assert await keeper(small).look() == 10


async def test_what_nobody_has_processed_stays_however_full(small: AnyBus) -> None:
    await fill(small, 0.92)
    assert await keeper(small, later=timedelta(hours=2)).look() == 0
    assert await first(small) == 1


async def publish(bus: AnyBus, *bodies: bytes) -> None:
    for body in bodies:
        await bus.publisher.publish("inbound.whatsapp", body)


async def tail_of(bus: AnyBus, after: int) -> list[bytes]:
    return [stored.body for stored in await bus.read("INBOUND", "inbound.>", after, 100)]


async def test_a_stretch_is_published_again_as_it_was(bus: AnyBus) -> None:
    await publish(bus, packed("a", "b"), packed("c"))
    done = await replay(bus, LONG_AGO, TOMORROW)
    assert (done.messages, done.events, done.up_to) == (2, 3, 2)
    assert await tail_of(bus, 2) == [packed("a", "b"), packed("c")]


async def test_only_one_account_is_replayed(bus: AnyBus) -> None:
    mixed = batch.pack([packed("a")[1:-1], packed("b", account="2002")[1:-1]])
    await publish(bus, mixed, packed("c"))
    done = await replay(bus, LONG_AGO, TOMORROW, account="2002")
    assert (done.messages, done.events) == (1, 1)
    assert await tail_of(bus, 2) == [packed("b", account="2002")]


async def test_times_bound_it(bus: AnyBus) -> None:
    await publish(bus, packed("a"), packed("b"), packed("c"))
    _, second, third = await bus.read("INBOUND", "inbound.>", 0, 10)
    done = await replay(bus, second.at, third.at)
    assert done.events == 1
    assert await tail_of(bus, 3) == [packed("b")]


async def test_a_limit_bounds_it(bus: AnyBus) -> None:
    await publish(bus, *(packed(str(number)) for number in range(120)))
    told: list[Replayed] = []
    done = await replay(bus, LONG_AGO, TOMORROW, limit=110, tell=told.append)
    assert done.messages == 110
    assert [progress.messages for progress in told] == [100]


async def test_a_dry_run_publishes_nothing(bus: AnyBus) -> None:
    await publish(bus, packed("a"), b"no batch")
    done = await replay(bus, LONG_AGO, TOMORROW, dry_run=True)
    assert (done.messages, done.events, done.unreadable) == (2, 1, 1)
    assert await tail_of(bus, 2) == []


async def test_an_empty_stretch_is_nothing(bus: AnyBus) -> None:
    await publish(bus, packed("a"))
    assert await replay(bus, TOMORROW, TOMORROW) == Replayed()
