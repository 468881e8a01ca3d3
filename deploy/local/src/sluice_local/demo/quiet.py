"""Whether anything of a run is still on its way: only then may it be counted.

A message counted too early may be doubled afterwards, so every queue between the platform and the
inbox is asked, in the order of the flow. Called by run.py.
"""

from contextlib import suppress

from bus.errors import BusError
from bus.jetstream import JetStreamBus, connect
from metagraph.emulator.client import EmulatorClient

READER = "inbox-core"
"""The durable consumer of INBOUND (contracts.subjects)."""
CONNECT_WITHIN_S = 2.0


class Queues:
    """The emulator's webhooks, the commands to adapters and the events to the inbox."""

    def __init__(self, emulator: EmulatorClient, nats_url: str) -> None:
        self._emulator = emulator
        self._nats_url = nats_url

    async def busy(self) -> str | None:
        """What still waits, in words; None: everything has arrived."""
        try:
            return await self._busy()
        except BusError as error:
            return f"NATS does not answer: {error}"

    async def _busy(self) -> str | None:
        bus = await connect(
            self._nats_url, name="sluice-demo", connect_within_s=CONNECT_WITHIN_S, consumers=()
        )
        try:
            if commands := (await bus.stream("OUTBOUND")).messages:
                return f"{commands} commands wait"
            webhooks = (await self._emulator.stats())["webhooks"]["pending"]
            if webhooks:
                return f"{webhooks} webhooks wait"
            return await _unread(bus)
        finally:
            with suppress(BusError):
                await bus.close()


async def _unread(bus: JetStreamBus) -> str | None:
    last = (await bus.stream("INBOUND")).last_sequence
    read = (await bus.acknowledged("INBOUND")).get(READER, 0)
    return f"{last - read} unread in INBOUND" if read < last else None
