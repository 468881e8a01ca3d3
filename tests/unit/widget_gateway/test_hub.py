"""The hub: one subscription a name, shared, with no race between its end and the next one."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from typing_extensions import override

from bus.errors import Unavailable
from bus.memory import MemoryBus
from bus.ports import Hush
from support.exchange import a_channel, a_visitor, lines
from support.waiting import eventually
from widget_gateway.lines import closing, news
from widget_gateway.lines.closing import Ended
from widget_gateway.lines.hub import LINES_EACH
from widget_gateway.lines.news import REFRESH


class SlowBus(MemoryBus):
    """Subscribes and ends with a pause, and counts what stands."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: Counter[str] = Counter()
        self.refuses = False

    @override
    async def listen(self, subject: str, heard: Callable[[str, bytes], Awaitable[None]]) -> Hush:
        await asyncio.sleep(0.005)
        if self.refuses:
            raise Unavailable("closed")
        hush = await super().listen(subject, heard)
        self.standing[subject] += 1

        async def ended() -> None:
            await asyncio.sleep(0.005)
            await hush()
            self.standing[subject] -= 1

        return ended


async def test_lines_of_a_visitor_share_a_subscription_that_ends_with_the_last() -> None:
    bus = SlowBus()
    async with lines(bus) as here:
        visitor = a_visitor(here.channel, "u1")
        (one, _), (two, _) = await asyncio.gather(here.line(visitor), here.line(visitor))
        assert +bus.standing == Counter(dict.fromkeys(visitor.subjects, 1))
        here.exchange.hub.leave(one)
        assert +bus.standing == Counter(dict.fromkeys(visitor.subjects, 1))
        here.exchange.hub.leave(two)
        here.exchange.hub.leave(two)
        await eventually(lambda: not +bus.standing)


async def test_who_comes_while_the_last_goes_hears_everything() -> None:
    bus = SlowBus()
    async with lines(bus) as here:
        visitor = a_visitor(here.channel)
        for _ in range(20):
            gone, _ = await here.line(visitor)
            here.exchange.hub.leave(gone)
            _, kept = await here.line(visitor)
            await bus.notify(visitor.subjects[0], news.encode(news.TypingNews(on=True)))
            await eventually(lambda: "typing" in kept.kinds())  # noqa: B023 # asked right here
            assert kept.kinds().count("typing") == 1
            here.exchange.hub.leave(here.exchange.hub.lines[-1])
        await eventually(lambda: not +bus.standing)


async def test_a_subscription_that_fails_fails_its_line_alone() -> None:
    bus = SlowBus()
    async with lines(bus) as here:
        visitor = a_visitor(here.channel)
        bus.refuses = True
        with pytest.raises(Unavailable):
            await here.line(visitor)
        here.exchange.hub.leave(here.exchange.hub.lines[0])
        bus.refuses = False
        _, kept = await here.line(visitor)
        await bus.notify(visitor.subjects[0], news.encode(news.TypingNews(on=True)))
        await eventually(lambda: "typing" in kept.kinds())


async def test_a_visitor_has_so_many_lines_and_the_oldest_goes() -> None:
    async with lines(MemoryBus()) as here:
        visitor = a_visitor(here.channel)
        carriers = [(await here.line(visitor))[1] for _ in range(LINES_EACH + 1)]
        assert [kept.ended for kept in carriers] == [closing.TOO_MANY] + [None] * LINES_EACH


async def test_a_draining_hub_takes_nobody() -> None:
    async with lines(MemoryBus()) as here:
        _, kept = await here.line(a_visitor(here.channel))
        await here.exchange.hub.drain()
        assert kept.ended is closing.DRAINING
        with pytest.raises(Ended):
            await here.line(a_visitor(here.channel))


async def test_presence_and_gone_channels_reach_those_concerned() -> None:
    async with lines(MemoryBus()) as here:
        line, kept = await here.line(a_visitor(here.channel))
        await here.exchange.hub.tell_present(line.workspace_id, present=True)
        await here.exchange.hub.tell_present(a_channel().workspace_id, present=False)
        assert [f["present"] for f in kept.frames if f["t"] == "present"] == [True]
        await here.exchange.hub.end_channel(a_channel().id, lambda one: one.end(closing.BYE))
        assert kept.ended is None
        await here.exchange.hub.end_channel(line.channel_id, lambda one: one.end(closing.BYE))
        assert kept.ended is closing.BYE


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"t":"dance"}', b'{"t":"part"}', b"\xff" * 20, b"[]"]
)
async def test_news_nobody_knows_are_ignored(body: bytes) -> None:
    bus = MemoryBus()
    async with lines(bus) as here:
        visitor = a_visitor(here.channel)
        _, kept = await here.line(visitor)
        await bus.notify(visitor.subjects[0], body)
        await bus.notify(visitor.subjects[0], news.encode(news.TypingNews(on=False)))
        await eventually(lambda: "typing" in kept.kinds())
        assert kept.ended is None


def test_news_too_long_to_travel_become_a_refresh() -> None:
    long = news.TypingNews(on=True, author="x" * news.MAX_BYTES)
    assert news.decode(news.encode(long)) == REFRESH


async def test_a_session_that_was_ended_meanwhile_is_found_out() -> None:
    """The word of it was lost while the bus was away."""
    bus = MemoryBus()
    async with lines(bus) as here:
        visitor = a_visitor(here.channel)
        _, kept = await here.line(visitor)
        bus.down()
        here.over.add(visitor.session)
        bus.up()
        await eventually(lambda: kept.ended is closing.SESSION_ENDED)
