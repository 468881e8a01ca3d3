"""Publisher: what stored means, and each way it can fail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bus.errors import BusError, TooLarge, Unavailable
from bus.ports import Publisher
from contracts.subjects import STREAMS, Limits
from support.rigs import AnyBus, Rig, make_rig
from support.waiting import within


async def test_a_published_message_is_stored_with_its_headers(bus: AnyBus) -> None:
    sequence = await bus.publisher.publish("inbound.whatsapp", b"body", headers={"Sluice-A": "b"})

    [stored] = await bus.read("INBOUND", "inbound.>", 0, 10)
    assert (stored.sequence, stored.subject, stored.body) == (sequence, "inbound.whatsapp", b"body")
    assert stored.stream == "INBOUND"
    assert stored.headers["Sluice-A"] == "b"


async def test_sequences_grow(bus: AnyBus) -> None:
    first = await bus.publisher.publish("inbound.whatsapp", b"1")
    second = await bus.publisher.publish("inbound.results", b"2")
    assert second > first


async def test_a_repeated_message_id_is_stored_once(bus: AnyBus) -> None:
    first = await bus.publisher.publish("ai.summary", b"1", message_id="job-1")
    again = await bus.publisher.publish("ai.summary", b"1", message_id="job-1")
    assert again == first
    assert (await bus.stream("AI")).messages == 1


async def test_a_subject_of_no_stream_is_unavailable(bus: AnyBus) -> None:
    with pytest.raises(Unavailable):
        await bus.publisher.publish("nowhere.at.all", b"x")


@pytest.mark.parametrize("headers", [None, {"Sluice-Detail": "x" * 100}])
async def test_a_message_above_max_payload_is_too_large(
    bus: AnyBus, headers: dict[str, str] | None
) -> None:
    with pytest.raises(TooLarge):
        await bus.publisher.publish(
            "inbound.whatsapp", b"x" * (Limits().max_payload + 1), headers=headers
        )
    assert await bus.publisher.publish("inbound.whatsapp", b"still alive")


@pytest.mark.parametrize("kind", ["memory", "jetstream"])
async def test_a_full_stream_refuses_and_keeps_what_it_has(kind: str, tmp_path: Path) -> None:
    small = [replace(row, max_bytes=4096) if row.name == "INBOUND" else row for row in STREAMS]
    rig = await make_rig(kind, tmp_path, streams=small)
    answers = [await _outcome(rig.bus.publisher, b"x" * 500) for _ in range(20)]
    stored = answers.count("stored")
    assert 0 < stored < 9
    assert answers[stored:] == ["Unavailable"] * (20 - stored)
    assert (await rig.bus.stream("INBOUND")).messages == stored
    await rig.close()


@pytest.mark.parametrize("kind", ["memory", "jetstream"])
async def test_a_stream_of_derived_news_forgets_its_oldest(kind: str, tmp_path: Path) -> None:
    small = [replace(row, max_bytes=4096) if row.name == "CHANGES" else row for row in STREAMS]
    rig = await make_rig(kind, tmp_path, streams=small)
    for _ in range(20):
        await rig.bus.publisher.publish("changes.w", b"x" * 500)
    state = await rig.bus.stream("CHANGES")
    assert state.last_sequence == 20
    assert state.first_sequence > 1
    assert state.bytes <= state.max_bytes == 4096
    await rig.close()


async def test_during_an_outage_it_fails_at_once_and_stores_nothing(rig: Rig) -> None:
    await rig.outage()
    assert not rig.bus.connected
    for _ in range(5):
        with pytest.raises(Unavailable):
            await rig.bus.publisher.publish("inbound.whatsapp", b"lost", timeout_s=60)
    await rig.recover()
    assert (await rig.bus.stream("INBOUND")).messages == 0
    assert await rig.bus.publisher.publish("inbound.whatsapp", b"kept") == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda bus: bus.stream("INBOUND"),
        lambda bus: bus.read("INBOUND", "inbound.>", 0, 1),
        lambda bus: bus.remove("INBOUND", 1),
        lambda bus: bus.verify(),
        lambda bus: bus.bucket("claims").get("a"),
        lambda bus: bus.bucket("claims").create("a", b"1"),
        lambda bus: bus.bucket("claims").entries(),
        lambda bus: bus.acknowledged("INBOUND"),
    ],
    ids=["stream", "read", "remove", "verify", "get", "create", "entries", "acknowledged"],
)
async def test_during_an_outage_every_question_is_unavailable(
    rig: Rig, ask: Callable[[AnyBus], Awaitable[object]]
) -> None:
    await rig.outage()
    with pytest.raises(Unavailable):
        await within(ask(rig.bus), 2)
    await rig.recover()


async def _outcome(publisher: Publisher, body: bytes) -> str:
    try:
        await publisher.publish("inbound.whatsapp", body)
    except BusError as error:
        return type(error).__name__
    return "stored"
