"""Clients that behave badly: too slow, too fast, too silent; each costs itself alone."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from contracts.parts import Part
from support.gate_socket import GateSocket, message, open_socket, talk_to, talking
from support.rigs import make_rig
from support.team import Team
from support.waiting import eventually
from support.widget import NO_LIMITS, ORIGIN, Gate, WidgetWorld, widget_world

SMALL = 4096
"""Bytes the slow reader's system takes in for it."""


@pytest.fixture
async def team() -> Team:
    return Team()


@pytest.fixture
async def world(tmp_path: Path, team: Team) -> AsyncIterator[WidgetWorld]:
    rig = await make_rig("memory", tmp_path)
    async with widget_world(rig, history=team) as world, team.at_work(rig.bus, world):
        yield world
    await rig.close()


@pytest.fixture
async def gate(world: WidgetWorld) -> AsyncIterator[Gate]:
    async with world.gateway() as gate:
        yield gate


async def raw_socket(gate: Gate, token: str) -> socket.socket:
    """A socket that greeted, and reads nothing from then on."""
    host, port = gate.url.removeprefix("http://").split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    line.setblocking(False)  # noqa: FBT003 # the library's own shape
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, (host, int(port)))
    path = gate.path("/socket").removeprefix(gate.url)
    await loop.sock_sendall(
        line,
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2x1aWNlIHRlc3Qga2V5IQ==\r\n"
        f"Origin: {ORIGIN}\r\n\r\n".encode(),
    )
    assert b"101" in await loop.sock_recv(line, SMALL)
    hello = f'{{"t":"hello","proto":1,"token":"{token}","cursors":{{}}}}'.encode()
    await loop.sock_sendall(line, struct.pack("!BBH", 0x81, 0xFE, len(hello)) + bytes(4) + hello)
    return line


async def ended(line: socket.socket) -> None:
    """Returns when the other side has cut the line."""
    loop = asyncio.get_running_loop()
    try:
        while await loop.sock_recv(line, 1024 * 1024):
            pass
    except ConnectionError:
        pass


async def test_a_slow_reader_is_cut_off_and_finds_all_of_it_again(gate: Gate, team: Team) -> None:
    session = await gate.session()
    async with talking(gate, session) as talk:
        await talk.say("Hello")
        await team.heard("Hello")
        slow = await raw_socket(gate, session["token"])
        heard = len(team.asked)
        await eventually(lambda: len(team.asked) > heard)
        long = Part(kind="text", text="x" * 60_000)
        for number in range(100):
            await team.reply(talk.name, str(number), long)
            told = 2 * (number + 1)
            await eventually(lambda: talk.count("part") == told)  # noqa: B023 # asked right here
        async with asyncio.timeout(60):
            await ended(slow)
        slow.close()
        assert talk.closed_with is None
    async with talking(gate, session) as again:
        await eventually(lambda: again.texts()[-1:] == ["99" + "x" * 60_000], 60)


@pytest.mark.parametrize(
    "flood",
    [
        lambda talk: talk.send({"t": "ping", "k": 1}),
        lambda talk: talk.send(message("Hello", at="never")),
        lambda talk: talk.ws.ping(),
        lambda talk: talk.ws.pong(),
    ],
    ids=["frames", "unreadable frames", "pings", "pongs"],
)
async def test_who_floods_is_sent_away(
    world: WidgetWorld, flood: Callable[[GateSocket], Awaitable[None]]
) -> None:
    async with world.gateway(limits={**NO_LIMITS, "frames": (5, 1.0)}) as gate:
        talk = await talk_to(gate)
        for _ in range(10):
            await flood(talk)
        assert await talk.closed() == 4029
        assert talk.count("refused") <= 5
        await talk.leave()


async def test_before_hello_nothing_else_is_said(gate: Gate) -> None:
    talk = GateSocket(await open_socket(gate), {})
    talk.start()
    await talk.ws.ping()
    assert await talk.closed() == 4002
    await talk.leave()


@pytest.mark.parametrize("limit", ["messages", "workspace"])
async def test_who_writes_too_often_is_asked_to_wait(world: WidgetWorld, limit: str) -> None:
    async with world.gateway(limits={**NO_LIMITS, limit: (1, 0.1)}) as gate, talking(gate) as talk:
        assert (await talk.say("one"))["t"] == "accepted"
        refused = await talk.say("two")
        assert (refused["code"], refused["retry_s"] > 0) == ("too_many_messages", True)


async def test_one_message_at_a_time(gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        first, second = message("one"), message("two")
        await asyncio.gather(talk.send(first), talk.send(second))
        refused = await talk.next("refused")
        assert (refused["id"], refused["code"]) == (second["id"], "busy")
        assert refused["retry_s"] > 0
        await eventually(lambda: talk.count("accepted") == 1)
        await talk.send(second)
        await eventually(lambda: talk.count("accepted") == 2)
        await team.heard("two")
    assert team.texts() == ["one", "two"]


async def test_a_full_gateway_takes_nobody_else(world: WidgetWorld) -> None:
    async with world.gateway(sockets_max=1) as gate, talking(gate):
        answered = await gate.ask(
            "GET",
            "/socket",
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "c2x1aWNlIHRlc3Qga2V5IQ==",
            },
        )
        assert (answered.status, answered.code) == (503, "busy")


async def test_a_plain_get_of_the_socket_is_told_what_it_is(gate: Gate) -> None:
    answered = await gate.ask("GET", "/socket")
    assert (answered.status, answered.code) == (426, "not_a_websocket")


async def test_a_foreign_page_gets_no_socket(gate: Gate) -> None:
    answered = await gate.ask("GET", "/socket", origin="https://evil.example")
    assert (answered.status, answered.code) == (403, "foreign_origin")


async def test_binary_is_no_frame(gate: Gate) -> None:
    talk = await talk_to(gate)
    await talk.ws.send_bytes(b"{}")
    assert await talk.closed() == 4002
    await talk.leave()


async def test_who_says_nothing_is_sent_away(gate: Gate) -> None:
    talk = GateSocket(await open_socket(gate), {})
    talk.start()
    assert await talk.closed(within_s=60) == 4002
    await talk.leave()


async def test_a_user_of_two_names_is_told_everything_once(gate: Gate, team: Team) -> None:
    anonymous = await gate.session()
    async with talking(gate, anonymous) as talk:
        await talk.say("Hello")
        await team.heard("Hello")
    session = await gate.session(anonymous["token"], gate.world.proof("u1", name="Ana"))
    async with talking(gate, session) as talk:
        await talk.say("It is me")
        await team.heard("It is me")
        await team.reply(("user", "u1"), "Hi")
        await talk.next("part")
        await talk.next("history", where=lambda f: "Hi" in str(f["messages"]))
        assert talk.count("part") == 1
        assert talk.texts() == ["Hello", "It is me", "Hi"]
    stranger = await gate.session()
    async with talking(gate, stranger) as other:
        assert other.texts() == []


async def test_a_drain_ends_in_time_with_a_vanished_phone_and_an_upload(gate: Gate) -> None:
    """Goodbyes are waited for, then requests; what is left then is cut, and the stop is clean."""
    session = await gate.session()
    vanished = await raw_socket(gate, session["token"])
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"a" * 64 * 1024
            begun.set()
            await asyncio.sleep(1)

    upload = asyncio.create_task(gate.ask("POST", "/files", token=session["token"], data=endless()))
    await begun.wait()
    assert await gate.life.stop(20)
    vanished.close()
    with pytest.raises(aiohttp.ClientError):
        await upload
