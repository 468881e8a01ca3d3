"""Presence: who is there by what processes say, and who fell silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from bus.memory import MemoryBus
from contracts import subjects
from contracts.signals import ATTENDANCE_TTL_S, Attendance
from support.clock import Clock
from support.skipping import run_skipping
from widget_gateway.lines.presence import ANSWER_S, Presence

WORKSPACE = uuid4()
SUBJECT = subjects.signal(WORKSPACE, subjects.ATTENDANCE)


def said(people: int, process: str = "one") -> bytes:
    return Attendance(process=process, people=people).model_dump_json().encode()


async def nobody(_workspace: UUID, _present: bool) -> None:  # noqa: FBT001 - the port's shape
    return


async def test_somebody_is_there_while_one_process_says_so() -> None:
    clock = Clock()
    presence = Presence(nobody, clock)
    assert presence.there(WORKSPACE) is None
    await presence.heard(SUBJECT, said(2))
    await presence.heard(SUBJECT, said(1, "other"))
    await presence.heard(SUBJECT, said(0))
    assert presence.there(WORKSPACE)
    assert not presence.there(uuid4())
    clock.forward(ATTENDANCE_TTL_S + 1)
    assert not presence.there(WORKSPACE)


@pytest.mark.parametrize(
    ("subject", "body"),
    [(SUBJECT, b"{}"), (SUBJECT, b"\xff"), ("signal", said(1)), ("signal.x.attendance", said(1))],
    ids=["nothing in it", "no text", "no workspace", "no id"],
)
async def test_what_cannot_be_read_changes_nothing(subject: str, body: bytes) -> None:
    presence = Presence(nobody)
    await presence.heard(subject, body)
    assert not presence.there(WORKSPACE)


Told = list[tuple[UUID, bool]]


@asynccontextmanager
async def watched(bus: MemoryBus) -> AsyncIterator[tuple[Presence, Told]]:
    """One that runs, and what it told the lines. Its clock is the loop's."""
    told: Told = []

    async def tell(workspace: UUID, present: bool) -> None:  # noqa: FBT001 - the port's shape
        told.append((workspace, present))

    presence = Presence(tell, asyncio.get_running_loop().time)
    await presence.start(bus)
    tasks = [asyncio.create_task(work) for work in (presence.run(), presence.ask(bus))]
    yield presence, told
    for task in tasks:
        task.cancel()


async def answering(bus: MemoryBus, people: int) -> list[str]:
    """A process of inbox-core with so many people; the answer is what it was asked."""
    asked: list[str] = []

    async def answer(subject: str, _body: bytes) -> None:
        asked.append(subject)
        await bus.notify(SUBJECT, said(people))

    await bus.listen(f"signal.*.{subjects.ATTENDANCE_WANTED}", answer)
    return asked


def test_turns_are_told_once_and_no_more_often_than_paced() -> None:
    async def story() -> None:
        async with watched(MemoryBus()) as (presence, told):
            presence.there(WORKSPACE)
            for people in (1, 0, 1, 0, 1, 2, 2):
                await presence.heard(SUBJECT, said(people))
            await asyncio.sleep(10)
            assert told == [(WORKSPACE, True)]
            await asyncio.sleep(2 * ATTENDANCE_TTL_S)
            assert told == [(WORKSPACE, True), (WORKSPACE, False)]

    run_skipping(story())


def test_a_gateway_that_starts_asks_who_is_there() -> None:
    async def story() -> None:
        bus = MemoryBus()
        asked = await answering(bus, 1)
        async with watched(bus) as (presence, told):
            assert presence.there(WORKSPACE) is None
            await asyncio.sleep(1)
            assert presence.there(WORKSPACE) is True
            await asyncio.sleep(10)
            assert told == [(WORKSPACE, True)]
            assert asked == [subjects.signal(WORKSPACE, subjects.ATTENDANCE_WANTED)]

    run_skipping(story())


@pytest.mark.parametrize("processes", [0, 1], ids=["nobody answers", "nobody is there"])
def test_nobody_is_said_once_all_had_time_to_answer(processes: int) -> None:
    async def story() -> None:
        bus = MemoryBus()
        for _ in range(processes):
            await answering(bus, 0)
        async with watched(bus) as (presence, told):
            presence.there(WORKSPACE)
            await asyncio.sleep(ANSWER_S - 1)
            assert (presence.there(WORKSPACE), told) == (None, [])
            await asyncio.sleep(10)
            assert (presence.there(WORKSPACE), told) == (False, [(WORKSPACE, False)])

    run_skipping(story())


def test_it_asks_again_once_the_bus_is_back() -> None:
    async def story() -> None:
        bus = MemoryBus()
        asked = await answering(bus, 1)
        async with watched(bus) as (presence, told):
            presence.there(WORKSPACE)
            await asyncio.sleep(1)
            bus.down()
            await asyncio.sleep(2 * ATTENDANCE_TTL_S)
            assert presence.there(WORKSPACE) is False
            bus.up()
            await asyncio.sleep(5)
            assert told == [(WORKSPACE, True), (WORKSPACE, False), (WORKSPACE, True)]
            assert len(asked) == 2

    run_skipping(story())
