"""What is refused is counted as what it was."""

from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from bus.memory import MemoryBus
from contracts.rpc import HistoryAnswer, HistoryThread
from support.exchange import Canned, a_channel, a_visitor, lines, now
from support.gate_socket import message
from support.waiting import eventually

THREAD = HistoryThread(id=uuid4(), open=False, last_seq=1, read_seq=1, last_message_at=now())
RATE = {"t": "rate", "id": "r" * 16, "conversation": str(THREAD.id), "score": 5}


def counted(stage: str) -> float:
    labels = {"stage": stage, "outcome": "refused", "reason": "too_many_messages"}
    return REGISTRY.get_sample_value("sluice_outcomes_total", labels) or 0


def of_frames(code: str) -> tuple[float, bool]:
    """How many were refused so, and whether it stands among the types of frames."""
    types = {
        sample.labels["t"]
        for family in REGISTRY.collect()
        if family.name == "sluice_widget_frames"
        for sample in family.samples
    }
    return REGISTRY.get_sample_value("sluice_widget_refusals_total", {"code": code}) or 0, (
        code in types
    )


@pytest.mark.parametrize(
    ("frame", "stage", "other"),
    [
        (RATE, "visitor_rating", "visitor_message"),
        (message("two"), "visitor_message", "visitor_rating"),
    ],
    ids=["stars", "a word"],
)
async def test_by_its_stage(frame: dict[str, object], stage: str, other: str) -> None:
    bus, channel = MemoryBus(), a_channel(config={"csat": "on"})
    await Canned(HistoryAnswer(threads=(THREAD,))).serve(bus)
    async with lines(bus, channel, limits={"messages": (1, 0.001)}) as here:
        line, kept = await here.line(a_visitor(channel))
        await here.send(line, message("one"))
        before = counted(stage), counted(other)
        await here.send(line, frame)
        await eventually(lambda: kept.frames[-1]["t"] == "refused")
        assert (counted(stage), counted(other)) == (before[0] + 1, before[1])


async def test_by_its_code() -> None:
    bus = MemoryBus()
    await Canned(HistoryAnswer(threads=(THREAD,))).serve(bus)
    async with lines(bus) as here:
        line, _ = await here.line(a_visitor(here.channel))
        before, _ = of_frames("not_asked")
        await here.send(line, RATE)
        assert of_frames("not_asked") == (before + 1, False)
