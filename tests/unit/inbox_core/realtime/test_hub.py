"""The hub: it waits for a log that is away, and notices what the stream dropped behind its back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from typing_extensions import override

from bus.memory import MemoryBus, MemoryServer
from contracts.subjects import STREAMS, changes
from inbox_core.entrypoints.realtime.batches import Batch
from inbox_core.entrypoints.realtime.feed import Lost
from inbox_core.entrypoints.realtime.hub import Hub, Member
from inbox_core.entrypoints.realtime.limits import Limits
from support.waiting import eventually, within

WORKSPACE = UUID(int=1)
SMALL = tuple(replace(row, max_bytes=1_000) if row.name == "CHANGES" else row for row in STREAMS)


class Counter(Member):
    def __init__(self) -> None:
        self.noticed: list[int] = []
        self.woken = 0

    @override
    def notice(self, batch: Batch) -> None:
        self.noticed.append(batch.sequence)

    @override
    def wake(self) -> None:
        self.woken += 1


@asynccontextmanager
async def following(bus: MemoryBus, limits: Limits | None = None) -> AsyncIterator[Hub]:
    hub = Hub(bus, limits or Limits())
    task = asyncio.create_task(hub.run())
    yield hub
    await hub.stop()
    await task
    await bus.close()


def append(server: MemoryServer, count: int) -> None:
    """All at once, before anybody can read the first."""
    stream = server.stream("CHANGES")
    for _ in range(count):
        stream.append(changes(WORKSPACE), b"[]" + b" " * 100, {}, None, server.clock())
    server.ring()


async def test_it_is_ready_once_the_log_is_there() -> None:
    bus = MemoryBus()
    bus.down()
    async with following(bus) as hub:
        await asyncio.sleep(0)
        assert not hub.ready
        bus.up()
        await eventually(lambda: hub.ready)


async def test_it_begins_a_little_before_the_end_of_the_log() -> None:
    bus = MemoryBus()
    append(bus.server, 20)
    async with following(bus, Limits(recent_at_start=5)) as hub:
        await eventually(lambda: hub.ready)
        assert (hub.log.recent.floor, hub.log.recent.position) == (15, 20)


async def test_each_member_is_told_of_each_change_in_order() -> None:
    bus, member = MemoryBus(), Counter()
    async with following(bus) as hub:
        await eventually(lambda: hub.ready)
        hub.join(WORKSPACE, member)
        append(bus.server, 50)
        await eventually(lambda: len(member.noticed) == 50)
        assert member.noticed == list(range(1, 51))
        hub.leave(WORKSPACE, member)
        hub.leave(WORKSPACE, member)
        assert hub.room(WORKSPACE) == frozenset()


@pytest.mark.parametrize(("count", "lost"), [(3, False), (40, True)])
async def test_what_the_stream_dropped_unread_is_lost_to_everybody(count: int, lost: bool) -> None:  # noqa: FBT001 # a row
    server, member = MemoryServer(streams=SMALL), Counter()
    async with following(MemoryBus(server)) as hub:
        await eventually(lambda: hub.ready)
        hub.join(WORKSPACE, member)
        feed = hub.log.fresh(WORKSPACE)
        append(server, count)
        await eventually(lambda: hub.log.recent.position == count)
        assert member.woken == int(lost)
        if not lost:
            assert await feed.next() is not None
            return
        with pytest.raises(Lost) as why:
            await feed.next()
        assert why.value.reason == "cursor_expired"


async def test_a_removed_message_is_no_loss() -> None:
    bus, member = MemoryBus(), Counter()
    async with following(bus) as hub:
        await eventually(lambda: hub.ready)
        hub.join(WORKSPACE, member)
        stream = bus.server.stream("CHANGES")
        append(bus.server, 3)
        stream.remove(2)
        await eventually(lambda: hub.log.recent.position == 3)
        assert (member.noticed, member.woken) == ([1, 3], 0)


class Stale(MemoryBus):
    """A bus whose server is made anew between the check of a cursor and the read."""

    @override
    async def read(self, *args: Any, **kwargs: Any) -> Any:
        self.server.make("CHANGES")
        return await super().read(*args, **kwargs)


async def test_a_log_made_anew_during_a_replay_is_a_reset_and_no_gap() -> None:
    bus = Stale()
    append(bus.server, 20)
    async with following(bus, Limits(recent_messages=2, recent_at_start=1)) as hub:
        await eventually(lambda: hub.ready)
        feed = await hub.log.resume(WORKSPACE, f"{hub.log.recent.epoch}.3")
        with pytest.raises(Lost) as why:
            await feed.next()
        assert why.value.reason == "epoch"


class Slow(MemoryBus):
    """A bus that takes its time to open a tail; `opening` is set when it begins to."""

    def __init__(self) -> None:
        super().__init__()
        self.opening = asyncio.Event()
        self.go_on = asyncio.Event()

    @override
    async def tail(self, stream: str, subject: str, after: int) -> Any:
        self.opening.set()
        await self.go_on.wait()
        return await super().tail(stream, subject, after)


async def test_a_stop_that_comes_while_the_tail_is_opened_ends_it() -> None:
    bus = Slow()
    hub = Hub(bus, Limits())
    task = asyncio.create_task(hub.run())
    await within(bus.opening.wait())
    await hub.stop()
    bus.go_on.set()
    await within(task)
    await bus.close()
