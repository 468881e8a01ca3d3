"""What waits for inbox-core keeps nothing else waiting, and waits no longer than it says."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from bus.errors import Retryable
from bus.memory import MemoryBus
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryThread
from support.exchange import Canned, a_channel, a_visitor, lines, now, receipts
from support.gate_socket import message
from support.skipping import run_skipping
from support.waiting import eventually
from widget_gateway.lines.history import AT_ONCE, Histories

THREAD = HistoryThread(id=uuid4(), open=True, last_seq=3, read_seq=0, last_message_at=now())
ACK: dict[str, Any] = {"t": "ack", "at": now().isoformat(), "read": 2}


async def test_a_word_passes_what_waits_for_history() -> None:
    bus, desk = MemoryBus(), Canned(HistoryAnswer(threads=(THREAD,)), closed=True)
    await desk.serve(bus)
    async with lines(bus) as here:
        line, kept = await here.line(a_visitor(here.channel))
        for early in (
            {"t": "typing", "on": True},
            {**ACK, "conversation": str(THREAD.id)},
            {**ACK, "conversation": str(uuid4())},
            {"t": "older", "conversation": str(THREAD.id), "before": 3},
            message("Hello"),
            {"t": "ping", "k": 1},
        ):
            await here.begin(line, early)
        await eventually(lambda: "accepted" in kept.kinds())
        assert sorted(kept.kinds()) == ["accepted", "pong", "ready", "taken"]
        desk.open.set()
        await eventually(lambda: {"history", "older", "refused"} <= set(kept.kinds()))
        (refused,) = (frame for frame in kept.frames if frame["t"] == "refused")
        assert refused["code"] == "unknown_conversation"
        await line.leave()
        assert await receipts(bus) == [(THREAD.id, 2)]


async def test_what_is_under_way_is_bounded() -> None:
    bus, desk = MemoryBus(), Canned(closed=True)
    await desk.serve(bus)
    async with lines(bus) as here:
        line, kept = await here.line(a_visitor(here.channel))
        for _ in range(5):
            await here.begin(line, {"t": "older", "conversation": str(THREAD.id), "before": 3})
        (refused,) = (frame for frame in kept.frames if frame["t"] == "refused")
        assert (refused["code"], refused["retry_s"] > 0) == ("busy", True)
        desk.open.set()
        await line.said()


async def test_inbox_core_that_is_busy_has_told_nothing() -> None:
    bus, desk = MemoryBus(), Canned(HistoryAnswer(busy=True))
    await desk.serve(bus)
    async with lines(bus) as here:
        line, kept = await here.line(a_visitor(here.channel))
        await eventually(lambda: desk.asked > 0)
        desk.answer = HistoryAnswer(threads=(THREAD,))
        await eventually(lambda: "history" in kept.kinds())
        assert [thread["id"] for thread in kept.frames[1]["threads"]] == [str(THREAD.id)]
        await line.leave()


@pytest.mark.parametrize("questions", [1, AT_ONCE + 1])
def test_the_wait_for_a_turn_is_within_the_deadline(questions: int) -> None:
    async def story() -> None:
        bus, channel = MemoryBus(), a_channel()
        await Canned(closed=True).serve(bus)
        histories, loop = Histories(bus), asyncio.get_running_loop()
        began = loop.time()
        asked = [histories.heads(channel, a_visitor(channel)) for _ in range(questions)]
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(answer, Retryable)
        assert loop.time() - began < 1.5 * DEADLINE_S
        await bus.close()

    run_skipping(story())
