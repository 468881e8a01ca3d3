"""The real Bus: JetStream over one nats-py connection. Built by `connect` in every main().

The parts stand in files of their own: connection, replies (publish), subscription, tail, direct
(read), kv (buckets), apply (verify).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import orjson
import structlog
from nats.aio.msg import Msg
from typing_extensions import override

from bus import ports
from bus.api import NOT_THERE, Api, ApiError, verdict
from bus.apply import differences, wanted
from bus.cause import cause
from bus.connection import Connection, open_connection
from bus.direct import first_since, read
from bus.errors import Ambiguous, Drift, Permanent, Unavailable
from bus.kv import Bucket
from bus.ports import Stored, StreamState
from bus.replies import Replies
from bus.subscription import Subscription
from bus.tail import Tail
from contracts.subjects import CONSUMERS, Consumer

MESSAGE_ID = "Nats-Msg-Id"
LISTEN_LIMIT = 4096
"""Signals waiting for a slow listener; more are dropped, as core NATS would."""

SERVERS = "servers"
"""The group of those that answer a subject."""

log = structlog.get_logger("bus")


async def connect(
    url: str,
    *,
    name: str,
    connect_within_s: float = 30,
    consumers: Sequence[Consumer] = CONSUMERS,
) -> "JetStreamBus":
    """Connect, waiting for a server that is still starting. Raises Unavailable.

    `url`: one server or several, comma separated. `name` shows in the server's monitoring.
    """
    connection = await open_connection(url, name, connect_within_s)
    bus = JetStreamBus(connection, consumers)
    await bus.start()
    return bus


class JetStreamPublisher(ports.Publisher):
    """Publishes through the reply inbox: nothing is left behind, whichever way it ends."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    @override
    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
        timeout_s: float = 3.0,
    ) -> int:
        if message_id is not None:
            headers = {**(headers or {}), MESSAGE_ID: message_id}
        message = await self._replies.ask(subject, body, headers=headers, timeout_s=timeout_s)
        answer = orjson.loads(message.data)
        if error := answer.get("error"):
            raise verdict(error)
        sequence: int = answer["seq"]
        return sequence


class JetStreamBus(ports.Bus):
    """One connection and everything on it."""

    def __init__(self, connection: Connection, consumers: Sequence[Consumer]) -> None:
        self._consumers = consumers
        self.replies = Replies(connection)
        self.api = Api(self.replies)
        self.connection = connection
        self._publisher = JetStreamPublisher(self.replies)
        self._open: list[Subscription | Tail] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.replies.start()

    @property
    @override
    def publisher(self) -> JetStreamPublisher:
        return self._publisher

    @property
    @override
    def connected(self) -> bool:
        return self.connection.up

    @override
    async def subscribe(self, consumer: str) -> Subscription:
        row = next((row for row in self._consumers if row.name == consumer), None)
        if row is None:
            raise Permanent(f"contracts.subjects knows no consumer {consumer}")
        subscription = Subscription(self.connection, row.stream, row.name, row.ack_wait_s)
        await subscription.start()
        self._open.append(subscription)
        return subscription

    @override
    async def tail(self, stream: str, subject: str, after: int) -> Tail:
        """Raises Reset when `after` is not a place in the stream, Unavailable, Ambiguous."""
        state = await self.api.stream(stream)
        tail = Tail(self.connection, self.api, state, subject, after)
        await tail.start(state)
        self._open = [opened for opened in self._open if not opened.ended]
        self._open.append(tail)
        return tail

    @override
    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = 5 * 1024 * 1024
    ) -> Sequence[Stored]:
        return await read(self.replies, stream, subject, after, limit, max_bytes)

    async def last(self, stream: str, subject: str) -> Stored | None:
        """The last message of a subject, from the stream's leader."""
        return await self.api.last(stream, subject)

    async def acknowledged(self, stream: str) -> Mapping[str, int]:
        """For each durable consumer the sequence up to which it has acknowledged everything."""
        return await self.api.acknowledged(stream)

    async def purge(self, stream: str, up_to: int) -> int:
        """Delete every message with a sequence up to and with `up_to`; how many they were."""
        answer = await self.api.call(f"STREAM.PURGE.{stream}", {"seq": up_to + 1})
        purged: int = answer["purged"]
        return purged

    async def first_since(self, stream: str, subject: str, since: datetime) -> int | None:
        """The sequence of the first message stored at or after a moment; None: there is none."""
        return await first_since(self.replies, stream, subject, since)

    @override
    async def stream(self, name: str) -> StreamState:
        return await self.api.stream(name)

    @override
    async def remove(self, stream: str, sequence: int) -> None:
        try:
            await self.api.call(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence, "no_erase": True})
        except ApiError as error:
            if error.code not in NOT_THERE:
                raise

    @override
    def bucket(self, name: str) -> Bucket:
        return Bucket(self, name, self._spawn)

    @override
    async def verify(self) -> None:
        found = await differences(self.api, wanted(await self.replicas()))
        if found:
            raise Drift("run `sluice bus apply`: " + "; ".join(found))

    async def replicas(self) -> int:
        """How many copies the first stream has: the deployment's choice, not the table's."""
        try:
            answer = await self.api.call("STREAM.INFO.INBOUND")
        except Unavailable:
            return 1
        copies: int = answer["config"]["num_replicas"]
        return copies

    @override
    async def notify(self, subject: str, body: bytes) -> None:
        await self.connection.send(subject, body)

    @override
    async def listen(
        self, subject: str, heard: Callable[[str, bytes], Awaitable[None]]
    ) -> ports.Hush:
        async def pass_on(message: Msg) -> None:
            await heard(message.subject, message.data)

        subscription = await self.connection.listen(subject, pass_on, limit=LISTEN_LIMIT)
        return partial(self.connection.hush, subscription)

    @override
    def on_regained(self, tell: Callable[[], None]) -> None:
        self.connection.on_regained.append(tell)

    @override
    async def ask(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        return (await self.replies.ask(subject, body, timeout_s=timeout_s)).data

    @override
    async def serve(self, subject: str, answer: ports.Answer) -> None:
        async def reply(message: Msg) -> None:
            await self.connection.send(message.reply, await answer(message.data))

        async def take(message: Msg) -> None:
            self._spawn(reply(message))

        await self.connection.listen(subject, take, limit=LISTEN_LIMIT, group=SERVERS)

    @override
    async def close(self) -> None:
        """Give back what was pulled, send what is queued, close. Never raises."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(opened.close() for opened in self._open), return_exceptions=True)
        if self.connection.up:
            with suppress(Unavailable, Ambiguous):
                await self.replies.round_trip(1.0)
        await self.connection.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _watched(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 # a background task's rim: its end must be seen
        log.warning("bus_watch_ended", cause=cause(error))
