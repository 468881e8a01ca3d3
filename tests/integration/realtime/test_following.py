"""What a screen shows is what is committed, whatever happens to its connection."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from bus.errors import Overloaded
from inbox_core.entrypoints.realtime.limits import Limits
from support.realtime import Process, Screens, Truth, change, line, process
from support.rigs import Rig
from support.waiting import eventually, within

FEW = Limits(recent_messages=2, recent_at_start=1, page_messages=3)
"""Memory so small that replays come from the stream, page by page."""


async def test_a_fresh_screen_fetches_what_was_and_follows_what_comes(
    here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    await truth.talk(workspace, conversation, range(1, 11))
    screen = await screens.open(lambda: here, workspace)
    await truth.talk(workspace, conversation, range(11, 16))
    await screens.agrees(screen, workspace)
    assert screen.tally.connections == 1


async def test_what_is_committed_while_the_snapshot_is_fetched_is_not_lost(
    here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    await truth.talk(workspace, conversation, range(1, 31))
    screen = await screens.open(lambda: here, workspace, wait=False)
    await truth.talk(workspace, conversation, range(31, 61))
    await screens.agrees(screen, workspace)


class Scissors:
    """Cuts a screen's line at every k-th frame of a connection."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._left = k
        self.cuts = 0

    def __call__(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "ready":
            self._left = self._k
        self._left -= 1
        if self._left < 0 and self.cuts < 40:
            self.cuts += 1
            raise ConnectionResetError("cut by the test")


@pytest.mark.parametrize("limits", [Limits(), FEW], ids=["memory", "stream"])
@pytest.mark.parametrize("k", [1, 2, 3, 5, 8])
async def test_a_line_cut_at_every_kth_frame_costs_nothing(
    rig: Rig, screens: Screens, truth: Truth, workspace: UUID, k: int, limits: Limits
) -> None:
    conversation = uuid4()
    async with process(rig.bus, limits) as at:
        scissors = Scissors(k)
        screen = await screens.open(lambda: at, workspace, on_frame=scissors, wait=False)
        await truth.talk(workspace, conversation, range(1, 41))
        await screens.agrees(screen, workspace)
        fresh = await screens.open(lambda: at, workspace, name="fresh")
        assert screen.state.versions() == fresh.state.versions()
        assert scissors.cuts > 0
        await screens.close()


async def test_a_screen_resumes_on_another_process_without_fetching(
    rig: Rig, here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    async with process(await rig.another()) as there:
        answering = [here]

        def moves(frame: dict[str, Any]) -> None:
            if frame["t"] == "ev" and frame["n"] == 5:
                answering[0] = there if answering[0] is here else here
                raise ConnectionResetError("cut by the test")

        screen = await screens.open(lambda: answering[0], workspace, on_frame=moves)
        await truth.talk(workspace, conversation, range(1, 21))
        await screens.agrees(screen, workspace)
        assert screen.tally.resumed >= 4
        assert screen.tally.resets == {}
        await screen.stop()


async def test_a_bus_that_is_away_closes_no_socket_and_loses_nothing(
    rig: Rig, here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    screen = await screens.open(lambda: here, workspace)
    await truth.talk(workspace, conversation, range(1, 6))
    for turn in (1, 2):
        await rig.outage()
        await rig.recover()
        await truth.talk(workspace, conversation, range(turn * 10, turn * 10 + 5))
    await screens.agrees(screen, workspace)
    assert screen.tally.connections == 1


async def test_a_stream_made_anew_resets_every_screen(
    rig: Rig, here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    first, second = [await screens.open(lambda: here, workspace, name=n) for n in ("a", "bo")]
    await truth.talk(workspace, conversation, range(1, 6))
    await screens.agrees(first, workspace)
    before = first.cursor
    await rig.remake("CHANGES")
    await eventually(lambda: first.tally.resets == second.tally.resets == {"epoch": 1}, 30)
    await truth.talk(workspace, conversation, range(6, 9))
    for screen in (first, second):
        await screens.agrees(screen, workspace)
        assert screen.tally.connections == 1
    assert before is not None
    assert first.cursor is not None
    assert before.split(".")[0] != first.cursor.split(".")[0]


async def test_nothing_of_another_workspace_is_ever_sent(
    here: Process, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    other, conversation, mine = uuid4(), uuid4(), uuid4()
    async with line(session, here, workspace) as ours:
        cursor = (await ours.frame_of("ready"))["cursor"]
        await truth.talk(other, conversation, range(1, 6))
        await truth.message(workspace, mine, 1)
        await truth.talk(other, conversation, range(6, 11))
        await ours.send(t="ping", k=1)
        seen = [await ours.frame(), await ours.frame()]
        assert {frame["t"] for frame in seen} <= {"ev", "pong"}
        events = [frame for frame in seen if frame["t"] == "ev"]
        while len(events) < 2:
            events.append(await ours.frame_of("ev"))
        assert {event["data"].get("conversation_id", event["id"]) for event in events} == {
            str(mine)
        }
    async with line(session, here, workspace, cursor=cursor) as again:
        assert (await again.frame())["mode"] == "resumed"
        replay = [await again.frame() for _ in range(3)]
        assert [frame["t"] for frame in replay] == ["ev", "ev", "live"]


async def test_a_quiet_workspace_keeps_its_place_in_a_busy_cell(
    here: Process, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    async with line(session, here, workspace) as ours:
        start = (await ours.frame_of("ready"))["cursor"]
        await truth.talk(uuid4(), uuid4(), range(1, 6))
        wanted = int(start.split(".")[1]) + 5
        await eventually(lambda: here.hub.log.recent.position == wanted)
        await ours.send(t="ping", k=7)
        pong = await ours.frame_of("pong")
        assert (pong["k"], pong["cursor"]) == (7, f"{start.split('.')[0]}.{wanted}")


async def test_only_the_last_frame_of_a_batch_carries_the_cursor(
    here: Process, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    conversation, elsewhere = uuid4(), uuid4()
    subs = {"list": True, "open": str(conversation), "messages": "open"}
    async with line(session, here, workspace, subs=subs) as ours:
        await ours.frame_of("ready")
        message = {"conversation_id": str(conversation)}
        strange = {"conversation_id": str(elsewhere)}
        await truth.publish(
            workspace,
            change(workspace, "message.created", uuid4(), state=message),
            change(workspace, "conversation.row_changed", conversation),
            change(workspace, "message.created", uuid4(), state=strange),
        )
        frames = [await ours.frame_of("ev"), await ours.frame_of("ev")]
        assert [frame["n"] for frame in frames] == [1, 2]
        assert [frame["type"] for frame in frames] == [
            "message.created",
            "conversation.row_changed",
        ]
        assert ["cursor" in frame for frame in frames] == [False, True]


async def test_another_open_conversation_is_heard_from_subbed_on(
    here: Process, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    async with line(
        session, here, workspace, subs={"list": False, "open": None, "messages": "open"}
    ) as ours:
        await ours.frame_of("ready")
        await truth.message(workspace, conversation, 1)
        await ours.send(t="sub", open=str(conversation))
        assert (await ours.frame_of("subbed"))["open"] == str(conversation)
        await truth.message(workspace, conversation, 2)
        numbers = []
        while 2 not in numbers:
            numbers.append((await ours.frame_of("ev"))["data"]["number"])
        assert numbers in ([2], [1, 2])


Cursor = Callable[[Process], str]


def _other_epoch(at: Process) -> str:
    return f"0{at.hub.log.recent.epoch[1:]}.{at.hub.log.recent.position}"


def _too_old(at: Process) -> str:
    return f"{at.hub.log.recent.epoch}.1"


def _from_the_future(at: Process) -> str:
    return f"{at.hub.log.recent.epoch}.{at.hub.log.recent.position + 1}"


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        (_other_epoch, "epoch"),
        (_too_old, "cursor_expired"),
        (_from_the_future, "cursor_expired"),
        (lambda _: "nonsense", "cursor_expired"),
    ],
    ids=["another epoch", "too old", "from the future", "not a cursor"],
)
async def test_a_cursor_that_leads_nowhere_is_a_reset(
    rig: Rig,
    session: aiohttp.ClientSession,
    truth: Truth,
    workspace: UUID,
    cursor: Cursor,
    reason: str,
) -> None:
    await truth.talk(workspace, uuid4(), range(1, 10))
    await rig.bus.purge("CHANGES", 5)
    async with process(rig.bus, FEW) as at, line(session, at, workspace, cursor=cursor(at)) as ours:
        assert await ours.frame() == {"t": "reset", "reason": reason}
        ready = await ours.frame()
        assert (ready["t"], ready["mode"]) == ("ready", "fresh")
        await truth.message(workspace, uuid4(), 1)
        assert (await ours.frame_of("ev"))["n"] == 1


@pytest.mark.parametrize("limits", [Limits(replay_events=20), Limits(replay_bytes=3000)])
async def test_a_replay_beyond_its_bound_becomes_a_reset(
    rig: Rig, session: aiohttp.ClientSession, truth: Truth, workspace: UUID, limits: Limits
) -> None:
    async with process(rig.bus, limits) as at:
        start = str(at.hub.log.recent.now)
        await truth.talk(workspace, uuid4(), range(1, 21))
        await eventually(lambda: at.hub.log.recent.position >= 20)
        async with line(session, at, workspace, cursor=start) as ours:
            assert (await ours.frame())["mode"] == "resumed"
            assert (await ours.frame_of("reset"))["reason"] == "cursor_expired"
            assert (await ours.frame())["mode"] == "fresh"


async def test_what_the_stream_dropped_during_a_replay_is_a_reset(
    rig: Rig, truth: Truth, workspace: UUID
) -> None:
    async with process(rig.bus, FEW) as at:
        start = str(at.hub.log.recent.now)
        await truth.talk(workspace, uuid4(), range(1, 13))
        await eventually(lambda: at.hub.log.recent.position >= 12)
        page = await at.poller.events(workspace, start, 0)
        assert len(page.events) == 24
        await rig.bus.purge("CHANGES", 6)
        reset = await at.poller.events(workspace, start, 0)
        assert (reset.reset, reset.events) == ("cursor_expired", [])


async def test_a_poll_waits_for_news_and_goes_on_from_its_cursor(
    here: Process, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    start = await here.poller.events(workspace, None, 25)
    assert start.events == []
    waiting = asyncio.create_task(here.poller.events(workspace, start.cursor, 25))
    await truth.message(uuid4(), uuid4(), 1)
    await truth.message(workspace, conversation, 1)
    page = await within(waiting)
    assert [event.type for event in page.events] == ["message.created", "conversation.row_changed"]
    nothing = await here.poller.events(workspace, page.cursor, 0.01)
    assert (nothing.events, nothing.reset) == ([], None)
    await truth.message(workspace, conversation, 2)
    after = await here.poller.events(workspace, nothing.cursor, 25)
    assert [event.v for event in after.events] == [1, 2]


async def test_a_waiting_poll_hears_of_a_stream_made_anew(
    rig: Rig, here: Process, truth: Truth, workspace: UUID
) -> None:
    await truth.message(workspace, uuid4(), 1)
    await eventually(lambda: here.hub.log.recent.position == 1)
    start = await here.poller.events(workspace, None, 0)
    waiting = asyncio.create_task(here.poller.events(workspace, start.cursor, 25))
    await eventually(lambda: bool(here.hub.room(workspace)))
    await rig.remake("CHANGES")
    page = await within(waiting, 30)
    assert (page.reset, page.cursor == start.cursor) == ("epoch", False)


async def test_polls_are_bounded(rig: Rig, workspace: UUID) -> None:
    async with process(rig.bus, Limits(max_polls=1)) as at:
        cursor = (await at.poller.events(workspace, None, 0)).cursor
        waiting = asyncio.create_task(at.poller.events(workspace, cursor, 25))
        await eventually(lambda: bool(at.hub.room(workspace)))
        with pytest.raises(Overloaded):
            await at.poller.events(workspace, cursor, 25)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (await at.poller.events(workspace, cursor, 0)).cursor == cursor


async def test_a_closing_process_lets_no_poll_wait(here: Process, workspace: UUID) -> None:
    cursor = (await here.poller.events(workspace, None, 0)).cursor
    waiting = asyncio.create_task(here.poller.events(workspace, cursor, 25))
    await eventually(lambda: bool(here.hub.room(workspace)))
    await here.gateway.drain()
    assert (await within(waiting)).cursor == cursor
