"""A wire: pings where it is quiet, a cut where it is dead, one goodbye."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from support.waiting import eventually
from widget_gateway.frames.told import Pong
from widget_gateway.lines import closing
from widget_gateway.lines.wire import DEAD_S, PING_S, Wire


@asynccontextmanager
async def wired() -> AsyncIterator[tuple[Wire, aiohttp.ClientWebSocketResponse]]:
    """Both ends; the client answers no pings by itself."""
    made: asyncio.Future[Wire] = asyncio.get_running_loop().create_future()

    async def handle(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=False, compress=False)
        await ws.prepare(request)
        wire = Wire(ws, request.transport)
        made.set_result(wire)
        while (await wire.receive()).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PONG):
            pass
        wire.end(closing.GONE)
        return ws

    app = web.Application()
    app.router.add_get("/", handle)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(server.make_url("/"), autoping=False) as client,
    ):
        yield await made, client


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_quiet_client_is_pinged_once_in_a_while() -> None:
    async with wired() as (wire, client):
        wire.beat(now() + PING_S - 1)
        wire.beat(now() + PING_S)
        wire.beat(now() + PING_S + 1)
        wire.put(Pong(k=1))
        kinds = [(await client.receive()).type for _ in range(2)]
        assert kinds == [aiohttp.WSMsgType.PING, aiohttp.WSMsgType.TEXT]
        await client.pong()
        await client.close()


async def test_a_dead_client_is_cut() -> None:
    async with wired() as (wire, client):
        wire.beat(now() + DEAD_S)
        assert (await client.receive()).type is not aiohttp.WSMsgType.TEXT
        assert client.close_code in (None, 1006)


async def test_the_first_reason_to_close_stays_and_what_waits_goes_before_it() -> None:
    async with wired() as (wire, client):
        wire.put(Pong(k=1))
        wire.end(closing.SESSION_ENDED)
        wire.end(closing.DRAINING)
        wire.put(Pong(k=2))
        assert (await client.receive()).json() == {"t": "pong", "k": 1}
        message = await client.receive()
        assert message.data == closing.SESSION_ENDED.code
        await eventually(lambda: wire.goodbye is not None and wire.goodbye.done())
