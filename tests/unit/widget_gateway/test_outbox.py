"""What waits for a socket: in order, bounded, and with no task while nothing waits."""

import asyncio

import pytest
from aiohttp import WSMsgType

from support.waiting import eventually
from widget_gateway.lines.outbox import QUEUE_BYTES, QUEUE_FRAMES, Outbox


class Pipe:
    """A socket that takes frames while it is open."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.open = asyncio.Event()
        self.broken: Exception | None = None
        self.stuck = 0

    async def send(self, frame: bytes, _kind: WSMsgType) -> None:
        await self.open.wait()
        if self.broken is not None:
            raise self.broken
        self.taken.append(frame)

    def cut(self) -> None:
        self.stuck += 1


@pytest.fixture
async def pipe() -> Pipe:
    return Pipe()


async def test_frames_go_in_order_and_then_nothing_is_left(pipe: Pipe) -> None:
    box = Outbox(pipe.send, pipe.cut)
    assert box.idle
    for number in range(5):
        assert box.put(b"%d" % number)
    assert box.put(b"5")
    pipe.open.set()
    await box.empty()
    assert pipe.taken == [b"%d" % number for number in range(6)]
    assert box.idle


@pytest.mark.parametrize(
    ("frame", "least"), [(b"x", QUEUE_FRAMES), (b"x" * (QUEUE_BYTES // 8), 8)], ids=["many", "long"]
)
async def test_what_waits_is_bounded(pipe: Pipe, frame: bytes, least: int) -> None:
    box = Outbox(pipe.send, pipe.cut)
    box.put(b"first")
    await asyncio.sleep(0)  # it is being sent, and waits no more
    taken = 0
    while box.put(frame):
        taken += 1
    assert taken == least
    box.clear()
    pipe.open.set()
    await box.empty()
    assert pipe.taken == [b"first"]


async def test_one_frame_may_be_longer_than_all_that_may_wait(pipe: Pipe) -> None:
    box = Outbox(pipe.send, pipe.cut)
    assert box.put(b"x" * (QUEUE_BYTES + 1))
    assert not box.put(b"x")


async def test_who_takes_nothing_is_cut(pipe: Pipe) -> None:
    box = Outbox(pipe.send, pipe.cut, write_s=0.01)
    box.put(b"first")
    box.put(b"second")
    await eventually(lambda: pipe.stuck == 1)
    await box.empty()
    assert pipe.taken == []


@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("closed")])
async def test_a_socket_that_is_gone_costs_nothing(pipe: Pipe, error: Exception) -> None:
    pipe.broken = error
    pipe.open.set()
    box = Outbox(pipe.send, pipe.cut)
    box.put(b"first")
    await box.empty()
    assert box.idle
    assert pipe.stuck == 0
