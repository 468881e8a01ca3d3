"""A bus whose server stores what it is sent and does not say so until it is let.

What a process is killed or stopped in the middle of: its words are durable, and it does not know.
"""

import asyncio
from collections.abc import Mapping

from typing_extensions import override

from bus.memory import MemoryBus, MemoryServer
from bus.memory_ends import MemoryPublisher
from contracts.subjects import STREAMS
from support.rigs import QUICK_CONSUMERS, AnyBus, MemoryRig


class MutePublisher(MemoryPublisher):
    """`speaks`: when set, it answers."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.speaks = asyncio.Event()
        self.stored = 0

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
        sequence = await super().publish(
            subject, body, headers=headers, message_id=message_id, timeout_s=timeout_s
        )
        self.stored += 1
        await self.speaks.wait()
        return sequence


class MuteBus(MemoryBus):
    """One connection to a server that others may use as ever."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self._mute = MutePublisher(server)

    @property
    @override
    def publisher(self) -> MutePublisher:
        return self._mute


class MuteRig(MemoryRig):
    """Every connection but the first can be muted; `muted` was made last, and speaks at first."""

    def __init__(self) -> None:
        super().__init__(STREAMS, QUICK_CONSUMERS)
        self.muted = MuteBus(self.server)

    @override
    async def another(self) -> AnyBus:
        self.muted = MuteBus(self.server)
        self.muted.publisher.speaks.set()
        self._others.append(self.muted)
        return self.muted
