"""Tail and read: in order, gapless, through outages, and an honest end when the place is gone."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import pytest

from bus.errors import Reset, Unavailable
from bus.ports import Stored, Tail
from support.rigs import AnyBus, JetStreamRig, Rig
from support.waiting import eventually, within


class Follower:
    """Reads a tail in the background, keeping the sequences and how it ended."""

    def __init__(self, tail: Tail) -> None:
        self.seen: list[int] = []
        self.tail = tail
        self.task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for stored in self.tail:
            self.seen.append(stored.sequence)

    async def has(self, count: int) -> None:
        await eventually(lambda: len(self.seen) >= count or self.task.done())


async def publish(bus: AnyBus, count: int, subject: str = "changes.w1") -> None:
    for number in range(count):
        await bus.publisher.publish(subject, b"%d" % number)


async def first(tail: Tail) -> Stored:
    async with aclosing(cast(AsyncGenerator[Stored, None], tail.__aiter__())) as messages:
        return await within(anext(messages))


@pytest.mark.parametrize(("after", "expected"), [(0, [1, 2, 3]), (1, [2, 3]), (3, [])])
async def test_it_starts_after_a_place_and_goes_on(
    bus: AnyBus, after: int, expected: list[int]
) -> None:
    await publish(bus, 3)
    follower = Follower(await bus.tail("CHANGES", "changes.>", after))
    await follower.has(len(expected))
    await publish(bus, 2)
    await follower.has(len(expected) + 2)
    assert follower.seen == [*expected, 4, 5]
    await follower.tail.close()
    await within(follower.task)


async def test_it_follows_its_subject_only(bus: AnyBus) -> None:
    await publish(bus, 1, "changes.w1")
    await publish(bus, 1, "changes.w2")
    stored = await first(await bus.tail("CHANGES", "changes.w2", 0))
    assert (stored.subject, stored.sequence, stored.body) == ("changes.w2", 2, b"0")


async def test_many_messages_pass_in_order(bus: AnyBus) -> None:
    follower = Follower(await bus.tail("CHANGES", "changes.>", 0))
    await publish(bus, 1500)
    await follower.has(1500)
    assert follower.seen == list(range(1, 1501))


async def test_an_outage_neither_skips_nor_repeats(rig: Rig) -> None:
    follower = Follower(await rig.bus.tail("CHANGES", "changes.>", 0))
    await publish(rig.bus, 20)
    await follower.has(20)
    for _ in range(2):
        await rig.outage()
        await rig.recover()
        await publish(rig.bus, 20)
    await follower.has(60)
    assert follower.seen == list(range(1, 61))


async def test_a_stream_made_anew_ends_it(rig: Rig) -> None:
    await publish(rig.bus, 5)
    follower = Follower(await rig.bus.tail("CHANGES", "changes.>", 2))
    await follower.has(3)
    await rig.remake("CHANGES")
    await publish(rig.bus, 9)
    with pytest.raises(Reset):
        await within(follower.task, 30)


async def test_a_place_beyond_the_end_is_refused(bus: AnyBus) -> None:
    await publish(bus, 2)
    with pytest.raises(Reset):
        await bus.tail("CHANGES", "changes.>", 3)


async def test_a_place_before_the_beginning_is_refused(bus: AnyBus) -> None:
    await publish(bus, 9)
    assert await bus.purge("CHANGES", 5) == 5
    assert (await bus.stream("CHANGES")).first_sequence == 6
    with pytest.raises(Reset):
        await bus.tail("CHANGES", "changes.>", 3)
    assert (await first(await bus.tail("CHANGES", "changes.>", 5))).sequence == 6


async def test_without_a_server_it_cannot_begin(rig: Rig) -> None:
    await rig.outage()
    with pytest.raises(Unavailable):
        await rig.bus.tail("CHANGES", "changes.>", 0)


async def test_close_ends_a_waiting_reader(bus: AnyBus) -> None:
    follower = Follower(await bus.tail("CHANGES", "changes.>", 0))
    await asyncio.sleep(0)
    await follower.tail.close()
    await within(follower.task)
    assert follower.seen == []


async def test_a_consumer_the_server_forgot_is_made_again(real: JetStreamRig) -> None:
    bus = real.bus
    follower = Follower(await bus.tail("CHANGES", "changes.>", 0))
    await publish(bus, 3)
    await follower.has(3)
    names = (await real.api.call("CONSUMER.NAMES.CHANGES"))["consumers"]
    for name in names:
        await real.api.call(f"CONSUMER.DELETE.CHANGES.{name}")
    await publish(bus, 3)
    await follower.has(6)
    assert follower.seen == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("subject", "after", "limit", "expected"),
    [
        ("changes.>", 0, 10, [1, 2, 3, 4]),
        ("changes.>", 2, 10, [3, 4]),
        ("changes.>", 0, 2, [1, 2]),
        ("changes.w2", 0, 10, [2, 4]),
        ("changes.w2", 2, 10, [4]),
        ("changes.>", 4, 10, []),
        ("changes.w9", 0, 10, []),
    ],
)
async def test_read_pages_through_a_stream(
    bus: AnyBus, subject: str, after: int, limit: int, expected: list[int]
) -> None:
    for workspace in ("w1", "w2", "w1", "w2"):
        await publish(bus, 1, f"changes.{workspace}")
    found = await bus.read("CHANGES", subject, after, limit)
    assert [stored.sequence for stored in found] == expected


async def test_read_is_bounded_by_bytes_and_gives_one_at_least(bus: AnyBus) -> None:
    for _ in range(4):
        await bus.publisher.publish("changes.w1", b"x" * 1000)
    assert len(await bus.read("CHANGES", "changes.>", 0, 10, max_bytes=100)) == 1
    assert 1 <= len(await bus.read("CHANGES", "changes.>", 0, 10, max_bytes=3000)) < 4


async def test_a_stored_status_header_does_not_end_a_read(bus: AnyBus) -> None:
    for _ in range(2):
        await bus.publisher.publish("changes.w1", b"x", headers={"Status": "204"})
    assert len(await bus.read("CHANGES", "changes.>", 0, 10)) == 2


async def test_remove_takes_one_message_and_minds_no_absence(bus: AnyBus) -> None:
    await publish(bus, 3)
    await bus.remove("CHANGES", 2)
    await bus.remove("CHANGES", 2)
    await bus.remove("CHANGES", 77)
    assert [stored.sequence for stored in await bus.read("CHANGES", "changes.>", 0, 10)] == [1, 3]


async def test_the_first_since_a_moment(bus: AnyBus) -> None:
    await publish(bus, 1)
    [before] = await bus.read("CHANGES", "changes.>", 0, 1)
    await asyncio.sleep(0.01)
    await publish(bus, 1)
    [_, later] = await bus.read("CHANGES", "changes.>", 0, 2)
    assert await bus.first_since("CHANGES", "changes.>", before.at) == 1
    assert await bus.first_since("CHANGES", "changes.>", later.at) == 2
    assert await bus.first_since("CHANGES", "changes.none", before.at) is None
