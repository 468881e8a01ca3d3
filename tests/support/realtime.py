"""A workspace's changes, gateways that serve them and screens that follow, for realtime stories."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web

from bus.errors import BusError
from contracts import subjects
from contracts.batch import encode, pack
from contracts.changes import Change, ChangeEvent, ChangeType
from inbox_core.app.access import Membership, Principal, Role
from inbox_core.entrypoints.realtime.gateway import PATH, Gateway
from inbox_core.entrypoints.realtime.hub import Hub
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.poll import Poller
from inbox_core.entrypoints.realtime.tickets import TicketOffice
from sluice_local.demo.realtime_client import Invitation, RealtimeClient
from sluice_local.demo.realtime_state import Entity
from support.rigs import AnyBus
from support.waiting import eventually, until_true
from vault.signing import Signer

ORIGIN = "https://inbox.example"
SIGNER = Signer([b"k" * 32])
PAGE = 3
"""Small, so that a snapshot takes several steps and events come between them."""


def principal(*workspaces: UUID, name: str = "ana", role: Role = "support") -> Principal:
    memberships = {w: Membership(w, "w", role) for w in workspaces}
    return Principal(UUID(int=len(name)), name, f"session:{name}", memberships)


def ticket(
    at: "Process", who: Principal, workspace: UUID, lasts: timedelta | None = timedelta(days=1)
) -> str:
    """For a socket of a person's session; `lasts` None: of a program's token."""
    ends = datetime.now(UTC) + lasts if lasts else None
    return at.office.issue(who, workspace, ends).ticket


def change(
    workspace: UUID,
    kind: ChangeType,
    entity: UUID,
    version: int = 1,
    state: dict[str, Any] | None = None,
) -> ChangeEvent:
    return ChangeEvent(
        id=uuid4(),
        type=kind,
        time=datetime.now(UTC),
        workspace=workspace,
        data=Change(
            entity_id=entity, version=version, actor="system:test", state=state or {"v": version}
        ),
    )


class Truth:
    """What is committed, by workspace, and the relay that tells it: commit first, then publish."""

    def __init__(self, bus: AnyBus) -> None:
        self._bus = bus
        self._rows: dict[UUID, dict[str, Entity]] = defaultdict(dict)

    def versions(self, workspace: UUID) -> dict[str, int]:
        return {id_: row.version for id_, row in self._rows[workspace].items()}

    def rows(self, workspace: UUID) -> list[Entity]:
        return list(self._rows[workspace].values())

    async def publish(self, workspace: UUID, *events: ChangeEvent) -> None:
        """One batch. Waits for a server that is away."""
        for event in events:
            id_ = str(event.data.entity_id)
            known = self._rows[workspace].get(id_)
            if known is None or event.data.version > known.version:
                self._rows[workspace][id_] = Entity(id_, event.data.version, event.data.state)
        body = pack(encode(event) for event in events)

        async def sent() -> bool:
            with suppress(BusError):
                await self._bus.publisher.publish(
                    subjects.changes(workspace), body, message_id=str(events[0].id)
                )
                return True
            return False

        await until_true(sent)

    async def message(self, workspace: UUID, conversation: UUID, number: int) -> None:
        """A new message and its row, in one batch, as one transaction tells them."""
        await self.publish(
            workspace,
            change(
                workspace,
                "message.created",
                uuid4(),
                state={"conversation_id": str(conversation), "number": number},
            ),
            change(workspace, "conversation.row_changed", conversation, number),
        )

    async def talk(
        self, workspace: UUID, conversation: UUID, numbers: Sequence[int] | range
    ) -> None:
        for number in numbers:
            await self.message(workspace, conversation, number)

    async def snapshot(self, workspace: UUID) -> AsyncIterator[list[Entity]]:
        """Page after page, each as of its own moment, as REST answers them."""
        seen = 0
        while page := self.rows(workspace)[seen : seen + PAGE]:
            seen += len(page)
            await asyncio.sleep(0)
            yield page


class Process:
    """One inbox-core with a gateway: its hub, its port."""

    def __init__(self, hub: Hub, gateway: Gateway, poller: Poller, office: TicketOffice) -> None:
        self.hub = hub
        self.gateway = gateway
        self.poller = poller
        self.office = office
        self.url = ""


@asynccontextmanager
async def process(bus: AnyBus, limits: Limits | None = None) -> AsyncIterator[Process]:
    """A running one; ends like a real one: drain, then stop."""
    bounds = limits or Limits()
    hub = Hub(bus, bounds)
    office = TicketOffice(SIGNER)
    gateway = Gateway(bus, hub, office, frozenset({ORIGIN}), bounds)
    following = asyncio.create_task(hub.run())
    await gateway.start()
    attending = asyncio.create_task(gateway.roster.run())
    app = web.Application()
    gateway.install(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made = Process(hub, gateway, Poller(hub, bounds, gateway.roster), office)
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    await eventually(lambda: hub.ready or following.done())
    try:
        yield made
    finally:
        await runner.cleanup()
        await gateway.roster.stop()
        await attending
        await hub.stop()
        await following


class Screens:
    """Screens that follow in the background; each ends with the test."""

    def __init__(self, session: aiohttp.ClientSession, truth: Truth) -> None:
        self._session = session
        self._truth = truth
        self._running: list[tuple[RealtimeClient, asyncio.Task[int]]] = []

    async def open(
        self,
        where: Callable[[], Process],
        workspace: UUID,
        *,
        name: str = "ana",
        on_frame: Callable[[dict[str, Any]], None] = lambda _: None,
        messages: str = "all",
        wait: bool = True,
    ) -> RealtimeClient:
        """A screen of a workspace; `where` says which process answers its next connection."""

        async def invite() -> Invitation:
            at = where()
            answer = at.office.issue(principal(workspace, name=name), workspace)
            return Invitation(at.url, answer.ticket)

        client = RealtimeClient(
            self._session,
            invite,
            lambda: self._truth.snapshot(workspace),
            on_frame=on_frame,
            messages=messages,
            pause_s=0.01,
        )
        self._running.append((client, asyncio.create_task(client.run())))
        if wait:
            await eventually(client.live.is_set)
        return client

    async def agrees(self, client: RealtimeClient, workspace: UUID) -> None:
        """Wait until the screen shows what is committed, and nothing else ever."""
        await eventually(
            lambda: (
                client.live.is_set() and client.state.versions() == self._truth.versions(workspace)
            )
        )
        assert client.tally.shown_twice == 0
        assert client.tally.gaps == 0

    async def close(self) -> None:
        for client, task in self._running:
            await client.stop()
            await task


class Line:
    """A bare socket, for stories about single frames."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, **frame: Any) -> None:
        await self.ws.send_json(frame)

    async def frame(self, within_s: float = 15.0) -> dict[str, Any]:
        """The next frame. Fails when the connection ends instead."""
        message = await self.ws.receive(timeout=within_s)
        assert message.type is aiohttp.WSMsgType.TEXT, f"{message.type} {self.ws.close_code}"
        frame: dict[str, Any] = message.json()
        return frame

    async def frame_of(self, kind: str) -> dict[str, Any]:
        """The next frame of a type; others are passed over."""
        while True:
            frame = await self.frame()
            if frame["t"] == kind:
                return frame

    async def close_code(self, within_s: float = 15.0) -> int:
        """Read to the end; the code it was closed with."""
        while True:
            message = await self.ws.receive(timeout=within_s)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return self.ws.close_code or 1006


@asynccontextmanager
async def line(
    session: aiohttp.ClientSession,
    at: Process,
    workspace: UUID,
    *,
    greet: bool = True,
    cursor: str | None = None,
    subs: dict[str, Any] | None = None,
    name: str = "ana",
    role: Role = "support",
    lasts: timedelta | None = timedelta(days=1),
) -> AsyncIterator[Line]:
    """Connect and, unless told otherwise, say hello."""
    async with session.ws_connect(at.url, max_msg_size=8 * 1024 * 1024) as ws:
        made = Line(ws)
        if greet:
            who = principal(workspace, name=name, role=role)
            await made.send(
                t="hello",
                proto=1,
                ticket=ticket(at, who, workspace, lasts),
                resume={"cursor": cursor} if cursor else None,
                subs=subs or {"list": True, "messages": "all"},
            )
        yield made
