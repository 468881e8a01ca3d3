"""A visitor is introduced as well as it can be; what stands in the way stops nobody."""

from uuid import uuid4

import pytest

from bus.batching import Batcher
from bus.memory import MemoryBus
from contracts.rpc import HistoryAnswer
from contracts.subjects import VISITOR_HISTORY
from widget_gateway.sessions.introduction import Introduction
from widget_gateway.site.channels import Channel
from widget_gateway.site.config import parse
from widget_gateway.visitor import Visitor

CHANNEL = Channel(
    uuid4(), uuid4(), "my-shop", parse({"origins": "https://shop.example"}), secret="s" * 32
)
VISITOR = Visitor(CHANNEL.id, "v" * 22, "s" * 22, 1_800_000_000, 1_800_600_000, "u1", "Ada")


@pytest.mark.parametrize(
    "answer", [None, b"not an answer", HistoryAnswer(blocked=True).model_dump_json().encode()]
)
async def test_nothing_is_published_when_nothing_is_known(answer: bytes | None) -> None:
    bus = MemoryBus()
    batcher = Batcher(bus.publisher)
    await batcher.start()
    if answer is not None:
        told = answer

        async def history(_body: bytes) -> bytes:
            return told

        await bus.serve(VISITOR_HISTORY, history)
    await Introduction(bus, batcher)(CHANNEL, VISITOR)
    assert (await bus.stream("INBOUND")).messages == 0
    await batcher.stop()
    await bus.close()
