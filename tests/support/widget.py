"""A widget gateway that runs, and the world around it: a channel's record and a history.

    async with widget_world(rig) as world, world.gateway() as gate:
        session = await gate.session()

`world.gateway()` twice is two replicas on one bus. All of it runs in the test's own process, over
whichever bus the rig is (rigs.py).
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jwt

from adapter import channels
from adapter.channels import Channels
from adapter.roles.ground import Accounts, Ground
from bus.batching import Batcher
from bus.dead import DeadLetters
from chassis.lifecycle import Lifecycle
from contracts import batch, subjects
from contracts.records import ChannelRecord, channel_key
from filestore.opening import open_store
from filestore.store import FileStore
from sluice_local.servers.ports import free_port
from support.memory_inbox import MemoryInbox
from support.rigs import AnyBus, Rig
from vault.keyring import KeyRing
from vault.seal import Place, seal
from widget_gateway.limits import LIMITS
from widget_gateway.main import SERVICE, open_roles
from widget_gateway.settings import DELIVER, RECEIVE, Settings
from widget_gateway.site.channels import CHANNEL

ORIGIN = "https://shop.example"
ACCOUNT = "shop-front"
SECRET = "a secret of thirty-two characters or more"
CONFIG = {"origins": ORIGIN, "title": "Shop"}

NO_LIMITS = dict.fromkeys(LIMITS, (100_000, 100_000.0))
"""For tests that are not about limits."""


@dataclass
class Gate:
    """One replica. `url` has no path; `bus` is its own connection."""

    url: str
    world: "WidgetWorld"
    bus: AnyBus
    life: Lifecycle
    http: aiohttp.ClientSession

    def path(self, rest: str, account: str | None = None) -> str:
        """The address of something of the channel's, such as `/sessions`."""
        return f"{self.url}/widget/v1/{account or self.world.account}{rest}"

    async def ask(
        self,
        method: str,
        rest: str,
        *,
        token: str | None = None,
        origin: str | None = ORIGIN,
        account: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> "Answered":
        """A request as a page makes it."""
        sent = dict(headers or {})
        if origin is not None:
            sent["Origin"] = origin
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        url = self.path(rest, account)
        async with self.http.request(method, url, headers=sent, **more) as response:
            return Answered(response.status, await response.read(), response.headers)

    async def sessions(
        self, token: str | None = None, identity: Mapping[str, Any] | None = None, **more: Any
    ) -> "Answered":
        """POST …/sessions."""
        body = {"token": token, "identity": identity}
        return await self.ask("POST", "/sessions", json=body, **more)

    async def session(
        self, token: str | None = None, identity: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A session that was granted."""
        answered = await self.sessions(token, identity)
        assert answered.status == 200, answered.body
        return answered.json


@dataclass
class Answered:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def code(self) -> str | None:
        """Of a problem."""
        return self.json.get("code") if self.body else None


@dataclass
class WidgetWorld:
    """What stands around gateways. `record` is the channel's; `history` answers for inbox-core."""

    rig: Rig
    account: str = ACCOUNT
    config: Mapping[str, str] = field(default_factory=lambda: dict(CONFIG))
    secret: str = SECRET
    workspace_id: UUID = field(default_factory=uuid4)
    channel_id: UUID = field(default_factory=uuid4)
    channel_ring: KeyRing = field(default_factory=lambda: KeyRing.new("channels", "test"))
    visitor_ring: KeyRing = field(default_factory=lambda: KeyRing.new("visitors", "test"))
    files: FileStore = field(default_factory=lambda: open_store("memory:///"))
    history: MemoryInbox = field(default_factory=MemoryInbox)

    async def put(self, *, enabled: bool = True, **changed: Any) -> None:
        """Write the channel's record, with fields changed; another account is another channel."""
        account = changed.get("account", self.account)
        channel_id = self.channel_id if account == self.account else uuid4()
        place = Place(self.workspace_id, "channels", channel_id, "secret")
        fields: dict[str, Any] = {
            "id": channel_id,
            "workspace_id": self.workspace_id,
            "type": CHANNEL,
            "account": account,
            "enabled": enabled,
            "secret": seal(self.channel_ring, self.secret, place),
            "version": 1,
            "config": self.config,
        }
        record = ChannelRecord(**(fields | changed))
        key = channel_key(CHANNEL, account)
        await self.rig.bus.bucket(channels.BUCKET).put(key, record.model_dump_json().encode())

    @asynccontextmanager
    async def gateway(self, **settings: Any) -> AsyncIterator[Gate]:
        """A replica with both roles; settings as Settings names them."""
        bus = await self.rig.another()
        batcher = Batcher(bus.publisher)
        known = Channels(self.channel_ring, {CHANNEL})
        await known.follow(bus.bucket(channels.BUCKET))
        await batcher.start()
        base = Ground(SERVICE, bus, batcher, DeadLetters(bus.publisher, SERVICE))
        life = Lifecycle()
        port = free_port()
        options: dict[str, Any] = {
            "nats_url": "nats://unused",
            "roles": (RECEIVE, DELIVER),
            "http_port": port,
            "admin_port": 0,
            "vault_keys_channels": self.channel_ring.dump(),
            "vault_keys_visitors": self.visitor_ring.dump(),
            "files_url": "memory:///",
            "limits": NO_LIMITS,
        }
        accounts = Accounts(self.channel_ring, known, self.files)
        try:
            await open_roles(life, Settings(**(options | settings)), base, accounts)
            async with aiohttp.ClientSession() as http:
                yield Gate(f"http://127.0.0.1:{port}", self, bus, life, http)
        finally:
            assert await life.stop(20)
            await batcher.stop()

    async def inbound(self) -> list[dict[str, Any]]:
        """Every event of this channel type on INBOUND, in order."""
        stored = await self.rig.bus.read("INBOUND", subjects.inbound(CHANNEL), 0, 1000)
        return [event for message in stored for event in batch.unpack(message.body)]

    def proof(self, user_id: str = "u1", **changed: Any) -> dict[str, str]:
        """A JWT as the site signs it; claims may be changed, None leaves one out."""
        ends = datetime.now(UTC) + timedelta(minutes=5)
        claims = {"sub": user_id, "exp": ends, "jti": str(uuid4()), **changed}
        given = {name: value for name, value in claims.items() if value is not None}
        return {"jwt": jwt.encode(given, self.secret, algorithm="HS256")}


@asynccontextmanager
async def widget_world(rig: Rig, **changed: Any) -> AsyncIterator[WidgetWorld]:
    """A channel in the bucket, and somebody who answers for its history."""
    world = WidgetWorld(rig, **changed)
    await world.put()
    await rig.bus.serve(subjects.VISITOR_HISTORY, world.history.answer)
    yield world
