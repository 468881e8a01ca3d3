"""The measure of all webhooks: aiohttp that reads the body, answers 200 and does nothing else.

Run as `python -m bench.bare PORT`; the same loop, runner and options as the services have.
"""

import asyncio
import sys

import uvloop
from aiohttp import web

from bench.addresses import HOST, PATH
from chassis.http import listener


async def receive(request: web.Request) -> web.Response:
    await request.read()
    return web.Response()


async def serve(port: int) -> None:
    app = web.Application()
    app.add_routes([web.post(PATH, receive)])
    async with listener(app, HOST, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
