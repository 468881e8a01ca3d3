"""`widget-gateway`: the service put together. Only what the process' roles need is built.

receive   visitors' doors: sessions, sockets, polls, files; their words → INBOUND   on http_port
deliver   OUTBOUND → whoever holds the visitor's socket → results on INBOUND

Parts start top to bottom and stop in reverse: the doors close, what is in hand is finished, the
queue is flushed, the bus closes last.
"""

import asyncio
import time
from datetime import UTC, datetime

from adapter import announce
from adapter.announce import Announcer
from adapter.deliver.buckets import Buckets, LocalBuckets
from adapter.deliver.redis_buckets import RedisBuckets, open_buckets
from adapter.roles.ground import Accounts, Ground, accounts, ground
from adapter.validation import Validation
from chassis import logs, process
from chassis.addresses import networks
from chassis.http import DRAIN_S as FINISH_S
from chassis.http import listener
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from contracts.commands import ActionCommand, SendCommand
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway import capacity
from widget_gateway.capabilities import CAPABILITIES
from widget_gateway.connect import WidgetConnect
from widget_gateway.deliver import Deliverer
from widget_gateway.doors.assets import AssetDoor
from widget_gateway.doors.look import LookDoor
from widget_gateway.doors.rim import PREFIX, Rim, gateway_app
from widget_gateway.doors.sessions import SessionDoor
from widget_gateway.files.download import DownloadDoor
from widget_gateway.files.shelf import PATH as FILES
from widget_gateway.files.shelf import Shelf
from widget_gateway.files.unsent import UnsentSweeper
from widget_gateway.files.upload import UploadDoor
from widget_gateway.limits import Limiter
from widget_gateway.lines import news
from widget_gateway.lines.front import DRAIN_S, open_front
from widget_gateway.lines.history import Histories
from widget_gateway.places import Places
from widget_gateway.sessions import ended, nonces
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.ended import EndedSessions
from widget_gateway.sessions.introduction import Introductions
from widget_gateway.sessions.nonces import Nonces
from widget_gateway.sessions.tokens import Tokens
from widget_gateway.settings import DELIVER, RECEIVE, Settings
from widget_gateway.site.channels import CHANNEL, Directory
from widget_gateway.visitor import Visitor

SERVICE = "widget-gateway"
AT_ONCE = 64
"""Commands of one job in hand."""
CUT_S = 2.0
"""For what was still under way when its time was over."""
DOORS_STOP_S = DRAIN_S + FINISH_S + CUT_S
"""One after the other: goodbyes, then requests that are let finish, then those that are cut."""


def main() -> None:
    """The console script. Exit status as chassis.process.run; 2 for wrong settings."""
    settings = load(Settings)
    logs.configure(SERVICE, settings.log_level)
    settings = capacity.fitting(settings)
    process.run(SERVICE, settings, lambda life: build(life, settings))


async def build(life: Lifecycle, settings: Settings) -> None:
    """Start the parts of the roles. Raises StartFailed, also when the streams have drifted."""
    base = await ground(life, settings, SERVICE)
    known = await accounts(life, settings, base, {CHANNEL})
    await open_roles(life, settings, base, known)


async def open_roles(life: Lifecycle, settings: Settings, base: Ground, known: Accounts) -> None:
    """What this process does, on the ground that is there."""
    if settings.has_role(DELIVER):
        await deliver(life, base, known)
    if settings.has_role(RECEIVE):
        await receive(life, settings, base, known)


async def deliver(life: Lifecycle, base: Ground, known: Accounts) -> None:
    """Take answers to whoever is there, and say what the widget can do."""
    answers = Deliverer(base.bus, base.tell, _now)
    await base.consume(life, CHANNEL, "send", SendCommand, answers.send, AT_ONCE)
    await base.consume(life, CHANNEL, "action", ActionCommand, answers.act, AT_ONCE)
    await Validation(CHANNEL, known.ring, WidgetConnect()).serve(base.bus)
    announcer = Announcer(base.bus.bucket(announce.BUCKET), [CAPABILITIES])
    life.supervise("announcer", announcer.run)


async def receive(life: Lifecycle, settings: Settings, base: Ground, known: Accounts) -> None:
    """Open the doors."""
    keys = settings.vault_keys_visitors
    ring = KeyRing.parse("visitors", keys.get_secret_value() if keys else "")
    limiter = await _limiter(life, settings)
    directory = Directory(known.channels)

    desk = await _desk(life, base, ring)
    shelf = Shelf(known.files, Signer(ring.active_first()), time.time, settings.public_origin)
    uploads = UploadDoor(known.files, settings.max_upload_bytes, shelf, limiter)
    front = await open_front(
        life, base.bus, base.batcher, ring, directory, desk, shelf, limiter,
        places=Places("lines", settings.sockets_max, settings.sockets_each),
        max_file=settings.max_upload_bytes, clock=_now,
    )  # fmt: skip
    look = LookDoor(front.there, limiter, settings.max_upload_bytes, _now)
    app = gateway_app()
    rim = Rim(directory, desk.redeem, networks(settings.trusted_proxies))
    doors = (SessionDoor(desk, limiter), look, uploads, front)
    rim.install(app, [route for door in doors for route in door.routes()])
    app.router.add_get(FILES + "{handle}", DownloadDoor(known.files, shelf, time.time).serve)
    AssetDoor().install(app, PREFIX)
    app.on_shutdown.append(lambda _: front.drain())
    life.supervise("unsent", UnsentSweeper(known.files, _now).run)
    doors_open = listener(app, settings.http_host, settings.http_port)
    await life.enter("http", doors_open, stop_s=DOORS_STOP_S)


async def _desk(life: Lifecycle, base: Ground, ring: KeyRing) -> SessionDesk:
    """Sessions, and whom they are told to."""
    # Questions of its own: introductions never stand in the queue of lines, nor they in its.
    introductions = Introductions(Histories(base.bus).heads, base.batcher)

    async def ready() -> Introductions:
        return introductions

    async def tell_ended(visitor: Visitor) -> None:
        for subject in visitor.subjects:
            await base.bus.notify(subject, news.ended(visitor.session))

    await life.start("introductions", ready, Introductions.close)
    return SessionDesk(
        Tokens(Signer(ring.active_first()), time.time),
        EndedSessions(base.bus.bucket(ended.BUCKET)),
        Nonces(base.bus.bucket(nonces.BUCKET)),
        tell_ended,
        introductions.begin,
        time.time,
    )


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
