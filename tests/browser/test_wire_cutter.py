"""The wire does what it says: it carries everything whole, and breaks when it is told to."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from support.waiting import eventually
from support.wire_cutter import Wire, wire_to

BODY = secrets.token_bytes(3_000_000)


async def _body(_: web.Request) -> web.Response:
    return web.Response(body=BODY)


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(str(message.data))
    return socket


@pytest_asyncio.fixture(loop_scope="session")
async def wire() -> AsyncIterator[Wire]:
    app = web.Application()
    app.add_routes([web.get("/body", _body), web.post("/body", _body), web.get("/ws", _echo)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with wire_to(runner.addresses[0][1]) as wire:
        yield wire
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as client:
        yield client


async def test_it_carries_all_of_it(wire: Wire, client: aiohttp.ClientSession) -> None:
    async with client.get(f"{wire.origin}/body") as answer:
        assert await answer.read() == BODY
    async with client.ws_connect(f"{wire.origin}/ws") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        assert wire.sockets == 1
    await eventually(lambda: wire.sockets == 0)


async def test_cut_it_breaks_and_mended_it_carries(
    wire: Wire, client: aiohttp.ClientSession
) -> None:
    async with client.ws_connect(f"{wire.origin}/ws") as socket:
        wire.cut()
        assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    with pytest.raises(aiohttp.ClientError):
        await client.get(f"{wire.origin}/body")
    wire.mend()
    async with client.get(f"{wire.origin}/body") as answer:
        assert answer.status == 200


async def test_a_proxy_that_knows_no_sockets(wire: Wire, client: aiohttp.ClientSession) -> None:
    wire.refuse_sockets()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.ws_connect(f"{wire.origin}/ws")
    async with client.get(f"{wire.origin}/body") as answer:
        assert await answer.read() == BODY


async def test_a_black_hole_keeps_what_was_said(wire: Wire, client: aiohttp.ClientSession) -> None:
    async with client.ws_connect(f"{wire.origin}/ws") as socket:
        wire.swallow()
        await socket.send_str("lost?")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await socket.receive_str()
        wire.mend()


async def test_a_slow_wire_carries_the_same(wire: Wire, client: aiohttp.ClientSession) -> None:
    wire.slow(delay_s=0.01, bytes_per_s=1_000_000)
    async with client.post(f"{wire.origin}/body", data=b"x" * 200_000) as answer:
        assert await answer.read() == BODY
