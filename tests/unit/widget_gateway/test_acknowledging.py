"""What a visitor has seen reaches the team, also when it was stored while they asked."""

from uuid import UUID, uuid4

import orjson

from bus.memory import MemoryBus
from contracts import subjects
from contracts.batch import decode_event, unpack
from contracts.events import WatermarkEvent
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from support.exchange import a_visitor, lines, now
from support.waiting import eventually
from support.widget import HistoryDesk


async def marks(bus: MemoryBus) -> list[tuple[UUID | None, int | None]]:
    stored = await bus.read("INBOUND", subjects.inbound("widget"), 0, 100)
    events = [decode_event(item) for one in stored for item in unpack(one.body)]
    return [
        (event.data.conversation_id, event.data.up_to_seq)
        for event in events
        if isinstance(event, WatermarkEvent)
    ]


async def test_a_message_newer_than_its_threads_head_can_be_acknowledged() -> None:
    bus, conversation, at = MemoryBus(), uuid4(), now()
    thread = HistoryThread(id=conversation, open=True, last_seq=1, read_seq=0, last_message_at=at)
    message = HistoryMessage(id=uuid4(), conversation_id=conversation, seq=2, at=at, by="user")
    desk = HistoryDesk([HistoryAnswer(threads=(thread,), messages=(message,))])
    await bus.serve(subjects.VISITOR_HISTORY, desk.answer)
    async with lines(bus) as here:
        line, kept = await here.line(a_visitor(here.channel))
        await eventually(lambda: "history" in kept.kinds())
        ack = {"t": "ack", "conversation": str(conversation), "at": at.isoformat(), "read": 2}
        await here.send(line, orjson.loads(orjson.dumps(ack)))
        await line.leave()
        assert await marks(bus) == [(conversation, 2)]
