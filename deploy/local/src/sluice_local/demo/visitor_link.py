"""A visitor's connection to the gateway: a socket, or the long poll, and requests beside it.

It carries the session's token and knows nothing of what is said. Used by visitor_client.py, which
hears what comes, and decides whether and when to connect again.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import aiohttp
import orjson

from sluice_local.demo.asking import ANSWER_S, Refused, read, until_answered
from sluice_local.demo.visitor_frames import Frame, hello

JSON = "application/json"
READY_WITHIN_S = 10.0
DEAD_S = 60.0
POLL_S = 10.0
MAX_FRAME_BYTES = 64 * 1024
MAX_TOLD_BYTES = 8 * 1024 * 1024

BYE = 1000
LOST = 1006
NO_FRAME = 4002
ENDED = 4003
"""Close codes; of a poll, what a socket would have been closed with."""


class Widget(Protocol):
    """Where a channel's gateway is, and the page it is asked from."""

    @property
    def url(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def origin(self) -> str: ...


class Listener(Protocol):
    """Whose connection it is."""

    @property
    def cursors(self) -> Mapping[str, int]:
        """Where to resume."""
        ...

    def greeted(self) -> None:
        """A socket is ready."""
        ...

    async def take(self, frame: Frame) -> None:
        """Something came, by whichever way."""
        ...

    def lost(self) -> None:
        """A socket is gone."""
        ...


class VisitorLink:
    """`token` is the session's, once there is one. `connections`: how often it was connected."""

    def __init__(
        self, session: aiohttp.ClientSession, widget: Widget, listener: Listener, *, by_poll: bool
    ) -> None:
        self.token: str | None = None
        self.connections = 0
        self.by_poll = by_poll
        self.live = asyncio.Event()
        """There is a socket, and it is ready."""
        self._session = session
        self._gateway = widget.url
        self._base = f"{widget.url}/widget/v1/{widget.account}"
        self._origin = widget.origin
        self._listener = listener
        self._ws: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self) -> int:
        """Until the connection is over, or the poll is answered; the close code."""
        self.connections += 1
        return await (self._poll() if self.by_poll else self._socket())

    async def close(self) -> None:
        if self._ws is not None:
            await self._ws.close()

    def cut(self) -> None:
        """Lose the connection, as a train in a tunnel does."""
        line = self._ws.get_extra_info("socket") if self._ws is not None else None
        if line is not None:
            with suppress(OSError):  # it is lost already
                line.shutdown(socket.SHUT_RDWR)

    async def send(self, frame: Frame) -> None:
        """By the socket, or posted where there is none or the frame is too long.

        Raises ConnectionError and Refused.
        """
        raw = orjson.dumps(frame)
        if self.by_poll or len(raw) > MAX_FRAME_BYTES:
            answer = read(await self.ask("POST", "/frames", raw))
            for told in answer["frames"]:
                await self._listener.take(told)
            return
        if self._ws is None:
            raise ConnectionResetError("not connected")
        await self._ws.send_str(raw.decode())

    async def ask(
        self,
        method: str,
        path: str,
        data: bytes | None,
        mime_type: str = JSON,
        answer_s: float = ANSWER_S,
    ) -> bytes:
        """A request of the session, under the channel. Raises Refused."""
        headers = {"Origin": self._origin, "Content-Type": mime_type}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        url = self._base + path
        return await until_answered(self._session, method, url, data, headers, answer_s)

    async def download(self, url: str) -> bytes:
        """A file by its address, which may be relative to the gateway. Raises Refused."""
        whole = url if "://" in url else self._gateway + url
        return await until_answered(self._session, "GET", whole, None, {})

    async def _socket(self) -> int:
        try:
            async with self._session.ws_connect(
                f"{self._base}/socket", origin=self._origin, max_msg_size=MAX_TOLD_BYTES
            ) as ws:
                self._ws = ws
                return await self._converse(ws)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return LOST
        finally:
            self._ws = None
            self.live.clear()
            self._listener.lost()

    async def _converse(self, ws: aiohttp.ClientWebSocketResponse) -> int:
        """The close code."""
        await ws.send_str(orjson.dumps(hello(self.token, self._listener.cursors)).decode())
        beat: asyncio.Task[None] | None = None
        wait_s = READY_WITHIN_S
        try:
            while True:
                message = await ws.receive(timeout=wait_s)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return ws.close_code or LOST
                frame = orjson.loads(message.data)
                if frame["t"] == "ready" and beat is None:
                    wait_s = DEAD_S
                    beat = asyncio.create_task(_beat(ws, frame["hb"]))
                    self._listener.greeted()
                    self.live.set()
                await self._listener.take(frame)
        finally:
            if beat is not None:
                beat.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await beat

    async def _poll(self) -> int:
        asked = orjson.dumps({"cursors": self._listener.cursors, "wait": POLL_S})
        try:
            told = read(await self.ask("POST", "/poll", asked, answer_s=POLL_S + ANSWER_S))
        except Refused as refused:
            return ENDED if refused.code.startswith("session") else NO_FRAME
        for frame in told["frames"]:
            await self._listener.take(frame)
        return BYE


async def _beat(ws: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
    for k in range(1, 1_000_000_000):
        await asyncio.sleep(every_s)
        ping: dict[str, Any] = {"t": "ping", "k": k}
        await ws.send_str(orjson.dumps(ping).decode())
