"""What a visitor has seen reaches the team, also when it was stored while they asked."""

from uuid import uuid4

import orjson

from bus.memory import MemoryBus
from contracts import subjects
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from support.exchange import a_visitor, lines, now, receipts
from support.waiting import eventually


async def test_a_message_newer_than_its_threads_head_can_be_acknowledged() -> None:
    bus, conversation, at = MemoryBus(), uuid4(), now()
    thread = HistoryThread(id=conversation, open=True, last_seq=1, read_seq=0, last_message_at=at)
    message = HistoryMessage(id=uuid4(), conversation_id=conversation, seq=2, at=at, by="user")

    async def answer(_: bytes) -> bytes:
        return HistoryAnswer(threads=(thread,), messages=(message,)).model_dump_json().encode()

    await bus.serve(subjects.VISITOR_HISTORY, answer)
    async with lines(bus) as here:
        line, kept = await here.line(a_visitor(here.channel))
        await eventually(lambda: "history" in kept.kinds())
        ack = {"t": "ack", "conversation": str(conversation), "at": at.isoformat(), "read": 2}
        await here.send(line, orjson.loads(orjson.dumps(ack)))
        await line.leave()
        assert await receipts(bus) == [(conversation, 2)]
