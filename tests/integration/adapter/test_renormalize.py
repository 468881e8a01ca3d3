"""A kept item travels: the command on OUTBOUND, the event on the subject of its channel type."""

from datetime import UTC, datetime

from adapter.fields import mapping
from adapter.items import MESSAGE, Item, Kinds, Made, Parsed, Platform
from adapter.renormalize import NormalizeHandler
from bus.batching import Batcher
from bus.commanding import CommandConsumer
from bus.dead import DeadLetters
from contracts import batch, subjects
from contracts.commands import Normalize, NormalizeCommand
from contracts.events import MessageEvent
from support.rigs import Rig
from support.waiting import until_true


def hologram(item: Item) -> Made:
    contact = {"aliases": [{"kind": "phone", "value": "15550100"}]}
    parts = [{"kind": "hologram", "text": mapping(item.body)["of"]}]
    return Made(MESSAGE, {"external_id": "wamid.1", "contact": contact, "parts": parts})


KINDS = Kinds("whatsapp", 2, {"message.hologram": hologram}, lambda *_: "x", lambda _: {})
PLATFORM = Platform("whatsapp", lambda _: Parsed([]), {"whatsapp": KINDS})


async def test_a_kept_item_is_answered_on_its_subject(rig: Rig) -> None:
    batcher = Batcher(rig.bus.publisher)
    await batcher.start()

    async def publish(channel: str, event: bytes) -> None:
        await batcher.publish(subjects.inbound(channel), [event])

    reader = CommandConsumer(
        rig.bus,
        "whatsapp-normalize",
        NormalizeCommand,
        NormalizeHandler(PLATFORM, publish).handle,
        DeadLetters(rig.bus.publisher, "ingest-whatsapp"),
    )
    await reader.start()
    now = datetime.now(UTC)
    kept = Normalize(
        event_id="whatsapp:1:hologram:1",
        kind="message.hologram",
        raw='{"of":"R2"}',
        received_at=now,
    )
    asked = NormalizeCommand(id="n1", time=now, channel="whatsapp", account="1", data=kept)
    subject = subjects.outbound("whatsapp", "normalize")
    await rig.bus.publisher.publish(subject, batch.pack([batch.encode(asked)]))

    async def done() -> bool:
        return (await rig.bus.stream("OUTBOUND")).messages == 0

    await until_true(done)
    await reader.stop()
    await batcher.stop()
    [stored] = await rig.bus.read("INBOUND", subjects.inbound("whatsapp"), 0, 10)
    [event] = [batch.decode_event(item) for item in batch.unpack(stored.body)]
    assert isinstance(event, MessageEvent)
    assert (event.id, event.renormalized, event.normalizer) == (kept.event_id, True, 2)
