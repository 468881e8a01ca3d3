"""`GET /v1/realtime`: who may open a socket, and every socket of this process until it drains.

Built in main(); `install` puts it into the application of the public listener. `roster` is the task
to supervise, `drain` is what ends the sockets before the listener stops.
"""

import asyncio
from uuid import UUID

import structlog
import uuid_utils.compat as uuid_utils
from aiohttp import web
from pydantic_core import to_json

from bus.ports import Bus
from inbox_core.entrypoints.realtime import closing, signals
from inbox_core.entrypoints.realtime.attendance import Roster
from inbox_core.entrypoints.realtime.closing import KNOWN_CODES, Close, Ended
from inbox_core.entrypoints.realtime.connection import Connection, close
from inbox_core.entrypoints.realtime.hub import Hub
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.metrics import CLOSES, REFUSED, SIGNALS, SOCKETS
from inbox_core.entrypoints.realtime.reading import Reader
from inbox_core.entrypoints.realtime.tickets import Seat, TicketOffice, TicketRefused

PATH = "/v1/realtime"
RETRY_AFTER_S = 2

# Refusals before the upgrade: reason → status and what a person is told.
REFUSALS: dict[str, tuple[int, str]] = {
    "foreign_origin": (403, "Pages of this origin may not open sockets here."),
    "not_a_websocket": (426, "This address speaks WebSocket only."),
    "draining": (503, "The server is closing; come back in a moment."),
    "starting": (503, "The log of changes is not there yet; come back in a moment."),
    "full": (503, "This process has as many sockets as it may; come back in a moment."),
}

log = structlog.get_logger("realtime")


class Gateway:
    """`origins`: the exact origins whose pages may connect, such as https://inbox.example.com."""

    def __init__(
        self,
        bus: Bus,
        hub: Hub,
        tickets: TicketOffice,
        origins: frozenset[str],
        limits: Limits,
    ) -> None:
        self.roster = Roster(bus)
        """Says who sits here: at these sockets, and at the polls of this process."""
        self._bus = bus
        self._hub = hub
        self._tickets = tickets
        self._origins = origins
        self._limits = limits
        self._connections: dict[UUID, set[Connection]] = {}
        self._open: set[asyncio.Task[None]] = set()
        self._draining = False

    def install(self, app: web.Application) -> None:
        """Add the route, and close every socket when the application shuts down."""

        async def shut(_app: web.Application) -> None:
            await self.drain()

        app.router.add_get(PATH, self.handle)
        app.on_shutdown.append(shut)

    async def start(self) -> None:
        """Begin to hear signals. Raises Unavailable."""
        await self._bus.listen(signals.HEARD, self._heard)

    def connections(self, workspace: UUID) -> frozenset[Connection]:
        """The greeted sockets of a workspace on this process."""
        return frozenset(self._connections.get(workspace, ()))

    async def drain(self) -> None:
        """Refuse newcomers, release polls, close every socket with 1012; returns when closed."""
        self._draining = True
        self._hub.drain()
        for connections in list(self._connections.values()):
            for connection in list(connections):
                connection.end(Ended(closing.DRAINING))
        open_now = set(self._open)
        if open_now:
            _, late = await asyncio.wait(open_now, timeout=self._limits.close_grace_s)
            for task in late:
                task.cancel()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        refusal = self._refusal(request)
        if refusal is not None:
            return _refused(refusal)
        ws = web.WebSocketResponse(
            timeout=self._limits.close_grace_s,
            autoping=False,
            compress=False,  # costs every socket memory and CPU; frames are written once for all
            max_msg_size=self._limits.max_frame_bytes,
        )
        await ws.prepare(request)
        SOCKETS.inc()
        # A task of its own, so that drain can wait for it and outlive the handler's cancellation.
        task = asyncio.create_task(self._serve(ws, request.transport))
        self._open.add(task)
        task.add_done_callback(self._closed)
        await asyncio.shield(task)
        return ws

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        SOCKETS.dec()

    def _refusal(self, request: web.Request) -> str | None:
        """Why there will be no socket; None: there will."""
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            return "foreign_origin"
        if not web.WebSocketResponse().can_prepare(request):
            return "not_a_websocket"
        if self._draining:
            return "draining"
        if not self._hub.ready:
            return "starting"
        if len(self._open) >= self._limits.max_sockets:
            return "full"
        return None

    async def _serve(
        self, ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None
    ) -> None:
        reader = Reader(ws, self._limits)
        try:
            ended = await self._converse(ws, reader)
        except Ended as early:
            ended = early
        except ConnectionError:
            ended = Ended(closing.GONE)
        code = ended.close.code
        CLOSES.labels(str(code) if code in KNOWN_CODES else "other").inc()
        await close(ws, transport, ended, self._limits.close_grace_s)

    async def _converse(self, ws: web.WebSocketResponse, reader: Reader) -> Ended:
        """Raises Ended when it ends before it is ready."""
        hello = await reader.hello()
        try:
            seat = self._tickets.redeem(hello.ticket)
        except TicketRefused:
            raise Ended(closing.BAD_TICKET) from None
        self._admit(seat)
        conn = str(uuid_utils.uuid7())
        connection = Connection(ws, conn, seat, hello, self._hub, self._bus, self._limits)
        room = self._connections.setdefault(seat.workspace, set())
        room.add(connection)
        try:
            with self.roster.counting(seat.workspace, seat.who if seat.answers else None):
                return await connection.run(reader, self._lifetime(seat))
        finally:
            room.discard(connection)
            if not room:
                self._connections.pop(seat.workspace, None)

    def _admit(self, seat: Seat) -> None:
        """Raises Ended."""
        if self._draining:
            raise Ended(closing.DRAINING)
        mine = [c for c in self.connections(seat.workspace) if c.seat.who == seat.who]
        if len(mine) >= self._limits.max_sockets_each:
            REFUSED.labels("too_many_each").inc()
            raise Ended(closing.LATER, "too_many_sockets", "close some of your other connections")

    def _lifetime(self, seat: Seat) -> tuple[float, Close]:
        """How long the socket may live, and what ends it then."""
        session_s = self._tickets.left_s(seat)
        if session_s is not None and session_s <= self._limits.lifetime_s:
            return max(0.0, session_s), closing.SESSION_ENDED
        return self._limits.lifetime_s, closing.DRAINING

    async def _heard(self, subject: str, body: bytes) -> None:
        """Pass a signal on to the sockets of its workspace."""
        found = signals.heard(subject, body)
        if found is None:
            return
        workspace, signal = found
        SIGNALS.labels(signal.kind, "heard").inc()
        if signal.kind == "wanted":
            self.roster.wanted(workspace)
            return
        for connection in self.connections(workspace):
            connection.hear(signal)
            await connection.asked(signal)


def _refused(reason: str) -> web.Response:
    """An RFC 9457 problem instead of a socket."""
    status, detail = REFUSALS[reason]
    REFUSED.labels(reason).inc()
    problem = {"type": "about:blank", "title": reason, "status": status, "code": reason}
    response = web.Response(
        status=status,
        body=to_json({**problem, "detail": detail}),
        content_type="application/problem+json",
    )
    if status == web.HTTPServiceUnavailable.status_code:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == web.HTTPUpgradeRequired.status_code:
        response.headers["Upgrade"] = "websocket"
    return response
