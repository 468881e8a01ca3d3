"""Kinds nobody has heard of are counted by name, and no sender makes labels without end."""

from prometheus_client import REGISTRY

from adapter.intake import MAX_KINDS, OTHER, Intake
from bus.batching import Batcher
from bus.dead import DeadLetters
from bus.memory import MemoryBus
from ingest_whatsapp.normalize import WHATSAPP
from metagraph.signature import Signatures, sign
from support import whatsapp as wa
from support.waiting import within

SECRET = b"app secret"
NAME = "sluice_webhook_unsupported_total"


def counted(kind: str) -> float:
    labels = {"channel": "whatsapp", "kind": kind}
    return REGISTRY.get_sample_value(NAME, labels) or 0.0


async def test_unknown_kinds_are_counted_by_name_up_to_a_bound() -> None:
    bus = MemoryBus()
    batcher = Batcher(bus.publisher)
    await batcher.start()
    intake = Intake(WHATSAPP, Signatures([SECRET]), batcher, DeadLetters(bus.publisher, "test"))

    async def take(*kinds: str) -> None:
        messages = [wa.text(n, type=kind) for n, kind in enumerate(kinds)]
        body = wa.body(wa.value(messages=messages))
        await within(intake.take(body, sign(body, SECRET)))

    before, others = counted("message.hologram"), counted(OTHER)
    await take("hologram", "hologram")
    assert counted("message.hologram") == before + 2
    await take(*(f"of_tomorrow_{n}" for n in range(MAX_KINDS + 10)))
    assert counted(OTHER) == others + 11
    await take("hologram")
    assert counted("message.hologram") == before + 3
    await batcher.stop()
