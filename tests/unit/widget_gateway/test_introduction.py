"""A visitor is introduced as well as it can be; what stands in the way stops nobody."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bus.batching import Batcher
from bus.errors import Ambiguous
from bus.memory import MemoryBus
from contracts import batch
from contracts.rpc import HistoryAnswer, HistoryThread
from support.exchange import a_channel, a_visitor
from support.waiting import eventually, within
from widget_gateway.sessions.introduction import Introductions
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

CHANNEL = a_channel()
VISITOR = a_visitor(CHANNEL, "u1", name="Ada")
THREAD = HistoryThread(
    id=uuid4(), open=True, last_seq=1, read_seq=0, last_message_at=datetime.now(UTC)
)
NOTHING, WRITTEN = HistoryAnswer(), HistoryAnswer(threads=(THREAD,))
HOURS = (0.0, 3600.0, 3600.0)


class Heads:
    """Answers in turn, the last for ever; an error is raised."""

    def __init__(self, *answers: HistoryAnswer | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[Visitor] = []

    async def __call__(self, _channel: Channel, visitor: Visitor) -> HistoryAnswer:
        self.asked.append(visitor)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def bus() -> AsyncIterator[MemoryBus]:
    bus = MemoryBus()
    yield bus
    await bus.close()


@pytest.fixture
async def batcher(bus: MemoryBus) -> AsyncIterator[Batcher]:
    batcher = Batcher(bus.publisher)
    await batcher.start()
    yield batcher
    await batcher.stop()


async def told(bus: MemoryBus) -> list[Any]:
    stored = await bus.read("INBOUND", "inbound.widget", 0, 100)
    return [event for message in stored for event in batch.unpack(message.body)]


@pytest.mark.parametrize(
    ("answers", "looks", "published"),
    [
        ([WRITTEN], 1, True),
        ([NOTHING, NOTHING, WRITTEN], 3, True),
        ([Ambiguous("no answer"), WRITTEN], 2, True),
        ([NOTHING], 3, False),
        ([Ambiguous("no answer")], 3, False),
        ([HistoryAnswer(blocked=True)], 1, False),
        ([RuntimeError("a fault of ours")], 1, False),
    ],
    ids=["known", "not numbered yet", "away", "wrote nothing", "stays away", "blocked", "fault"],
)
async def test_a_visitor_is_introduced(
    bus: MemoryBus, batcher: Batcher, answers: list[Any], looks: int, *, published: bool
) -> None:
    heads = Heads(*answers)
    introductions = Introductions(heads, batcher, looks_s=(0.0, 0.0, 0.0))
    introductions.begin(CHANNEL, VISITOR)
    await eventually(lambda: len(heads.asked) == looks)
    await introductions.close()
    assert len(heads.asked) == looks
    contacts = [event["data"]["contact"] for event in await told(bus)]
    assert [contact["external_id"] for contact in contacts] == (["u1"] if published else [])
    # Asked by the browser's own id: a known user may well have conversations elsewhere.
    assert {len(visitor.aliases) for visitor in heads.asked} == {1}


async def test_nobody_waits_for_it_and_the_end_makes_it_look_at_once(
    bus: MemoryBus, batcher: Batcher
) -> None:
    heads = Heads(NOTHING, WRITTEN)
    introductions = Introductions(heads, batcher, looks_s=HOURS)
    introductions.begin(CHANNEL, VISITOR)
    await eventually(lambda: len(heads.asked) == 1)
    await within(introductions.close())
    assert len(await told(bus)) == 1
    introductions.begin(CHANNEL, VISITOR)
    assert len(heads.asked) == 2
