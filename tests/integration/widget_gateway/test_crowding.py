"""Crowding: what one address holds open, or sends slowly, is bounded and in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from support.rigs import make_rig
from support.waiting import eventually, until_true
from support.widget import NO_LIMITS, ORIGIN, Answered, Gate, WidgetWorld, widget_world

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
HOUSEHOLD, SAME_HOUSEHOLD = "2001:db8:1:2::1", "2001:db8:1:2:3::1"
PROXIED = {"trusted_proxies": ("127.0.0.1",)}
PING = b'{"t":"ping","k":1}'
LONG_AT_ONCE, SHORT_AT_ONCE = 8, 64
"""Posts of one address."""
LONG = str(1024 * 1024)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[WidgetWorld]:
    rig = await make_rig("memory", tmp_path)
    async with widget_world(rig) as world:
        yield world
    await rig.close()


async def post(
    gate: Gate, token: str, address: str, data: object = PING, length: str | None = None
) -> Answered:
    headers = {"X-Forwarded-For": address}
    if length is not None:
        headers["Content-Length"] = length
    return await gate.ask("POST", "/frames", token=token, data=data, headers=headers)


async def held(gate: Gate, address: str) -> aiohttp.ClientWebSocketResponse | int:
    """A socket of this address, or the status it was refused with."""
    try:
        return await gate.http.ws_connect(
            gate.path("/socket"), origin=ORIGIN, headers={"X-Forwarded-For": address}
        )
    except aiohttp.WSServerHandshakeError as error:
        return error.status


@pytest.mark.parametrize(
    ("length", "at_once"),
    [(LONG, LONG_AT_ONCE), (None, LONG_AT_ONCE), ("100", SHORT_AT_ONCE)],
    ids=["long", "of unknown length", "short"],
)
async def test_who_sends_slowly_leaves_places_to_others(
    world: WidgetWorld, length: str | None, at_once: int
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    connector = aiohttp.TCPConnector(limit=0)
    async with world.gateway(limits=NO_LIMITS, **PROXIED) as gate:
        token = (await gate.session())["token"]
        async with aiohttp.ClientSession(connector=connector) as gate.http:
            sent = [
                asyncio.create_task(post(gate, token, HERE, slow(), length))
                for _ in range(at_once + 3)
            ]
            await eventually(lambda: sum(one.done() for one in sent) == 3)
            assert {one.result().code for one in sent if one.done()} == {"too_many_requests"}
            assert (await post(gate, token, ELSEWHERE)).status == 200
            for one in sent:
                one.cancel()
            await asyncio.gather(*sent, return_exceptions=True)

            async def free() -> bool:
                return (await post(gate, token, HERE)).status == 200

            await until_true(free)


@pytest.mark.parametrize(
    ("limit", "rate"), [("posts", (3, 0.001)), ("posted", (60, 0.001))], ids=["number", "KiB"]
)
@pytest.mark.parametrize("door", ["/frames", "/poll"])
async def test_what_an_address_posts_is_counted_before_it_is_read(
    world: WidgetWorld, door: str, limit: str, rate: tuple[int, float]
) -> None:
    body = b'{"t":"ping","k":1,"wait":0,"x":"' + b"x" * 15_000 + b'"}'
    async with world.gateway(limits={**NO_LIMITS, limit: rate}, **PROXIED) as gate:

        async def ask(address: str) -> Answered:
            """As somebody new."""
            token = (await gate.session())["token"]
            headers = {"X-Forwarded-For": address}
            return await gate.ask("POST", door, token=token, data=body, headers=headers)

        answers = [await ask(HERE) for _ in range(5)]
        assert [one.status for one in answers[:3]] == [200, 200, 200]
        assert answers[4].code == "too_many_requests"
        assert (await ask(ELSEWHERE)).status == 200


async def test_an_address_holds_so_many_sockets_and_polls(world: WidgetWorld) -> None:
    async with world.gateway(sockets_each=2, **PROXIED) as gate:
        session = await gate.session()
        first, second = await held(gate, HOUSEHOLD), await held(gate, SAME_HOUSEHOLD)
        assert isinstance(first, aiohttp.ClientWebSocketResponse)
        assert isinstance(second, aiohttp.ClientWebSocketResponse)
        assert await held(gate, HOUSEHOLD) == 429
        polled = await gate.ask(
            "POST",
            "/poll",
            token=session["token"],
            json={"wait": 0},
            headers={"X-Forwarded-For": HOUSEHOLD},
        )
        assert polled.code == "too_many_requests"
        assert isinstance(await held(gate, ELSEWHERE), aiohttp.ClientWebSocketResponse)
        await first.close()

        async def again() -> bool:
            return isinstance(await held(gate, HOUSEHOLD), aiohttp.ClientWebSocketResponse)

        await until_true(again)
