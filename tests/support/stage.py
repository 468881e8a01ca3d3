"""A gateway that plays one scene: the real client is served, what it is told is written beforehand.

    async with running_stage() as stage:
        stage.scene = Scene(look={…}, messages=…)
        page.goto(site.page(Look(stage.loader, "shop")))

Used where pages must look the same every time: pictures for the docs, and checks by axe. Everything
that is about delivery is tested against the real gateway instead.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiohttp import WSMsgType, web

import widget_gateway

HOST = "127.0.0.1"
STATIC = Path(widget_gateway.__file__).parent / "static"
THREAD = "018f0000-0000-7000-8000-000000000001"
VISITOR = {"id": "v-1", "user_id": None, "name": None}
FOR_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
KINDS = {".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}
MAX_FILE = 25 * 1024 * 1024


@dataclass(frozen=True)
class Scene:
    """`look`: what the channel answers. `messages` of the one thread; none: there is none.

    `thread`: fields of it that differ. `typing`: somebody of the team writes. `files`: by name.
    """

    look: dict[str, Any] = field(default_factory=dict)
    messages: tuple[dict[str, Any], ...] = ()
    thread: dict[str, Any] = field(default_factory=dict)
    typing: str | None = None
    unavailable: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    def history(self) -> dict[str, Any]:
        """The one frame of history there is."""
        if not self.messages:
            return {"t": "history", "threads": [], "messages": [], "cursors": {}, "more": False}
        last = self.messages[-1]
        thread = {
            "id": THREAD, "open": True, "last": last["seq"], "seen": last["seq"], "at": last["at"],
            **self.thread,
        }  # fmt: skip
        messages = [{"conversation": THREAD, **message} for message in self.messages]
        return {
            "t": "history", "threads": [thread], "messages": messages,
            "cursors": {THREAD: last["seq"]}, "more": False,
        }  # fmt: skip

    def frames(self) -> list[dict[str, Any]]:
        """What a socket is told after its hello."""
        if self.unavailable is not None:
            return [{"t": "unavailable", "message": self.unavailable}]
        ready = {"t": "ready", "proto": 1, "hb": 25, "present": True, "max_text": 1 << 20,
                 "max_file": MAX_FILE}  # fmt: skip
        told = [ready, self.history()]
        if self.typing is not None:
            told.append({"t": "typing", "on": True, "author": self.typing, "ttl": 600})
        return told


class Stage:
    """`scene` may be another one at any time; a page that is loaded then plays it."""

    def __init__(self) -> None:
        self.origin = ""
        self.scene = Scene()

    @property
    def loader(self) -> str:
        return f"{self.origin}/widget/v1/loader.js"

    async def look(self, _: web.Request) -> web.Response:
        return _json(
            {"form": [], "csat": False, "present": True, "max_file": MAX_FILE, **self.scene.look}
        )

    async def session(self, _: web.Request) -> web.Response:
        return _json({"token": "t", "expires_at": "2099-01-01T00:00:00Z", "visitor": VISITOR})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, orjson.loads(message.data))
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["t"] == "hello":
            for told in self.scene.frames():
                await socket.send_str(orjson.dumps(told).decode())
        elif frame["t"] == "ping":
            await socket.send_str(orjson.dumps({"t": "pong", "k": frame["k"]}).decode())

    async def file(self, request: web.Request) -> web.Response:
        found = self.scene.files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        kind = KINDS.get(Path(request.path).suffix, "image/png")
        return web.Response(body=found, content_type=kind, headers=FOR_ALL)

    async def static(self, request: web.Request) -> web.Response:
        path = (STATIC / request.match_info["path"]).resolve()
        if not path.is_file() or STATIC.resolve() not in path.parents:
            raise web.HTTPNotFound
        return web.Response(
            body=path.read_bytes(),
            content_type=KINDS.get(path.suffix, "text/plain"),
            headers=FOR_ALL,
        )

    async def welcome(self, _: web.Request) -> web.Response:
        """Before a request from another origin."""
        return web.Response(status=204, headers=FOR_ALL)


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=FOR_ALL)


@asynccontextmanager
async def running_stage() -> AsyncIterator[Stage]:
    """Until the block is left. Fails when the client was not built."""
    assert (STATIC / "loader.js").is_file(), "the widget is not built: run `make widget`"
    stage = Stage()
    app = web.Application()
    app.add_routes(
        [
            web.options("/{path:.*}", stage.welcome),
            web.get("/widget/v1/files/{name}", stage.file),
            web.get("/widget/v1/{channel}/look", stage.look),
            web.post("/widget/v1/{channel}/sessions", stage.session),
            web.get("/widget/v1/{channel}/socket", stage.socket),
            web.get("/widget/v1/{path:.*}", stage.static),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, HOST, 0)
        await listener.start()
        stage.origin = f"http://{HOST}:{runner.addresses[0][1]}"
        yield stage
    finally:
        await runner.cleanup()
