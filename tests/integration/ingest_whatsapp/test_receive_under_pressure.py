"""What a webhook is answered when the bus is slow, full or refuses: a publisher that does it."""

import asyncio
from collections.abc import Mapping

from typing_extensions import override

from bus.errors import Ambiguous, TooLarge, Unavailable
from bus.memory import MemoryBus
from bus.ports import Publisher
from support import whatsapp as wa
from support.rigs import MemoryRig
from support.whatsapp_gate import open_gate
from contracts.subjects import CONSUMERS, STREAMS


class Stalled(Publisher):
    """Takes messages and stores none until `go`; then passes them on, or raises `error`."""

    def __init__(self, behind: Publisher, error: Exception | None = None) -> None:
        self.go = asyncio.Event()
        self.asked = 0
        self._behind = behind
        self._error = error

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
        self.asked += 1
        await self.go.wait()
        if self._error is not None and subject.startswith("inbound."):
            raise self._error
        return await self._behind.publish(subject, body, headers=headers, message_id=message_id)


def rig() -> MemoryRig:
    return MemoryRig(STREAMS, CONSUMERS)
