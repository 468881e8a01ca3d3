"""The real Subscription: a durable consumer, read through two overlapping pull requests."""

import asyncio
import time
from collections.abc import Sequence

from nats.aio.msg import Msg
from typing_extensions import override

from bus import ports
from bus.connection import Connection
from bus.ports import Delivered
from bus.pulling import NANO, Pace, Puller, place

BATCH = 64
"""Messages of one pull request; a message holds up to 128 events."""
CLOSE_DEADLINE_S = 2.0

ACK = b"+ACK"
NAK = b"-NAK"
WORKING = b"+WPI"


class Subscription(ports.Subscription):
    """Messages that wait here to be handed out are kept ours: their deadline is renewed."""

    def __init__(
        self,
        connection: Connection,
        stream: str,
        consumer: str,
        ack_wait_s: float,
        pace: Pace = Pace(),  # noqa: B008 # frozen
    ) -> None:
        self._connection = connection
        self._renew_s = ack_wait_s / 3
        self._renewed_at = time.monotonic()
        self._closed = False
        self._puller = Puller(
            connection,
            stream,
            consumer,
            batch=BATCH,
            patient=True,
            trouble=lambda _: None,
            tick=self._renew,
            pace=pace,
        )

    async def start(self) -> None:
        await self._puller.start()

    @property
    def ended(self) -> bool:
        return self._closed

    @override
    async def next(self, limit: int, wait_s: float) -> Sequence[Delivered]:
        if self._closed:
            return ()
        taken = await self._puller.take(limit)
        if not taken and wait_s > 0:
            try:
                async with asyncio.timeout(wait_s):
                    while not taken and not self._closed:
                        await self._puller.arrived.wait()
                        taken = await self._puller.take(limit)
            except TimeoutError:
                return ()
        return [_delivered(message) for message in taken]

    @override
    async def ack(self, message: Delivered) -> None:
        await self._connection.send(message.token, ACK)

    @override
    async def nak(self, message: Delivered, delay_s: float = 0) -> None:
        delay = b' {"delay":%d}' % int(delay_s * NANO) if delay_s > 0 else b""
        await self._connection.send(message.token, NAK + delay)

    @override
    async def working(self, message: Delivered) -> None:
        await self._connection.send(message.token, WORKING)

    @override
    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._puller.stop(CLOSE_DEADLINE_S)
        while self._puller.held:
            await self._connection.send(self._puller.held.popleft().reply, NAK)

    async def _renew(self) -> None:
        now = time.monotonic()
        if now - self._renewed_at >= self._renew_s:
            self._renewed_at = now
            for message in list(self._puller.held):
                await self._connection.send(message.reply, WORKING)


def _delivered(message: Msg) -> Delivered:
    where = place(message.reply)
    return Delivered(
        subject=message.subject,
        body=message.data,
        stream=where.stream,
        sequence=where.stream_sequence,
        at=where.at,
        headers=message.headers or {},
        deliveries=where.deliveries,
        token=message.reply,
    )
