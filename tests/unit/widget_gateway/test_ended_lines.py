"""A session that ends while its line is only just opening: nobody had told the line."""

from collections.abc import AsyncIterator

import pytest

from bus.memory import MemoryBus
from support.exchange import a_visitor, lines
from support.waiting import eventually
from widget_gateway.lines import closing


@pytest.fixture
async def bus() -> AsyncIterator[MemoryBus]:
    bus = MemoryBus()
    yield bus
    await bus.close()


async def test_a_session_that_ended_before_its_line_could_hear_is_told_nothing(
    bus: MemoryBus,
) -> None:
    async with lines(bus) as here:
        visitor = a_visitor(here.channel)
        here.over.add(visitor.session)
        line, kept = await here.line(visitor)
        await eventually(lambda: kept.ended is not None)
        assert kept.ended == closing.SESSION_ENDED
        assert kept.kinds() == ["ready"]
        await line.leave()
