"""Receipts: the furthest place alone, once a second at most, and again if it was not heard."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from bus.batching import Batcher
from bus.errors import Unavailable
from support.skipping import run_skipping
from widget_gateway.lines.marks import Mark, Marks
from widget_gateway.lines.receipts import Receipts

AT = datetime(2026, 11, 20, tzinfo=UTC)
THREAD = uuid4()


class Bus:
    """A publisher that refuses while it is away."""

    def __init__(self) -> None:
        self.away = False
        self.bodies: list[bytes] = []

    async def publish(self, _subject: str, body: bytes, **_: Any) -> int:
        if self.away:
            raise Unavailable("away")
        self.bodies.append(body)
        return len(self.bodies)


def encode(mark: Mark) -> bytes:
    return f'"{mark.status} {mark.seq}"'.encode()


def read(seq: int) -> Mark:
    return Mark(THREAD, "read", seq, AT)


def test_marks_only_move_forward() -> None:
    marks = Marks()
    for seq in (3, 5, 4):
        marks.note(read(seq))
    assert marks.take() == [read(5)]
    marks.note(read(5))
    assert not marks
    marks.note(read(6))
    taken = marks.take()
    marks.untold(taken)
    assert marks.take() == [read(6)]


def test_a_scroll_is_told_in_a_few_words() -> None:
    async def story() -> Sequence[bytes]:
        bus = Bus()
        batcher = Batcher(bus)  # type: ignore[arg-type] # of a publisher's shape
        await batcher.start()
        receipts = Receipts(batcher, encode)
        for seq in range(1, 31):
            receipts.note(read(seq))
            await asyncio.sleep(0.1)
        receipts.note(read(40))
        await receipts.close()
        await batcher.stop()
        return bus.bodies

    bodies = run_skipping(story())
    assert 3 <= len(bodies) <= 6
    assert bodies[-1] == b'["read 40"]'


def test_what_was_not_heard_is_told_again() -> None:
    async def story() -> Sequence[bytes]:
        bus = Bus()
        bus.away = True
        batcher = Batcher(bus)  # type: ignore[arg-type] # of a publisher's shape
        await batcher.start()
        receipts = Receipts(batcher, encode)
        receipts.note(read(1))
        await asyncio.sleep(1)
        receipts.note(read(2))
        bus.away = False
        await asyncio.sleep(30)
        await receipts.close()
        await batcher.stop()
        return bus.bodies

    assert run_skipping(story()) == [b'["read 2"]']
