"""Pull requests kept open on one inbox: the engine under `bus.subscription` and `bus.tail`.

Two requests overlap, so messages flow while the next request travels. What was asked for and has
not come is counted as nats.go's Consume counts it: data takes one off, a status takes off what it
says is pending, silence or a new connection take off everything.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import structlog
from nats.aio.msg import Msg
from nats.errors import Error

from bus.connection import Connection
from bus.replies import STATUS

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription as CoreSubscription

NANO = 1_000_000_000
MIB = 1024 * 1024
REQUEST_BYTES = 16 * MIB
"""Of one request: above the 8 MiB one message may have, or it could never be delivered."""
HELD_BYTES = 8 * MIB
"""Nothing new is asked for while this much waits to be read."""
TICK_S = 0.25
PAUSE_S = (0.25, 5.0)
"""Between attempts when the consumer or the stream is not there."""

# Statuses that end a request as expected; every other one means trouble.
HEARTBEAT = "100"
QUIET = frozenset({"404", "408"})  # nothing there; time is up
QUIET_409 = frozenset({"Message Size Exceeds MaxBytes", "Batch Completed"})
PENDING = "Nats-Pending-Messages"
"""How many messages of an ended request will not come."""

log = structlog.get_logger("bus")


@dataclass(frozen=True)
class Pace:
    """How long a request stays open, and how its silence is noticed.

    Silence of two heartbeats and a half means that nobody knows our requests any more.
    """

    expires_s: float = 30
    heartbeat_s: float = 2

    @property
    def silence_s(self) -> float:
        return 2.5 * self.heartbeat_s


@dataclass(frozen=True, slots=True)
class Place:
    """What the acknowledgement subject tells about a message."""

    stream: str
    deliveries: int
    stream_sequence: int
    consumer_sequence: int
    at: datetime


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place(reply: str) -> Place:
    """Read `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<n>.<seq>.<seq>.<ns>.<left>[.x]`."""
    tokens = reply.split(".")
    at = 2 if len(tokens) == 9 else 4  # noqa: PLR2004 # nine tokens: the form without a domain
    return Place(
        stream=tokens[at],
        deliveries=int(tokens[at + 2]),
        stream_sequence=int(tokens[at + 3]),
        consumer_sequence=int(tokens[at + 4]),
        at=_EPOCH + timedelta(microseconds=int(tokens[at + 5]) // 1000),
    )


class Puller:
    """Fills `held` from one consumer.

    `trouble` is told, with a sentence, when the consumer has to be looked after: gone, silent,
    connection lost. With `patient` the puller asks again by itself, otherwise it stops asking.
    """

    def __init__(
        self,
        connection: Connection,
        stream: str,
        consumer: str,
        *,
        batch: int,
        patient: bool,
        trouble: Callable[[str], None],
        tick: Callable[[], Awaitable[None]] | None = None,
        pace: Pace = Pace(),  # frozen
    ) -> None:
        self.held: deque[Msg] = deque()
        self.arrived = asyncio.Event()
        self._connection = connection
        self._name = f"{stream}/{consumer}"
        self._ask_on = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._batch = batch
        self._patient = patient
        self._trouble = trouble
        self._tick = tick
        self._silence_s = pace.silence_s
        self._inbox = connection.client.new_inbox()
        self._open = 0
        self._held_bytes = 0
        self._heard_at = time.monotonic()
        self._pause_s = PAUSE_S[0]
        self._not_before = 0.0
        self._asking = True
        self._wake = asyncio.Event()
        self._subscription: CoreSubscription | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._request = orjson.dumps(
            {
                "batch": batch,
                "max_bytes": REQUEST_BYTES,
                "expires": int(pace.expires_s * NANO),
                "idle_heartbeat": int(pace.heartbeat_s * NANO),
            }
        )

    async def start(self) -> None:
        """Raises Unavailable when the connection is closed."""
        self._subscription = await self._connection.listen(self._inbox, self._came)
        self._connection.on_lost.append(self._lost)
        self._connection.on_regained.append(self._regained)
        self._keeper = asyncio.create_task(self._keep(), name=f"pull {self._name}")
        await self._ask()

    async def take(self, limit: int) -> list[Msg]:
        """Up to `limit` held messages, none when there are none."""
        held = self.held
        taken = [held.popleft() for _ in range(min(limit, len(held)))]
        if taken:
            self._held_bytes -= sum(len(message.data) for message in taken)
            await self._ask()
        if not held:
            self.arrived.clear()
        return taken

    async def stop(self, deadline_s: float) -> None:
        """Ask no more; what the server has sent already is in `held` afterwards."""
        self._asking = False
        with suppress(ValueError):
            self._connection.on_lost.remove(self._lost)
        with suppress(ValueError):
            self._connection.on_regained.remove(self._regained)
        if self._keeper is not None:
            self._keeper.cancel()
        if self._subscription is not None:
            with suppress(Error, OSError, TimeoutError):
                async with asyncio.timeout(deadline_s):
                    await self._subscription.drain()  # type: ignore[no-untyped-call] # nats-py
            await self._connection.hush(self._subscription)
        self.arrived.set()

    async def _ask(self) -> None:
        """Keep two requests open, less what waits here to be read."""
        while (
            self._asking
            and self._open + len(self.held) <= self._batch
            and self._held_bytes < HELD_BYTES
            and time.monotonic() >= self._not_before
        ):
            if not self._connection.up:
                return
            if not await self._connection.send(self._ask_on, self._request, self._inbox):
                return
            if self._open == 0:
                self._heard_at = time.monotonic()
            self._open += self._batch

    async def _came(self, message: Msg) -> None:
        self._heard_at = time.monotonic()
        if message.reply:
            self._pause_s = PAUSE_S[0]
            self._open = max(0, self._open - 1)
            self._held_bytes += len(message.data)
            self.held.append(message)
            self.arrived.set()
        else:
            self._status(message.headers or {})
        await self._ask()

    def _status(self, headers: dict[str, str]) -> None:
        status, description = headers.get(STATUS, ""), headers.get("Description", "")
        if status == HEARTBEAT:
            self._pause_s = PAUSE_S[0]
        elif status in QUIET or description in QUIET_409:
            self._open = max(0, self._open - int(headers.get(PENDING, self._open)))
        else:
            self._wait(f"{status} {description}".strip())

    def _wait(self, why: str) -> None:
        """The requests are void; the next ones after a pause that doubles to its bound."""
        self._open = 0
        self._not_before = time.monotonic() + self._pause_s
        if self._pause_s >= 1:
            log.error("bus_pull_refused", consumer=self._name, why=why)
        self._pause_s = min(self._pause_s * 2, PAUSE_S[1])
        self._troubled(why)

    def _troubled(self, why: str) -> None:
        if not self._patient:
            self._asking = False
        self._trouble(why)
        self.arrived.set()

    def _lost(self) -> None:
        self._open = 0
        self._troubled("the connection was lost")

    def _regained(self) -> None:
        self._not_before = 0.0
        self._pause_s = PAUSE_S[0]
        self._wake.set()

    async def _keep(self) -> None:
        """Ask again after a pause, notice silence, and let the owner do what is due."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            self._wake.clear()
            silent = time.monotonic() - self._heard_at > self._silence_s
            if self._open and silent and self._connection.up:
                self._open = 0
                self._troubled("no heartbeat")
            await self._ask()
            if self._tick is not None:
                await self._tick()
