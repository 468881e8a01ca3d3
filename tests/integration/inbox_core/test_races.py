"""Two workers race for the same first messages: no error escapes, nothing is doubled."""

import random

from bus.consumer import EventConsumer
from bus.dead import DeadLetters
from bus.memory import MemoryBus
from contracts import subjects
from contracts.batch import encode, pack
from inbox_core.adapters.postgres.store import is_race, is_transient
from inbox_core.app.health_book import HealthBook
from inbox_core.entrypoints.consumer.inbound import InboundHandler
from support.events import message
from support.inbox import Inbox
from support.waiting import until_true

PEOPLE = 2_500
MESSAGES = 10_000
BATCH = 100


async def test_two_workers_race_ten_thousand_first_messages(inbox: Inbox) -> None:
    """Every message comes twice, in two orders, so that both workers meet every contact."""
    bus = MemoryBus()
    dead = DeadLetters(bus.publisher, "inbox-core")
    handler = InboundHandler(inbox.worker, is_transient, is_race, HealthBook())
    events = [encode(message(f"wamid.{n}", f"49{n % PEOPLE:08}", str(n))) for n in range(MESSAGES)]
    for seed in (1, 2):
        shuffled = random.Random(seed).sample(events, len(events))
        for start in range(0, MESSAGES, BATCH):
            body = pack(shuffled[start : start + BATCH])
            await bus.publisher.publish(subjects.inbound("whatsapp"), body)
    consumer = EventConsumer(bus, "inbox-core", handler.handle, dead, workers=2)
    await consumer.start()
    try:
        last = (await bus.stream("INBOUND")).last_sequence

        async def all_read() -> bool:
            return (await bus.acknowledged("INBOUND"))["inbox-core"] == last

        await until_true(all_read, within_s=240)
    finally:
        await consumer.stop()
    counts = await inbox.admin.fetchrow(
        "SELECT count(*) AS stored, count(DISTINCT conversation_id) AS threads FROM messages"
    )
    assert counts is not None
    assert dict(counts) == {"stored": MESSAGES, "threads": PEOPLE}
    unread = await inbox.admin.fetchval("SELECT sum(unread_count) FROM conversations")
    gaps = await inbox.admin.fetchval(
        "SELECT count(*) FROM conversations c WHERE last_seq <>"
        " (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)"
    )
    assert (unread, gaps) == (MESSAGES, 0)
    assert (await bus.stream("DEAD")).messages == 0
