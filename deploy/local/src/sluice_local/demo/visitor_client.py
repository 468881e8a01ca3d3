"""A client of widget-rt/1, as faithful as the one in browsers: docs/widget/protocol.md tells it.

Used by the demo and by tests. It keeps one message unacknowledged at a time and
repeats it with its mark, resumes by cursors after any disconnect, says what it has and has read,
and counts. By a socket, or by the long poll as behind a proxy that lets none through.
"""

import asyncio
import random
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import orjson

from sluice_local.demo.asking import ANSWER_S, Refused, read, until_answered
from sluice_local.demo.visitor_screen import Frame, VisitorScreen

JSON = "application/json"
READY_WITHIN_S = 10.0
DEAD_S = 60.0
ACCEPTED_WITHIN_S = 15.0
POLL_S = 10.0
MAX_FRAME_BYTES = 64 * 1024
MAX_TOLD_BYTES = 8 * 1024 * 1024

LONGEST_PAUSE_S = 30.0
PAUSES_S = {1012: 3.0, 4029: 10.0}
"""Close code → how long to stay away at the most."""
PROTOCOL = 4002
REFUSED_TOKENS = frozenset({4003, 4004})
LOST = 1006
BYE = 1000
OVER: Frame = {"t": "over"}
"""Stands for the answer when the connection ends before it."""


