"""inbox-core's composition root: read top to bottom, nothing else builds a client.

Roles: `worker` reads INBOUND into Postgres, `relay` takes the outbox to the bus, `api` serves
REST and sockets. Only what a role needs is built; started in this order, stopped in reverse.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import asyncpg
from aiohttp import web
from pydantic import SecretStr

from bus import jetstream
from bus.consumer import EventConsumer
from bus.dead import DeadLetters
from bus.errors import Retryable
from bus.jetstream import JetStreamBus
from bus.letters import Letters, channel_appeared
from bus.replay import replay
from bus.retention import Retention
from chassis import logs, process
from chassis.addresses import networks
from chassis.http import listener
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from filestore.errors import Retryable as FilesAway
from filestore.opening import open_store
from filestore.store import FileStore
from inbox_core.adapters.bus.asking import ValidationDesk
from inbox_core.adapters.bus.capabilities import follow_capabilities
from inbox_core.adapters.passwords import Argon2Passwords
from inbox_core.adapters.postgres.accounts import PostgresAccounts
from inbox_core.adapters.postgres.history import PostgresVisitors
from inbox_core.adapters.postgres.idempotency import PostgresRepeats
from inbox_core.adapters.postgres.reading import PostgresReading
from inbox_core.adapters.postgres.store import PostgresStore, is_race, is_transient, open_pool
from inbox_core.adapters.postgres.trouble import trouble
from inbox_core.adapters.redis.limits import RedisLimiter, open_redis
from inbox_core.adapters.relay.mirror import ChannelMirror
from inbox_core.adapters.relay.relay import LANES, Relay
from inbox_core.app.access import Principal
from inbox_core.app.capabilities import Book
from inbox_core.app.desk import Desk
from inbox_core.app.health_book import HealthBook
from inbox_core.app.history import Histories
from inbox_core.app.uploads import Uploads
from inbox_core.app.validate import Revalidation
from inbox_core.entrypoints.consumer.chores import FailoverWatch, revalidate_forever
from inbox_core.entrypoints.consumer.inbound import InboundHandler
from inbox_core.entrypoints.consumer.upkeep import (
    ADDRESSES_S,
    BOOK_S,
    PURGE_S,
    SILENCE_S,
    SWEEP_S,
    Upkeep,
    forever,
)
from inbox_core.entrypoints.http.app import build_app
from inbox_core.entrypoints.http.authentication import Site
from inbox_core.entrypoints.http.route import Backend
from inbox_core.entrypoints.realtime.gateway import Gateway
from inbox_core.entrypoints.realtime.hub import Hub
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.poll import Poller
from inbox_core.entrypoints.realtime.signals import end_sockets
from inbox_core.entrypoints.realtime.tickets import TicketOffice
from inbox_core.entrypoints.rpc.visitors import VisitorDesk
from inbox_core.settings import Settings
from vault.keyring import KeyRing
from vault.signing import Signer

SERVICE = "inbox-core"


def main() -> None:
    """Run inbox-core until it is told to stop."""
    settings = load(Settings)
    logs.configure(SERVICE, settings.log_level)
    process.run(SERVICE, settings, lambda life: build(life, settings))


async def build(life: Lifecycle, settings: Settings) -> None:
    """The bus and the database first, then what each role needs."""
    nats_url = settings.nats_url.get_secret_value()
    bus = await life.start(
        "bus", lambda: jetstream.connect(nats_url, name=SERVICE), lambda bus: bus.close()
    )
    await life.start("streams", bus.verify)
    book = Book()
    capabilities = bus.bucket("capabilities")
    await life.start("capabilities", lambda: follow_capabilities(capabilities, book))
    relays = await build_relay(life, settings, bus) if settings.has_role("relay") else []

    def committed() -> None:
        for relay in relays:
            relay.wake()

    channel_changed = _ignore
    if settings.has_role("worker"):
        mirror = await build_worker(life, settings, bus, book, committed)
        channel_changed = mirror.wake
    if settings.has_role("api"):
        await build_api(life, settings, bus, book, committed, channel_changed)


def _may_pass(error: BaseException) -> bool:
    """What upkeep waits out: an outage of the database or of the filestore."""
    return is_transient(error) or isinstance(error, FilesAway)


def _ignore() -> None:
    """The worker of another process finds the change at its next look."""


async def build_relay(life: Lifecycle, settings: Settings, bus: JetStreamBus) -> list[Relay]:
    """Outbox to bus, one task a lane."""
    _, store = await _database(life, "relay", settings.postgres_worker_url, 3)
    dead = DeadLetters(bus.publisher, SERVICE)
    relays = [Relay(store, bus.publisher, dead, lane) for lane in LANES]
    for relay in relays:
        life.supervise(f"relay {relay.lane}", relay.run)
    return relays


async def build_worker(
    life: Lifecycle,
    settings: Settings,
    bus: JetStreamBus,
    book: Book,
    committed: Callable[[], None],
) -> ChannelMirror:
    """INBOUND to Postgres, and the chores beside it."""
    size = settings.worker_batches + 3
    _, store = await _database(life, "worker", settings.postgres_worker_url, size, committed, book)
    letters = Letters(bus)

    async def appeared(channel: str, account: str) -> int:
        return await letters.retry_matching(channel_appeared(channel, account))

    async def again(since: datetime, until: datetime) -> int:
        return (await replay(bus, since, until)).messages

    mirror = ChannelMirror(store, bus.bucket("channels"), appeared)
    life.supervise("channel mirror", mirror.run)
    watch = FailoverWatch(
        store.server_identity,
        bus.bucket("state"),
        again,
        lambda error: is_transient(error) or isinstance(error, Retryable),
    )
    life.supervise("failover watch", watch.run)
    health = HealthBook()
    files = await life.start("files of the worker", lambda: open_files(settings))
    upkeep = Upkeep(store, files, health, timedelta(days=settings.visitor_ips_days))
    for name, every_s, work in (
        ("sweep", SWEEP_S, upkeep.sweep),
        ("purge", PURGE_S, upkeep.purge),
        ("health book", BOOK_S, upkeep.write_book),
        ("silence", SILENCE_S, upkeep.listen),
        ("addresses", ADDRESSES_S, upkeep.forget_addresses),
    ):
        life.supervise(name, partial(forever, name, every_s, work, _may_pass))
    life.supervise("retention", Retention(bus).run)
    revalidation = Revalidation(_desk(settings, bus, store, mirror.wake))
    life.supervise("revalidation", lambda: revalidate_forever(revalidation, is_transient))
    handler = InboundHandler(store, is_transient, is_race, health)
    dead = DeadLetters(bus.publisher, SERVICE)
    consumer = EventConsumer(bus, SERVICE, handler.handle, dead, workers=settings.worker_batches)
    await life.start("inbound", consumer.start, lambda _: consumer.stop())
    return mirror


async def build_api(
    life: Lifecycle,
    settings: Settings,
    bus: JetStreamBus,
    book: Book,
    committed: Callable[[], None],
    channel_changed: Callable[[], None],
) -> None:
    """REST, long poll and sockets, on the public listener."""
    size = settings.api_connections
    pool, store = await _database(life, "api", settings.postgres_api_url, size, committed, book)
    redis = open_redis(settings.redis_url.get_secret_value()) if settings.redis_url else None
    if redis is not None:
        await life.start("redis", _nothing, lambda _: redis.aclose())
    sessions = KeyRing.parse("sessions", settings.vault_keys_sessions.get_secret_value())
    signer = Signer(sessions.active_first())
    tickets = TicketOffice(signer)
    limits = Limits(max_sockets=settings.sockets_max)
    hub = Hub(bus, limits)
    life.supervise("changes", hub.run, hub.stop)
    origins = frozenset({settings.public_origin, *settings.more_origins})

    async def signed_out(principal: Principal) -> None:
        for workspace in principal.memberships:
            await end_sockets(bus, workspace, principal.credential)

    gateway = Gateway(bus, hub, tickets, origins, limits)
    files = await life.start("files of the api", lambda: open_files(settings))
    repeats = PostgresRepeats(store)
    life.supervise("idempotency purge", repeats.run)
    backend = Backend(
        store=store,
        reading=PostgresReading(store),
        accounts=PostgresAccounts(pool),
        passwords=Argon2Passwords(),
        limiter=RedisLimiter(redis),
        repeats=repeats,
        signer=signer,
        desk=_desk(settings, bus, store, channel_changed),
        uploads=Uploads(files, settings.max_upload_bytes),
        tickets=tickets,
        signed_out=signed_out,
        events=Poller(hub, limits, gateway.roster),
    )
    site = Site(origins, settings.cookie_secure, networks(settings.trusted_proxies))
    app = build_app(backend, site, trouble)
    await open_sockets(life, gateway, app)
    # Half of the connections: visitors never keep the screens waiting.
    await serve_visitors(life, bus, store, book, max(1, size // 2))
    await life.enter("http", listener(app, settings.http_host, settings.http_port))


async def open_sockets(life: Lifecycle, gateway: Gateway, app: web.Application) -> None:
    """What screens hear of each other, and other services of who is there."""
    gateway.install(app)
    await life.start("signals", gateway.start)
    life.supervise("attendance", gateway.roster.run, gateway.roster.stop)


async def serve_visitors(
    life: Lifecycle, bus: JetStreamBus, store: PostgresStore, book: Book, at_once: int
) -> None:
    """Answers for channels that show people their own threads."""
    visitors = VisitorDesk(Histories(PostgresVisitors(store), book), at_once)
    await life.start("visitors", lambda: visitors.serve(bus))


async def open_files(settings: Settings) -> FileStore:
    """Where all services keep files."""
    options = {name: value.get_secret_value() for name, value in settings.files_options.items()}
    return open_store(settings.files_url, options)


def _desk(
    settings: Settings, bus: JetStreamBus, store: PostgresStore, mirror: Callable[[], None]
) -> Desk:
    ring = KeyRing.parse("channels", settings.vault_keys_channels.get_secret_value())
    return Desk(store, mirror, ring, ValidationDesk(bus).ask)


async def _database(
    life: Lifecycle,
    name: str,
    url: SecretStr,
    size: int,
    committed: Callable[[], None] = lambda: None,
    book: Book | None = None,
) -> tuple[asyncpg.Pool, PostgresStore]:
    """A pool of its own for each role, so that none waits for another's connections."""
    pool = await life.start(
        f"postgres {name}",
        lambda: open_pool(url.get_secret_value(), size=size, name=f"{SERVICE} {name}"),
        lambda pool: pool.close(),
    )
    return pool, PostgresStore(pool, committed, book)


async def _nothing() -> None:
    """A client that connects on first use."""
