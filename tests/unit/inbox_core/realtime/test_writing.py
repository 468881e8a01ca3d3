"""The writer of one socket: batches and cursors, the slow reader, the bounds of what waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import orjson

from bus.memory import MemoryBus
from contracts import subjects
from contracts.batch import encode, pack
from inbox_core.entrypoints.realtime.frames import Eph, Pong, Subs
from inbox_core.entrypoints.realtime.hub import Hub
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.writing import Writer
from support.realtime import change
from support.waiting import eventually

WORKSPACE = UUID(int=1)


class Peer:
    """The client's end: takes frames while `reading` is set."""

    def __init__(self) -> None:
        self.reading = asyncio.Event()
        self.reading.set()
        self.frames: list[dict[str, Any]] = []
        self.slow = 0

    async def send(self, frame: bytes) -> None:
        await self.reading.wait()
        self.frames.append(orjson.loads(frame))

    def too_slow(self) -> None:
        self.slow += 1

    def kinds(self) -> list[str]:
        return [frame["t"] for frame in self.frames]


class Scene:
    def __init__(self, bus: MemoryBus, hub: Hub, writer: Writer, peer: Peer) -> None:
        self.bus = bus
        self.hub = hub
        self.writer = writer
        self.peer = peer
        self.published = 0

    async def publish(self, events: int = 1, text: str = "") -> None:
        """One batch; returns when the hub has it."""
        rows = [
            change(WORKSPACE, "conversation.row_changed", uuid4(), 1, {"text": text})
            for _ in range(events)
        ]
        body = pack(encode(row) for row in rows)
        self.published = await self.bus.publisher.publish(subjects.changes(WORKSPACE), body)
        await eventually(lambda: self.hub.log.recent.position == self.published)


@asynccontextmanager
async def scene(limits: Limits | None = None) -> AsyncIterator[Scene]:
    bounds = limits or Limits()
    bus, peer = MemoryBus(), Peer()
    hub = Hub(bus, bounds)
    following = asyncio.create_task(hub.run())
    await eventually(lambda: hub.ready)
    writer = Writer(hub.log, WORKSPACE, "c-1", Subs(), bounds, peer.send, peer.too_slow)
    hub.join(WORKSPACE, writer)
    writing = asyncio.create_task(writer.run(None))
    await eventually(lambda: "ready" in peer.kinds())
    yield Scene(bus, hub, writer, peer)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await hub.stop()
    await following
    await bus.close()


async def test_n_has_no_hole_and_each_batch_one_cursor() -> None:
    async with scene() as at:
        for events in (1, 3, 2):
            await at.publish(events)
        await eventually(lambda: at.peer.kinds().count("ev") == 6)
        frames = at.peer.frames[1:]
        assert [frame["n"] for frame in frames] == [1, 2, 3, 4, 5, 6]
        sequences = [frame.get("cursor", ".-").split(".")[1] for frame in frames]
        assert sequences == ["1", "-", "-", "2", "-", "3"]


async def test_who_leaves_too_many_frames_waiting_is_too_slow() -> None:
    async with scene(Limits(queue_frames=10)) as at:
        at.peer.reading.clear()
        for _ in range(12):
            await at.publish()
        assert at.peer.slow == 1


async def test_who_leaves_too_many_bytes_waiting_is_too_slow() -> None:
    async with scene(Limits(queue_bytes=5_000)) as at:
        at.peer.reading.clear()
        for _ in range(5):
            await at.publish(text="x" * 2_000)
        assert at.peer.slow > 0


async def test_one_batch_larger_than_the_bound_makes_nobody_slow() -> None:
    async with scene(Limits(queue_frames=2, queue_bytes=1_000)) as at:
        for _ in range(3):
            await at.publish(events=20, text="x" * 2_000)
            await eventually(lambda: at.peer.kinds().count("ev") == 20 * at.published)
        assert at.peer.slow == 0


async def test_who_keeps_reading_is_never_too_slow() -> None:
    async with scene(Limits(queue_frames=4)) as at:
        for _ in range(100):
            await at.publish(events=3)
        await eventually(lambda: at.peer.kinds().count("ev") == 300)
        assert at.peer.slow == 0


async def test_signals_are_dropped_and_control_frames_are_not() -> None:
    async with scene(Limits(queue_control=5, queue_signals=2)) as at:
        at.peer.reading.clear()
        await at.publish()
        for _ in range(4):
            at.writer.signal(Eph(type="typing", data={}))
        for k in range(5):
            at.writer.put(Pong(k=k))
        assert at.peer.slow == 0
        at.writer.put(Pong(k=5))
        assert at.peer.slow == 1
        at.peer.reading.set()
        await eventually(lambda: at.peer.kinds().count("eph") == 2)
        assert [frame["k"] for frame in at.peer.frames if frame["t"] == "pong"] == [0, 1, 2, 3, 4]


async def test_a_pong_says_how_far_the_client_is() -> None:
    async with scene() as at:
        await at.publish()
        at.writer.put(Pong(k=1))
        await eventually(lambda: "pong" in at.peer.kinds())
        pong = next(frame for frame in at.peer.frames if frame["t"] == "pong")
        seen = at.peer.kinds().index("pong") > at.peer.kinds().index("ev")
        assert seen
        assert pong["cursor"] == str(at.hub.log.recent.now)
