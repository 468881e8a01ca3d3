"""The bus in memory, with a clock that is moved by hand."""

from collections.abc import AsyncIterator

import pytest

from bus.memory import MemoryBus, MemoryServer
from support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def memory(clock: Clock) -> AsyncIterator[MemoryBus]:
    bus = MemoryBus(MemoryServer(clock=clock))
    yield bus
    await bus.close()
