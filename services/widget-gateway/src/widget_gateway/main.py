"""`widget-gateway`: the service put together. Only what the process' roles need is built.

receive   visitors' doors: sessions, sockets, polls, files; their words → INBOUND   on http_port
deliver   OUTBOUND → whoever holds the visitor's socket → results on INBOUND

Parts start top to bottom and stop in reverse: the doors close, what is in hand is finished, the
queue is flushed, the bus closes last.
"""

import asyncio
import time
from datetime import UTC, datetime

from adapter.deliver.buckets import Buckets, LocalBuckets
from adapter.deliver.redis_buckets import RedisBuckets, open_buckets
from adapter.roles.ground import Accounts, Ground, accounts, ground
from adapter.validation import Validation
from chassis import logs, process
from chassis.addresses import networks
from chassis.http import listener
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway.connect import WidgetConnect
from widget_gateway.doors.assets import AssetDoor
from widget_gateway.doors.look import LookDoor
from widget_gateway.doors.rim import PREFIX, Rim, gateway_app
from widget_gateway.doors.sessions import SessionDoor
from widget_gateway.limits import Limiter
from widget_gateway.lines import news
from widget_gateway.sessions import ended, nonces
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.ended import EndedSessions
from widget_gateway.sessions.introduction import Introduction
from widget_gateway.sessions.nonces import Nonces
from widget_gateway.sessions.tokens import Tokens
from widget_gateway.settings import DELIVER, RECEIVE, Settings
from widget_gateway.site.channels import CHANNEL, Directory
from widget_gateway.visitor import Visitor

SERVICE = "widget-gateway"


def main() -> None:
    """The console script. Exit status as chassis.process.run; 2 for wrong settings."""
    settings = load(Settings)
    logs.configure(SERVICE, settings.log_level)
    process.run(SERVICE, settings, lambda life: build(life, settings))


async def build(life: Lifecycle, settings: Settings) -> None:
    """Start the parts of the roles. Raises StartFailed, also when the streams have drifted."""
    base = await ground(life, settings, SERVICE)
    known = await accounts(life, settings, base, {CHANNEL})
    await open_roles(life, settings, base, known)


async def open_roles(life: Lifecycle, settings: Settings, base: Ground, known: Accounts) -> None:
    """What this process does, on the ground that is there."""
    if settings.has_role(DELIVER):
        await Validation(CHANNEL, known.ring, WidgetConnect()).serve(base.bus)
    if settings.has_role(RECEIVE):
        await receive(life, settings, base, known)


async def receive(life: Lifecycle, settings: Settings, base: Ground, known: Accounts) -> None:
    """Open the doors."""
    keys = settings.vault_keys_visitors
    ring = KeyRing.parse("visitors", keys.get_secret_value() if keys else "")
    limiter = await _limiter(life, settings)
    directory = Directory(known.channels)

    async def tell_ended(visitor: Visitor) -> None:
        for subject in visitor.subjects:
            await base.bus.notify(subject, news.ended(visitor.session))

    desk = SessionDesk(
        Tokens(Signer(ring.active_first()), time.time),
        EndedSessions(base.bus.bucket(ended.BUCKET)),
        Nonces(base.bus.bucket(nonces.BUCKET)),
        tell_ended,
        Introduction(base.bus, base.batcher),
        time.time,
    )
    look = LookDoor(lambda _: False, limiter, settings.max_upload_bytes, _now)
    app = gateway_app()
    rim = Rim(directory, desk.redeem, networks(settings.trusted_proxies))
    rim.install(app, [*SessionDoor(desk, limiter).routes(), *look.routes()])
    AssetDoor().install(app, PREFIX)
    await life.enter("http", listener(app, settings.http_host, settings.http_port))


async def _limiter(life: Lifecycle, settings: Settings) -> Limiter:
    """Limits, shared with the other replicas where there is a Redis."""
    clock, url = asyncio.get_running_loop().time, settings.redis_url
    here: Buckets = LocalBuckets(clock, share=1.0)
    if url is None:
        return Limiter(here, here, settings.limits)

    async def opened() -> RedisBuckets:
        return open_buckets(url.get_secret_value(), clock)

    shared = await life.start("redis", opened, lambda buckets: buckets.close())
    return Limiter(shared, here, settings.limits)


def _now() -> datetime:
    return datetime.now(UTC)
