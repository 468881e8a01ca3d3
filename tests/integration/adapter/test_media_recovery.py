"""Crashes and outages of the media role: the same file, the same key, one result."""

import asyncio
from pathlib import Path

from bus.batching import Batcher
from bus.commanding import CommandConsumer, Handle
from bus.dead import DeadLetters
from bus.ports import Bus
from contracts import batch, subjects
from contracts.commands import MediaCommand
from contracts.events import MediaResultEvent
from contracts.parts import Media
from integration.adapter.stage import PNG, Stage, media_command
from support.rigs import Rig
from support.waiting import eventually, until_true

SUBJECT = subjects.outbound("whatsapp", "media")


def consumer(bus: Bus, handle: Handle[MediaCommand]) -> CommandConsumer[MediaCommand]:
    dead = DeadLetters(bus.publisher, "ingest-whatsapp")
    return CommandConsumer(bus, "whatsapp-media", MediaCommand, handle, dead, at_once=4)


async def ask(rig: Rig, command: MediaCommand) -> None:
    await rig.bus.publisher.publish(SUBJECT, batch.pack([batch.encode(command)]))


async def results(rig: Rig) -> list[MediaResultEvent]:
    stored = await rig.bus.read("INBOUND", subjects.INBOUND_RESULTS, 0, 1000)
    events = [batch.decode_event(item) for one in stored for item in batch.unpack(one.body)]
    return [event for event in events if isinstance(event, MediaResultEvent)]


async def emptied(rig: Rig) -> None:
    async def empty() -> bool:
        return (await rig.bus.stream("OUTBOUND")).messages == 0

    await until_true(empty)


def keys(folder: Path) -> list[str]:
    return [str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()]


async def test_killed_between_store_and_result(rig: Rig, stage: Stage) -> None:
    """The first process stores the file and dies; the second stores it again and tells of it."""
    reached = asyncio.Event()

    async def never(_: bytes) -> None:
        reached.set()
        await asyncio.Event().wait()

    command = media_command(Media(ref=stage.file()))
    first = consumer(rig.bus, stage.media(publish=never).handle)
    await first.start()
    await ask(rig, command)
    await asyncio.wait_for(reached.wait(), 15)
    kept = keys(stage.folder)
    assert len(kept) == 1
    await first.stop(0)

    bus = await rig.another()
    batcher = Batcher(bus.publisher)
    await batcher.start()

    async def publish(event: bytes) -> None:
        await batcher.publish(subjects.INBOUND_RESULTS, [event])

    second = consumer(bus, stage.media(publish=publish).handle)
    await second.start()
    await emptied(rig)
    await second.stop()
    await batcher.stop()
    [result] = await results(rig)
    assert result.data.file is not None
    assert [result.data.file.key] == kept == keys(stage.folder)
    assert await stage.store.read(result.data.file.key, 10**6) == PNG


async def test_killed_between_result_and_acknowledgement(rig: Rig, stage: Stage) -> None:
    """Told twice, by the same id: a repeat to everybody who reads."""
    command = media_command(Media(ref=stage.file()))
    told: list[bytes] = []
    again = asyncio.Event()

    async def publish(event: bytes) -> None:
        await rig.bus.publisher.publish(subjects.INBOUND_RESULTS, batch.pack([event]))
        told.append(event)
        if len(told) == 1:
            await asyncio.Event().wait()
        again.set()

    handle = stage.media(publish=publish).handle
    first = consumer(rig.bus, handle)
    await first.start()
    await ask(rig, command)
    await eventually(lambda: bool(told))
    await first.stop(0)
    second = consumer(await rig.another(), handle)
    await second.start()
    await asyncio.wait_for(again.wait(), 15)
    await emptied(rig)
    await second.stop()
    one, two = await results(rig)
    assert one.id == two.id
    assert one.data == two.data
    assert len(keys(stage.folder)) == 1


async def test_the_bus_goes_away_before_the_result(rig: Rig, stage: Stage) -> None:
    """What cannot be told is not lost: the command comes again when the bus does."""
    command = media_command(Media(ref=stage.file()))
    batcher = Batcher(rig.bus.publisher, deadline_s=0.5)
    await batcher.start()
    gone = asyncio.Event()

    async def publish(event: bytes) -> None:
        if not gone.is_set():
            await rig.outage()
            gone.set()
        await batcher.publish(subjects.INBOUND_RESULTS, [event])

    reader = consumer(rig.bus, stage.media(publish=publish).handle)
    await reader.start()
    await ask(rig, command)
    await asyncio.wait_for(gone.wait(), 15)
    await rig.recover()
    await emptied(rig)
    await reader.stop()
    await batcher.stop()
    assert {one.id for one in await results(rig)} == {
        f"whatsapp:1001:media:{command.data.message_id}.0.1"
    }
    assert len(keys(stage.folder)) == 1


async def test_stopped_in_the_middle_of_a_file_leaves_nothing(rig: Rig, stage: Stage) -> None:
    stage.befall("file", do="accept_then_hang", seconds=30)
    reader = consumer(rig.bus, stage.media().handle)
    await reader.start()
    await ask(rig, media_command(Media(ref=stage.file())))
    await eventually(lambda: stage.emulator.script.pending() == 0)
    await reader.stop(0)
    assert keys(stage.folder) == []
    assert stage.published == []
