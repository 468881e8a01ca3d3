"""The real Tail: reads a stream in order through short-lived consumers, made anew when one fails.

Each message carries the consumer's own count; a hole in it, silence, a lost connection or a
restarted server cost the consumer, never a message: the next one starts where this one ended.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from nats.aio.msg import Msg
from nats.nuid import NUID
from typing_extensions import override

from bus import ports
from bus.api import Api
from bus.connection import Connection
from bus.errors import BusError, Reset, Retryable
from bus.ports import Stored, StreamState
from bus.pulling import NANO, Puller, place

BATCH = 256
IDLE_CONSUMER_S = 30
"""The server removes a consumer nobody has asked for so long."""
PAUSE_S = (0.1, 2.0)
STOP_DEADLINE_S = 1.0

log = structlog.get_logger("bus")


class Tail(ports.Tail):
    """Iterate it once; `close` ends the iteration. `Bus.tail` makes it."""

    def __init__(
        self, connection: Connection, api: Api, state: StreamState, subject: str, after: int
    ) -> None:
        self._connection = connection
        self._api = api
        self._stream = state.name
        self._created = state.created
        self._subject = subject
        self._after = after
        self._names = NUID()
        self._name = ""
        self._puller: Puller | None = None
        self._expected = 1
        self._broken = ""
        self._closed = asyncio.Event()

    async def start(self, state: StreamState) -> None:
        """Raises Reset when `after` is not a place in this stream, Unavailable, Ambiguous."""
        self._check(state)
        await self._open(state)

    @property
    def ended(self) -> bool:
        return self._closed.is_set()

    @override
    async def __aiter__(self) -> AsyncIterator[Stored]:
        while not self._closed.is_set():
            puller = self._puller
            if puller is None:
                await self._reopen()
                continue
            taken = await puller.take(1)
            if taken:
                stored, count = _stored(taken[0])
                if count != self._expected:
                    await self._drop(f"message {self._expected} of the consumer is missing")
                    continue
                self._expected += 1
                self._after = stored.sequence
                yield stored
            elif self._broken:
                await self._drop(self._broken)
            else:
                await puller.arrived.wait()
        # Closed while a consumer was being made: that one is let go here.
        await self._drop("closed")

    @override
    async def close(self) -> None:
        self._closed.set()
        await self._drop("closed")

    async def _drop(self, why: str) -> None:
        """Let the consumer go. The server would do it by itself a little later."""
        puller, self._puller, self._broken = self._puller, None, ""
        if puller is None:
            return
        if why != "closed":
            log.info("bus_tail_renewed", stream=self._stream, after=self._after, why=why)
        await puller.stop(STOP_DEADLINE_S)
        if self._connection.up:
            with suppress(BusError):
                await self._api.call(
                    f"CONSUMER.DELETE.{self._stream}.{self._name}", timeout_s=STOP_DEADLINE_S
                )

    async def _reopen(self) -> None:
        """Start again where we are, however long the server is away. Raises Reset."""
        pause = PAUSE_S[0]
        while not self._closed.is_set():
            try:
                state = await self._api.stream(self._stream)
                self._check(state)
                await self._open(state)
            except Retryable:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._closed.wait()
                pause = min(pause * 2, PAUSE_S[1])
            else:
                return

    def _check(self, state: StreamState) -> None:
        if state.created != self._created:
            raise Reset(f"{self._stream} was made anew")
        if state.last_sequence < self._after:
            raise Reset(f"{self._stream} ends at {state.last_sequence}, before {self._after}")
        if self._after and self._after < state.first_sequence - 1:
            raise Reset(f"{self._stream} no longer holds what follows {self._after}")

    async def _open(self, state: StreamState) -> None:
        self._name = f"tail-{self._names.next().decode()}"
        config = {
            "name": self._name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._after + 1,
            "ack_policy": "none",
            "filter_subject": self._subject,
            "inactive_threshold": IDLE_CONSUMER_S * NANO,
            "mem_storage": True,
            "num_replicas": 1,
        }
        await self._api.call(
            f"CONSUMER.CREATE.{state.name}.{self._name}",
            {"stream_name": state.name, "config": config, "action": "create"},
        )
        self._expected, self._broken = 1, ""
        puller = Puller(
            self._connection,
            state.name,
            self._name,
            batch=BATCH,
            patient=False,
            trouble=self._troubled,
        )
        self._puller = puller
        await puller.start()

    def _troubled(self, why: str) -> None:
        self._broken = self._broken or why


def _stored(message: Msg) -> tuple[Stored, int]:
    """The message and its number in the consumer's own count."""
    where = place(message.reply)
    stored = Stored(
        subject=message.subject,
        body=message.data,
        stream=where.stream,
        sequence=where.stream_sequence,
        at=where.at,
        headers=message.headers or {},
    )
    return stored, where.consumer_sequence
