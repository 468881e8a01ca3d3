"""One connection to NATS that is never given up, and who is told when it goes and comes back.

Made once in main() through `bus.jetstream.connect`; every part of the real bus holds it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from bus.cause import cause
from bus.client import SteadyClient
from bus.errors import Unavailable

RECONNECT_WAIT_S = 0.2
CONNECT_TIMEOUT_S = 2
PING_INTERVAL_S = 5
PINGS_OUTSTANDING = 2
"""A silent peer is given up after 15 s at the most."""
COMPLAIN_EVERY_S = 10.0
"""While the server is away every attempt fails alike: one line a kind in so many seconds."""

log = structlog.get_logger("bus")

Heard = Callable[[Msg], Awaitable[None]]


class Connection:
    """nats-py's client, with `on_lost` and `on_regained` called in the order they were added."""

    def __init__(self, client: SteadyClient, name: str) -> None:
        self.client = client
        self.name = name
        self.on_lost: list[Callable[[], None]] = []
        self.on_regained: list[Callable[[], None]] = []
        self._closing = False
        self._complained_at: dict[str, float] = {}

    @property
    def up(self) -> bool:
        return self.client.is_connected and not self._closing

    @property
    def closing(self) -> bool:
        return self._closing

    async def listen(
        self, subject: str, heard: Heard, *, limit: int = 0, group: str = ""
    ) -> Subscription:
        """Subscribe on core NATS. `limit` 0: nothing is dropped, the caller bounds what it asks.

        Of the members of a `group` one hears each message. Raises Unavailable when the
        connection is closed.
        """
        try:
            return await self.client.subscribe(
                subject, group, cb=heard, pending_msgs_limit=limit, pending_bytes_limit=0
            )
        except Error as error:
            raise Unavailable(f"cannot listen on {subject}: {error}") from error

    async def send(self, subject: str, body: bytes, reply: str = "") -> bool:
        """Write to the socket's queue; False instead of an error when the server is away."""
        try:
            await self.client.publish(subject, body, reply)
        except (Error, OSError):
            return False
        return True

    async def hush(self, subscription: Subscription) -> None:
        """End a subscription, also while disconnected."""
        with contextlib.suppress(Error, OSError):
            await subscription.unsubscribe()

    async def close(self, deadline_s: float = 2.0) -> None:
        """Send what is queued, then close. Never raises for an absent server."""
        self._closing = True
        with contextlib.suppress(Error, OSError, TimeoutError):
            async with asyncio.timeout(deadline_s):
                await self.client.flush()
        with contextlib.suppress(Error, OSError, TimeoutError):
            await self.client.shut(deadline_s)

    async def lost(self) -> None:
        if not self._closing:
            log.warning("bus_disconnected", connection=self.name)
        for told in self.on_lost:
            told()

    async def regained(self) -> None:
        log.info("bus_reconnected", connection=self.name)
        for told in self.on_regained:
            told()

    async def complain(self, error: Exception) -> None:
        """nats-py's errors beside any call: attempts to connect, slow consumers, callbacks."""
        kind, now = type(error).__name__, time.monotonic()
        if (
            self._closing
            or now - self._complained_at.get(kind, -COMPLAIN_EVERY_S) < COMPLAIN_EVERY_S
        ):
            return
        self._complained_at[kind] = now
        # Of nats-py and the socket a sentence; of a listener's own error only the place.
        why = str(error) if isinstance(error, Error | OSError) else cause(error)
        log.warning("bus_error", connection=self.name, error=kind, why=why)

    async def closed(self) -> None:
        if not self._closing:
            log.error("bus_closed", connection=self.name, why=str(self.client.last_error))
        for told in self.on_lost:
            told()


async def open_connection(
    url: str, name: str, within_s: float, ping_interval_s: int = PING_INTERVAL_S
) -> Connection:
    """Connect, trying again until `within_s` have passed. Raises Unavailable, naming the hosts.

    `url` may list several servers, comma separated.
    """
    connection = Connection(SteadyClient(), name)
    servers = [part.strip() for part in url.split(",") if part.strip()]
    try:
        async with asyncio.timeout(within_s):
            await connection.client.connect(
                servers,
                name=name,
                # Without a reconnect buffer a publish while disconnected fails at once; with it
                # the publish times out and is stored later all the same.
                pending_size=-1,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # any number of seconds
                connect_timeout=CONNECT_TIMEOUT_S,
                ping_interval=ping_interval_s,
                max_outstanding_pings=PINGS_OUTSTANDING,
                error_cb=connection.complain,
                disconnected_cb=connection.lost,
                reconnected_cb=connection.regained,
                closed_cb=connection.closed,
            )
    except (TimeoutError, Error, OSError) as error:
        await connection.close()
        hosts = ", ".join(_host(server) for server in servers)
        raise Unavailable(f"no NATS server answered at {hosts} within {within_s:g} s") from error
    return connection


def _host(server: str) -> str:
    """Host and port without credentials."""
    parts = urlsplit(server if "://" in server else f"nats://{server}")
    return f"{parts.hostname}:{parts.port or 4222}"
