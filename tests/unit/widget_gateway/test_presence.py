"""Presence: who is there by what processes say, and who fell silent."""

import asyncio
from uuid import UUID, uuid4

import pytest

from contracts import subjects
from contracts.signals import ATTENDANCE_TTL_S, Attendance
from support.clock import Clock
from support.skipping import run_skipping
from widget_gateway.lines.presence import Presence

WORKSPACE = uuid4()
SUBJECT = subjects.signal(WORKSPACE, subjects.ATTENDANCE)


def said(people: int, process: str = "one") -> bytes:
    return Attendance(process=process, people=people).model_dump_json().encode()


async def nobody(_workspace: UUID, _present: bool) -> None:  # noqa: FBT001 - the port's shape
    return


async def test_somebody_is_there_while_one_process_says_so() -> None:
    clock = Clock()
    presence = Presence(nobody, clock)
    assert not presence.there(WORKSPACE)
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


def test_turns_are_told_once_and_no_more_often_than_paced() -> None:
    told: list[tuple[UUID, bool]] = []

    async def tell(workspace: UUID, present: bool) -> None:  # noqa: FBT001 - the port's shape
        told.append((workspace, present))

    async def story() -> None:
        loop = asyncio.get_running_loop()
        presence = Presence(tell, loop.time)
        watching = asyncio.create_task(presence.run())
        for people in (1, 0, 1, 0, 1, 2, 2):
            await presence.heard(SUBJECT, said(people))
        await asyncio.sleep(10)
        assert told == [(WORKSPACE, True)]
        await asyncio.sleep(2 * ATTENDANCE_TTL_S)
        assert told == [(WORKSPACE, True), (WORKSPACE, False)]
        watching.cancel()

    run_skipping(story())
