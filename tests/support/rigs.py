"""The two buses under one roof, so that one story runs over the fake and the real one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from typing_extensions import override

from bus import apply, jetstream
from bus.jetstream import JetStreamBus
from bus.memory import MemoryBus, MemoryServer
from contracts.subjects import CONSUMERS, STREAMS, Consumer, Stream
from support.nats_server import NatsServer
from support.waiting import eventually, until_true

ACK_WAIT_S = 1
"""Short, so that a story about redelivery need not wait for the table's half minute."""

QUICK_CONSUMERS = tuple(replace(row, ack_wait_s=ACK_WAIT_S) for row in CONSUMERS)

T = TypeVar("T")

AnyBus = JetStreamBus | MemoryBus


class Rig(Protocol):
    """A bus, and power over its server."""

    bus: AnyBus

    async def another(self) -> AnyBus:
        """A second connection to the same server: another process."""
        ...

    async def outage(self) -> None:
        """Returns when the bus has noticed."""
        ...

    async def recover(self) -> None:
        """Returns when the bus is connected and can publish again."""
        ...

    async def remake(self, stream: str) -> None:
        """Delete a stream and make it again."""
        ...

    async def close(self) -> None: ...


class MemoryRig(Rig):
    def __init__(self, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
        self.server = MemoryServer(streams=streams, consumers=consumers)
        self._first = MemoryBus(self.server)
        self.bus: AnyBus = self._first
        self._others: list[MemoryBus] = []

    @override
    async def another(self) -> AnyBus:
        self._others.append(MemoryBus(self.server))
        return self._others[-1]

    @override
    async def outage(self) -> None:
        self._first.down()

    @override
    async def recover(self) -> None:
        self._first.up()

    @override
    async def remake(self, stream: str) -> None:
        self._first.server.make(stream)

    @override
    async def close(self) -> None:
        for bus in (*self._others, self._first):
            await bus.close()


class JetStreamRig(Rig):
    def __init__(self, server: NatsServer, bus: JetStreamBus, wishes: list[apply.Wanted]) -> None:
        self.bus: AnyBus = bus
        self.server = server
        self._first = bus
        self.api = bus.api
        self._wishes = wishes
        self._others: list[JetStreamBus] = []

    @override
    async def another(self) -> AnyBus:
        bus = await jetstream.connect(self.server.url, name="other", consumers=QUICK_CONSUMERS)
        self._others.append(bus)
        return bus

    @override
    async def outage(self) -> None:
        await self.server.kill()
        await eventually(lambda: not self._first.connected)

    @override
    async def recover(self) -> None:
        await self.server.start()
        await eventually(lambda: self._first.connected)
        await until_true(self._answers)

    @override
    async def remake(self, stream: str) -> None:
        await self._first.api.call(f"STREAM.DELETE.{stream}")
        await apply.apply(self._first.api, self._wishes)

    @override
    async def close(self) -> None:
        for bus in (*self._others, self._first):
            await bus.close()
        await self.server.kill()

    async def _answers(self) -> bool:
        """JetStream comes up a moment after the port."""
        try:
            await self._first.stream("INBOUND")
        except Exception:  # noqa: BLE001 # any refusal means not yet
            return False
        return True


async def make_rig(
    kind: str,
    folder: Path,
    *,
    streams: Sequence[Stream] = STREAMS,
    consumers: Sequence[Consumer] = QUICK_CONSUMERS,
) -> Rig:
    """`memory` or `jetstream`."""
    if kind == "memory":
        return MemoryRig(streams, consumers)
    server = NatsServer(folder)
    await server.start()
    bus = await jetstream.connect(server.url, name="test", consumers=consumers)
    wishes = list(apply.wanted(1, streams, consumers))
    await apply.apply(bus.api, wishes)
    return JetStreamRig(server, bus, wishes)
