"""Who sits at the inbox, as other services hear it; and what screens hear of those who write in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import aiohttp
import pytest

from contracts import subjects
from contracts.signals import Attendance, VisitorTyping
from inbox_core.entrypoints.realtime.attendance import Roster
from support.realtime import Process, line, process
from support.rigs import AnyBus, Rig
from support.waiting import eventually

LINGER_S = 0.05
Said = list[tuple[str, int]]


@pytest.fixture
async def said(rig: Rig, workspace: UUID) -> Said:
    """(process, people) of this workspace, as they are heard."""
    heard: Said = []

    async def hear(_subject: str, body: bytes) -> None:
        word = Attendance.model_validate_json(body)
        heard.append((word.process, word.people))

    await rig.bus.listen(subjects.signal(workspace, subjects.ATTENDANCE), hear)
    return heard


StartsRoster = Callable[[AnyBus, float], Awaitable[Roster]]


@pytest.fixture
async def start_roster() -> AsyncIterator[StartsRoster]:
    running: list[tuple[Roster, asyncio.Task[None]]] = []

    async def start(bus: AnyBus, every_s: float) -> Roster:
        roster = Roster(bus, every_s=every_s, linger_s=LINGER_S)
        running.append((roster, asyncio.create_task(roster.run())))
        return roster

    yield start
    for roster, task in running:
        await roster.stop()
        await task


def counts(said: Said) -> list[int]:
    return [people for _, people in said]


async def test_people_are_counted_and_not_their_sockets(
    rig: Rig, workspace: UUID, said: Said, start_roster: StartsRoster
) -> None:
    roster = await start_roster(rig.bus, 60)
    for who in ("ana", "ana"):
        roster.come(workspace, who)
    await eventually(lambda: counts(said) == [1])
    roster.come(workspace, "ben")
    await eventually(lambda: counts(said) == [1, 2])
    roster.go(workspace, "ana")
    roster.come(uuid4(), "eve")
    roster.go(workspace, "ben")
    await eventually(lambda: counts(said) == [1, 2, 1])
    roster.go(workspace, "ana")
    await eventually(lambda: counts(said) == [1, 2, 1, 0])
    assert len({name for name, _ in said}) == 1


async def test_a_page_that_is_loaded_anew_is_nobody_leaving(
    rig: Rig, workspace: UUID, said: Said, start_roster: StartsRoster
) -> None:
    roster = await start_roster(rig.bus, 60)
    roster.come(workspace, "ana")
    await eventually(lambda: counts(said) == [1])
    roster.go(workspace, "ana")
    roster.come(workspace, "ana")
    roster.come(workspace, "ben")
    await eventually(lambda: 2 in counts(said))
    assert 0 not in counts(said)


async def test_it_is_said_again_and_again(
    rig: Rig, workspace: UUID, said: Said, start_roster: StartsRoster
) -> None:
    roster = await start_roster(rig.bus, 0.02)
    roster.come(workspace, "ana")
    await eventually(lambda: len(said) >= 4)
    assert set(counts(said)) == {1}


async def test_it_is_said_again_after_the_server_was_away(
    rig: Rig, workspace: UUID, said: Said, start_roster: StartsRoster
) -> None:
    roster = await start_roster(rig.bus, 600)
    roster.come(workspace, "ana")
    await eventually(lambda: counts(said) == [1])
    await rig.outage()
    await rig.recover()
    await eventually(lambda: counts(said)[-1] == 1 and len(said) > 1)


async def test_a_process_that_ends_takes_its_people_along(
    rig: Rig, workspace: UUID, said: Said, session: aiohttp.ClientSession
) -> None:
    other = await rig.another()
    async with process(rig.bus) as here, process(other) as there, AsyncExitStack() as stack:
        for at, name in ((here, "ana"), (here, "ana"), (there, "ben")):
            socket = await stack.enter_async_context(line(session, at, workspace, name=name))
            await socket.frame_of("ready")
        await eventually(lambda: sorted(counts(said)) == [1, 1])
        assert len({name for name, _ in said}) == 2
    assert sorted(counts(said)[-2:]) == [0, 0]


async def test_neither_programs_nor_those_who_only_look_are_there(
    rig: Rig, here: Process, session: aiohttp.ClientSession, workspace: UUID, said: Said
) -> None:
    async with (
        line(session, here, workspace, name="script", lasts=None) as program,
        line(session, here, workspace, name="looker", role="viewer") as looker,
        line(session, here, workspace) as ana,
    ):
        for socket in (program, looker, ana):
            await socket.frame_of("ready")
        await rig.bus.notify(subjects.signal(workspace, subjects.ATTENDANCE_WANTED), b"")
        await eventually(lambda: len(said) > 1)
        assert set(counts(said)) == {1}


async def test_one_who_polls_is_there_from_one_poll_to_the_next(
    here: Process, workspace: UUID, said: Said
) -> None:
    cursor = (await here.poller.events(workspace, None, 0)).cursor
    for _ in range(3):
        await here.poller.events(workspace, cursor, 0.05, "ana")
    await here.poller.events(workspace, cursor, 0.05)
    await eventually(lambda: bool(said))
    assert counts(said) == [1]


async def test_who_asks_is_told_at_once_and_not_by_everybody(
    rig: Rig, here: Process, session: aiohttp.ClientSession, workspace: UUID, said: Said
) -> None:
    wanted = subjects.signal(workspace, subjects.ATTENDANCE_WANTED)
    async with process(await rig.another()), line(session, here, workspace) as ana:
        await ana.frame_of("ready")
        await eventually(lambda: counts(said) == [1])
        for _ in range(50):
            await rig.bus.notify(wanted, b"")
        await eventually(lambda: len(said) > 1)
        assert set(counts(said)) == {1}
        assert len(said) < 50


async def test_screens_see_a_customer_type(
    here: Process, session: aiohttp.ClientSession, workspace: UUID, rig: Rig
) -> None:
    conversation, other = uuid4(), uuid4()
    async with (
        line(session, here, workspace) as listing,
        line(session, here, workspace, subs={"list": False, "open": str(conversation)}) as open_,
        line(session, here, workspace, subs={"list": False, "open": str(other)}) as elsewhere,
        line(session, here, uuid4()) as foreign,
    ):
        for one in (listing, open_, elsewhere, foreign):
            await one.frame_of("ready")
        for body in (
            b"nonsense",
            VisitorTyping(conversation_id=conversation, on=True).model_dump_json().encode(),
        ):
            subject = subjects.signal(workspace, subjects.VISITOR_TYPING)
            await rig.bus.notify(subject, body)
        for one in (listing, open_):
            frame = await one.frame_of("eph")
            while frame["type"] != "typing":
                frame = await one.frame_of("eph")
            assert frame["data"] == {
                "conv": str(conversation), "who": "contact", "on": True, "ttl": 6, "note": False,
            }  # fmt: skip
        for one in (elsewhere, foreign):
            await one.send(t="ping", k=7)
            while (frame := await one.frame())["t"] != "pong":
                assert frame.get("type") != "typing"
