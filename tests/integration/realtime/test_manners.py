"""How sockets begin and end: tickets, origins, bounds, slow readers, closing servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from inbox_core.entrypoints.realtime import signals
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.tickets import Seat, mint
from support.realtime import (
    ORIGIN,
    SIGNER,
    Line,
    Process,
    Screens,
    Truth,
    change,
    line,
    principal,
    process,
)
from support.rigs import Rig
from support.waiting import eventually, within


async def ready(socket: Line) -> dict[str, Any]:
    return await socket.frame_of("ready")


@pytest.mark.parametrize("age_s", [None, 31], ids=["forged", "too old"])
async def test_a_bad_ticket_is_closed_with_4004(
    here: Process, session: aiohttp.ClientSession, workspace: UUID, age_s: int | None
) -> None:
    ticket = "bm90IG9uZSBvZiBvdXJzLCBidXQgbG9uZyBlbm91Z2g"
    if age_s is not None:
        seat = Seat(workspace, "ana", "support", "session:ana")
        ticket = mint(SIGNER, seat, datetime.now(UTC) - timedelta(seconds=age_s))
    async with line(session, here, workspace, greet=False) as ours:
        await ours.send(t="hello", proto=1, ticket=ticket)
        assert await ours.close_code() == 4004


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 101), (ORIGIN, 101), ("https://evil.example", 403), ("null", 403), ("", 403)],
)
async def test_only_pages_of_our_own_origin_may_connect(
    here: Process, session: aiohttp.ClientSession, origin: str | None, status: int
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    if status == 101:
        async with session.ws_connect(here.url, headers=headers):
            return
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(here.url, headers=headers)
    assert refused.value.status == status


async def test_a_plain_request_is_told_to_upgrade(
    here: Process, session: aiohttp.ClientSession
) -> None:
    async with session.get(here.url) as response:
        assert response.status == 426
        assert (await response.json())["code"] == "not_a_websocket"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"t": "ping", "k": 1}', "no_hello"),
        ('{"t": "hello", "proto": 2, "ticket": "x"}', "bad_frame"),
        ('{"t": "dance"}', "bad_frame"),
        ("not json", "bad_frame"),
        ("[]", "bad_frame"),
    ],
)
async def test_what_is_no_hello_is_a_protocol_error(
    here: Process, session: aiohttp.ClientSession, first: str, code: str
) -> None:
    async with session.ws_connect(here.url) as ws:
        ours = Line(ws)
        await ws.send_str(first)
        error = await ours.frame()
        assert (error["t"], error["code"], error["status"]) == ("err", code, 400)
        assert await ours.close_code() == 4002


async def test_silence_instead_of_hello_is_a_protocol_error(
    rig: Rig, session: aiohttp.ClientSession
) -> None:
    async with process(rig.bus, Limits(hello_s=0.05)) as at, session.ws_connect(at.url) as ws:
        assert await Line(ws).close_code() == 4002


async def test_more_frames_than_allowed_are_a_protocol_error(
    here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    async with line(session, here, workspace) as ours:
        await ready(ours)
        for k in range(200):
            if ours.ws.closed:
                break
            await ours.send(t="ping", k=k)
        assert (await ours.frame_of("err"))["code"] == "too_many_frames"
        assert await ours.close_code() == 4002


async def test_a_frame_beyond_the_bound_is_closed_with_1009(
    here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    async with line(session, here, workspace) as ours:
        await ready(ours)
        await ours.ws.send_str("x" * (64 * 1024 + 1))
        assert await ours.close_code() == 1009


async def test_a_silent_client_is_closed_with_4009(
    rig: Rig, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    limits = Limits(heartbeat_s=0.05, dead_s=0.2)
    async with (
        process(rig.bus, limits) as at,
        session.ws_connect(at.url, autoping=False) as ws,
    ):
        ticket = at.office.issue(principal(workspace), workspace).ticket
        await ws.send_json({"t": "hello", "proto": 1, "ticket": ticket})
        while (message := await ws.receive(timeout=15)).type in (
            aiohttp.WSMsgType.TEXT,
            aiohttp.WSMsgType.PING,
        ):
            pass
        assert (message.type, ws.close_code) == (aiohttp.WSMsgType.CLOSE, 4009)


async def test_a_client_that_answers_pings_stays(
    rig: Rig, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    limits = Limits(heartbeat_s=0.02, dead_s=0.2)
    async with process(rig.bus, limits) as at, line(session, at, workspace) as ours:
        await ready(ours)
        with pytest.raises(TimeoutError):  # aiohttp answers the pings meanwhile
            await within(ours.frame(), 1.0)
        await truth.message(workspace, uuid4(), 1)
        assert (await ours.frame())["t"] == "ev"


async def test_the_end_of_the_session_ends_the_socket(
    here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    seat = Seat(
        workspace, "ana", "support", "session:ana", datetime.now(UTC) + timedelta(seconds=2)
    )
    async with line(session, here, workspace, greet=False) as ours:
        await ours.send(t="hello", proto=1, ticket=mint(SIGNER, seat, datetime.now(UTC)))
        await ready(ours)
        assert await ours.close_code() == 4003


async def test_signing_out_ends_that_sessions_sockets_on_every_process(
    rig: Rig, here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    async with (
        process(await rig.another()) as there,
        line(session, here, workspace, name="ana") as first,
        line(session, there, workspace, name="ana") as second,
        line(session, there, workspace, name="bo") as other,
    ):
        for socket in (first, second, other):
            await ready(socket)
        await signals.end_sockets(rig.bus, workspace, "session:ana")
        assert await first.close_code() == 4003
        assert await second.close_code() == 4003
        await other.send(t="ping", k=1)
        assert (await other.frame_of("pong"))["k"] == 1


async def test_a_full_process_refuses_with_503(
    rig: Rig, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    async with (
        process(rig.bus, Limits(max_sockets=1)) as at,
        line(session, at, workspace) as ours,
    ):
        await ready(ours)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(at.url)
        assert refused.value.status == 503


async def test_one_person_may_not_open_sockets_without_end(
    rig: Rig, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    async with (
        process(rig.bus, Limits(max_sockets_each=1)) as at,
        line(session, at, workspace) as ours,
    ):
        await ready(ours)
        async with line(session, at, workspace) as second:
            assert (await second.frame_of("err"))["code"] == "too_many_sockets"
            assert await second.close_code() == 1013
        async with line(session, at, workspace, name="bo") as third:
            await ready(third)


@asynccontextmanager
async def deaf(session: aiohttp.ClientSession, at: Process, workspace: UUID) -> AsyncIterator[Line]:
    """A socket whose client reads nothing more once it is ready."""
    async with line(session, at, workspace, name="deaf") as socket:
        await ready(socket)
        response = socket.ws._response  # noqa: SLF001 # aiohttp has no other way to stop reading
        assert response.connection is not None
        assert response.connection.transport is not None
        response.connection.transport.pause_reading()
        yield socket


async def test_a_slow_reader_is_closed_while_the_others_follow(
    rig: Rig, screens: Screens, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    async with (
        process(rig.bus, Limits(queue_bytes=256 * 1024)) as at,
        deaf(session, at, workspace) as socket,
    ):
        quick = await screens.open(lambda: at, workspace)
        number = 0
        while len(at.gateway.connections(workspace)) > 1:
            number += 1
            assert number < 400, "the slow reader was never noticed"
            row = change(workspace, "conversation.row_changed", uuid4(), 1, {"text": "x" * 100_000})
            await truth.publish(workspace, row)
        transport = socket.ws._response.connection.transport  # type: ignore[union-attr] # noqa: SLF001
        transport.resume_reading()  # type: ignore[union-attr]
        assert await socket.close_code() == 4008
        await screens.agrees(quick, workspace)
        assert quick.tally.connections == 1
        await quick.stop()


async def test_a_closing_process_sends_its_screens_elsewhere(
    rig: Rig, here: Process, screens: Screens, truth: Truth, workspace: UUID
) -> None:
    conversation = uuid4()
    async with process(await rig.another()) as there:
        answering = [there]
        screen = await screens.open(lambda: answering[0], workspace)
        await truth.talk(workspace, conversation, range(1, 4))
        answering[0] = here
        await within(there.gateway.drain())
    await truth.talk(workspace, conversation, range(4, 8))
    await screens.agrees(screen, workspace)
    assert screen.tally.closes == {1012: 1}
    assert (screen.tally.resumed, screen.tally.resets) == (1, {})


async def test_a_draining_process_refuses_newcomers(
    here: Process, session: aiohttp.ClientSession
) -> None:
    await here.gateway.drain()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(here.url)
    assert refused.value.status == 503


async def test_typing_reaches_the_others_of_the_workspace_only(
    rig: Rig, here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    conversation = str(uuid4())
    async with (
        process(await rig.another()) as there,
        line(session, here, workspace, name="ana") as ana,
        line(session, there, workspace, name="bo") as bo,
        line(session, there, uuid4(), name="eve") as eve,
    ):
        for socket in (ana, bo, eve):
            await ready(socket)
        await ana.send(t="typing", conv=conversation, on=True)
        await ana.send(t="typing", conv=conversation, on=True)
        await ana.send(t="typing", conv=conversation, on=False)
        heard = [await bo.frame_of("eph"), await bo.frame_of("eph")]
        assert [frame["type"] for frame in heard] == ["typing", "typing"]
        assert [frame["data"]["on"] for frame in heard] == [True, False]
        assert heard[0]["data"]["conv"] == conversation
        for socket in (ana, eve):
            await socket.send(t="ping", k=1)
            assert (await socket.frame())["t"] == "pong"


async def test_who_opens_a_conversation_learns_who_is_there(
    here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    conversation = str(uuid4())
    subs = {"list": False, "open": conversation}
    async with line(session, here, workspace, name="ana", subs=subs) as ana:
        await ready(ana)
        async with line(session, here, workspace, name="bo", subs=subs) as bo:
            await ready(bo)
            there, came = await bo.frame_of("eph"), await ana.frame_of("eph")
            assert (there["type"], came["type"]) == ("viewing", "viewing")
            assert there["data"]["who"] != came["data"]["who"]
        while (gone := await ana.frame_of("eph"))["data"]["on"]:
            pass  # bo may have been asked in turn
        assert gone["data"]["who"] == came["data"]["who"]


async def test_without_the_log_newcomers_are_refused_until_it_is_there(
    rig: Rig, here: Process, session: aiohttp.ClientSession, truth: Truth, workspace: UUID
) -> None:
    await truth.message(workspace, uuid4(), 1)
    start = str(here.hub.log.recent.now)
    await rig.outage()
    async with line(session, here, workspace, cursor=start) as ours:
        assert (await ours.frame())["mode"] == "resumed"  # memory is enough
    old = f"{here.hub.log.recent.epoch}.99"
    async with line(session, here, workspace, cursor=old) as ours:
        assert await ours.close_code(30) == 1013  # nobody can say whether it is a place
    await rig.recover()
    async with line(session, here, workspace, cursor=old) as ours:
        assert (await ours.frame())["reason"] == "cursor_expired"


async def test_no_task_and_no_member_outlives_its_socket(
    here: Process, session: aiohttp.ClientSession, workspace: UUID
) -> None:
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with line(session, here, workspace) as ours:
            await ready(ours)
    await eventually(lambda: not here.hub.room(workspace))
    await eventually(lambda: not here.gateway.connections(workspace))
    await eventually(lambda: len(asyncio.all_tasks()) <= before)
