"""Batcher, stream and consumer together on both buses, while the server dies again and again."""

import asyncio
from collections.abc import Sequence

from bus.batching import Batcher
from bus.consumer import EventConsumer, Received, Refusal
from bus.dead import DeadLetters
from bus.errors import Retryable
from bus.letters import Filter, Letters
from contracts import batch
from support.rigs import Rig
from support.waiting import eventually, within
from support.wire import event

SENDERS = 16
REFUSED = "7"


async def test_what_was_promised_is_handled_or_laid_down(rig: Rig) -> None:
    bus = rig.bus
    promised: set[str] = set()
    handled: set[str] = set()
    stopping = asyncio.Event()
    batcher = Batcher(bus.publisher)
    await batcher.start()

    async def handle(received: Sequence[Received]) -> Sequence[Refusal]:
        handled.update(each.event.id for each in received)
        return [
            Refusal(each, "unknown_channel", "no such account")
            for each in received
            if each.event.id.endswith(REFUSED)
        ]

    async def send(sender: int) -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            sent = event(f"{sender}-{number}")
            try:
                await batcher.publish("inbound.whatsapp", [batch.encode(sent)])
            except Retryable:
                await asyncio.sleep(0.005)
            else:
                promised.add(sent.id)

    consumer = EventConsumer(
        bus, "inbox-core", handle, DeadLetters(bus.publisher, "inbox-core"), workers=2
    )
    await consumer.start()
    senders = [asyncio.create_task(send(sender)) for sender in range(SENDERS)]
    for _ in range(3):
        enough = len(promised) + 300
        await eventually(lambda: len(promised) >= enough)  # noqa: B023 # awaited in the turn
        await rig.outage()
        await rig.recover()
    stopping.set()
    await within(asyncio.gather(*senders))
    await within(batcher.stop())
    await eventually(lambda: promised <= handled, 60)
    await within(consumer.stop())

    letters = {letter.event_id async for letter in Letters(bus).each(Filter())}
    assert letters >= {name for name in promised if name.endswith(REFUSED)}
    assert all(name.endswith(REFUSED) for name in letters)