class Widget(Protocol):
    """Where a channel's gateway is, and the page it is asked from."""

    @property
    def url(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def origin(self) -> str: ...


@dataclass
class VisitorTally:
    """What a client has been through."""

    connections: int = 0
    repeats: int = 0
    """Messages sent again because nothing was heard of them."""
    told_later: int = 0
    """Messages that were to come again after a while."""
    closes: dict[int, int] = field(default_factory=dict)


class VisitorClient:
    """`run` follows until `stop`; `begin` first. `heard` is told of every frame, once taken."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        widget: Widget,
        *,
        by_poll: bool = False,
        heard: Callable[[Frame], None] = lambda _: None,
        pause_s: float = 0.5,
        seed: int | None = None,
    ) -> None:
        self.screen = VisitorScreen()
        self.tally = VisitorTally()
        self.visitor: dict[str, Any] = {}
        self.live = asyncio.Event()
        """Greeted; for a poll, always."""
        self._session = session
        self._base = f"{widget.url}/widget/v1/{widget.account}"
        self._origin = widget.origin
        self._gateway = widget.url
        self._by_poll = by_poll
        self._heard = heard
        self._pause_s = pause_s
        self._random = random.Random(seed)
        self._token: str | None = None
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._failures = 0
        self._turn = asyncio.Lock()
        self._saying: dict[str, Any] = {}
        self._answer: asyncio.Future[Frame] | None = None
        self._after: str | None = None
        self._told: dict[str, int] = {}
        self._stopping = asyncio.Event()

    # Its session -------------------------------------------------------------------------------

    async def begin(self, identity: Mapping[str, Any] | None = None) -> None:
        """A session: new, renewed, or with a proof identified. Raises Refused."""
        asked = orjson.dumps({"token": self._token, "identity": identity})
        told = read(await self._ask("POST", "/sessions", asked))
        self._token, self.visitor = told["token"], told["visitor"]
        if identity is not None:
            self.cut()  # what is open speaks for the session that was

    async def reset(self) -> None:
        """End the session everywhere, and forget everything."""
        await self._ask("DELETE", "/sessions", None)
        self._token, self.visitor, self.screen = None, {}, VisitorScreen()
        self._after, self._told = None, {}
        self.cut()

    # Its life ----------------------------------------------------------------------------------

    async def run(self) -> int:
        """The close code that was final; 1000 after `stop`, or when the chat is unavailable."""
        while not self._stopping.is_set():
            code = await (self._poll_once() if self._by_poll else self._connect_once())
            self.tally.closes[code] = self.tally.closes.get(code, 0) + 1
            if code == PROTOCOL or self.screen.unavailable:
                return code
            if code in REFUSED_TOKENS:
                with suppress(Refused):  # it was ended: whoever ended it brings another
                    await self.begin()
            await self._pause(code)
        return BYE

    async def stop(self) -> None:
        self._stopping.set()
        if self._ws is not None:
            await self._ws.close()

    def cut(self) -> None:
        """Lose the connection, as a train in a tunnel does."""
        line = self._ws.get_extra_info("socket") if self._ws is not None else None
        if line is not None:
            with suppress(OSError):  # it is lost already
                line.shutdown(socket.SHUT_RDWR)

    # What it says ------------------------------------------------------------------------------

    async def say(self, parts: Sequence[Frame], client_id: str = "", **more: Any) -> Frame:
        """A message, until it is accepted; the answer is its frame as it was last sent.

        `more`: lead, page. Raises Refused when it never will be. The caller bounds the time.
        """
        said = {"t": "message", "id": client_id or str(uuid4()), "parts": list(parts), **more}
        async with self._turn:
            if self._after is not None:
                said["after"] = self._after
            await self._until_accepted(said)
            self._after = said.get("at", self._after)
        return said

    async def say_again(self, said: Frame) -> None:
        """The very frame once more, as if its acceptance had not been heard."""
        async with self._turn:
            await self._until_accepted(dict(said))

    async def rate(self, conversation: str, score: int, comment: str | None = None) -> None:
        """Stars for a closed conversation. Raises Refused."""
        rated = {"t": "rate", "id": str(uuid4()), "conversation": conversation, "score": score}
        async with self._turn:
            await self._until_accepted(rated | ({"comment": comment} if comment else {}))

    async def type(self, *, on: bool = True) -> None:
        """Droppable."""
        with suppress(ConnectionError, Refused):
            await self._send({"t": "typing", "on": on})

    async def older(self, conversation: str, before: int) -> None:
        """Ask for what was said before; it comes when it comes."""
        await self._send({"t": "older", "conversation": conversation, "before": before})

    async def upload(self, content: bytes, mime_type: str, name: str) -> Frame:
        """The file as the gateway has it: `file` is its handle. Raises Refused."""
        path = f"/files?name={quote(name, safe='')}"
        return read(await self._ask("POST", path, content, mime_type))

    async def download(self, url: str) -> bytes:
        """A file by its address, which may be relative to the gateway. Raises Refused."""
        whole = url if "://" in url else self._gateway + url
        return await until_answered(self._session, "GET", whole, None, {})

    async def _until_accepted(self, said: dict[str, Any]) -> None:
        while True:
            answer = await self._answered(said)
            if answer["t"] == "accepted":
                said.setdefault("at", answer["at"])
                return
            if answer["t"] == "refused":
                if answer.get("retry_s") is None:
                    raise Refused(str(answer["message"]), str(answer["code"]))
                self.tally.told_later += 1
                await asyncio.sleep(answer["retry_s"])
            else:
                self.tally.repeats += 1

    async def _answered(self, said: dict[str, Any]) -> Frame:
        """`accepted` or `refused`; OVER when it is to be sent again."""
        self._saying = said
        self._answer = asyncio.get_running_loop().create_future()
        try:
            if not self._by_poll:
                await self.live.wait()
            async with asyncio.timeout(ACCEPTED_WITHIN_S):
                await self._send(said)
                return await self._answer
        except TimeoutError:
            return OVER
        except ConnectionError:
            self.live.clear()  # this socket is gone: the next one is greeted
            return OVER
        finally:
            self._saying, self._answer = {}, None

    async def _send(self, frame: Mapping[str, Any]) -> None:
        """By the socket, or posted where there is none or the frame is too long. Raises both's."""
        raw = orjson.dumps(frame)
        if self._by_poll or len(raw) > MAX_FRAME_BYTES:
            answer = read(await self._ask("POST", "/frames", raw))
            for told in answer["frames"]:
                await self._take(told)
            return
        if self._ws is None:
            raise ConnectionResetError("not connected")
        await self._ws.send_str(raw.decode())

    # What it hears -----------------------------------------------------------------------------

    async def _connect_once(self) -> int:
        try:
            async with self._session.ws_connect(
                f"{self._base}/socket", origin=self._origin, max_msg_size=MAX_TOLD_BYTES
            ) as ws:
                self._ws = ws
                self.tally.connections += 1
                return await self._converse(ws)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return LOST
        finally:
            self._ws = None
            self.live.clear()
            self._resolve(OVER)

    async def _converse(self, ws: aiohttp.ClientWebSocketResponse) -> int:
        """The close code."""
        hello = {"t": "hello", "proto": 1, "token": self._token, "cursors": self.screen.cursors}
        await ws.send_str(orjson.dumps(hello).decode())
        beat: asyncio.Task[None] | None = None
        wait_s = READY_WITHIN_S
        try:
            while True:
                message = await ws.receive(timeout=wait_s)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return ws.close_code or LOST
                frame = orjson.loads(message.data)
                if frame["t"] == "ready" and beat is None:
                    wait_s, self._failures = DEAD_S, 0
                    self._told = {}  # what was said last may not have arrived
                    beat = asyncio.create_task(self._beat(ws, frame["hb"]))
                    self.live.set()
                await self._take(frame)
        finally:
            if beat is not None:
                beat.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await beat

    async def _poll_once(self) -> int:
        self.tally.connections += 1
        asked = orjson.dumps({"cursors": self.screen.cursors, "wait": POLL_S})
        try:
            told = read(await self._ask("POST", "/poll", asked, answer_s=POLL_S + ANSWER_S))
        except Refused as refused:
            return 4003 if refused.code.startswith("session") else PROTOCOL
        for frame in told["frames"]:
            await self._take(frame)
        return BYE

    async def _take(self, frame: Frame) -> None:
        """Frames of a type we do not know are for newer clients."""
        if frame.get("id") == self._saying.get("id") and frame["t"] == "taken":
            self._saying.update(at=frame["at"], mark=frame["mark"])
        elif frame.get("id") == self._saying.get("id") and frame["t"] in {"accepted", "refused"}:
            self._resolve(frame)
        self.screen.take(frame)
        self._heard(frame)
        if frame["t"] == "history" and not frame["more"]:
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        """Say how far this screen has come, where it has come further."""
        for conversation, last in self.screen.seen().items():
            seq = last["seq"]
            if seq > self._told.get(conversation, 0):
                self._told[conversation] = seq
                place = {"conversation": conversation, "at": last["at"]}
                with suppress(ConnectionError, Refused):
                    await self._send({"t": "ack", **place, "delivered": seq, "read": seq})

    def _resolve(self, answer: Frame) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    async def _ask(
        self,
        method: str,
        path: str,
        data: bytes | None,
        mime_type: str = JSON,
        answer_s: float = ANSWER_S,
    ) -> bytes:
        headers = {"Origin": self._origin, "Content-Type": mime_type}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        url = self._base + path
        return await until_answered(self._session, method, url, data, headers, answer_s)

    async def _beat(self, ws: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
        for k in range(1, 1_000_000_000):
            await asyncio.sleep(every_s)
            await ws.send_str(orjson.dumps({"t": "ping", "k": k}).decode())

    async def _pause(self, code: int) -> None:
        """Full jitter, doubling; a poll that was answered is followed at once."""
        if code == BYE:
            return
        self._failures += 1
        longest = min(LONGEST_PAUSE_S, self._pause_s * 2.0 ** min(self._failures, 16))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._random.uniform(0, PAUSES_S.get(code, longest))):
                await self._stopping.wait()
