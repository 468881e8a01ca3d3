"""One user, two browsers: each shows what the other wrote once, under the id history gives it."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from bus.memory import MemoryBus, MemoryServer
from contracts import subjects
from contracts.rpc import HistoryAnswer, HistoryThread
from support.exchange import Canned, Place, a_channel, a_visitor, lines, now
from support.gate_socket import message
from support.skipping import run_skipping
from support.team import Team
from support.waiting import eventually
from widget_gateway.lines import news


def test_what_the_phone_writes_is_on_the_laptop_once() -> None:
    async def story() -> None:
        server, team, channel = MemoryServer(), Team(), a_channel()
        inbox = MemoryBus(server)
        await inbox.serve(subjects.VISITOR_HISTORY, team.answer)
        async with (
            lines(MemoryBus(server), channel) as one,
            lines(MemoryBus(server), channel) as other,
            team.at_work(inbox, Place(channel.workspace_id, channel.id)),
        ):
            tab = a_visitor(channel, "u1")
            phone, _ = await one.line(tab)
            _, second_tab = await one.line(replace(tab))
            laptop = a_visitor(channel, "u1")
            _, shown = await other.line(laptop)
            await one.send(phone, message("Hello"))
            await asyncio.sleep(30)
            assert second_tab.kinds().count("echo") == 1
            assert "echo" not in shown.kinds()
            told = [text for frame in shown.frames for text in frame.get("messages", ())]
            assert [one.get("client") for one in told] == [None]
            assert len([ask for ask in team.asked if ask.aliases == laptop.aliases]) == 2

    run_skipping(story())


async def test_a_line_goes_by_the_channel_as_it_is_now() -> None:
    thread = HistoryThread(id=uuid4(), open=False, last_seq=1, read_seq=1, last_message_at=now())
    bus = MemoryBus()
    await Canned(HistoryAnswer(threads=(thread,))).serve(bus)
    async with lines(bus) as here:
        found = [here.channel, a_channel(config={"csat": "on"})]
        here.exchange = replace(here.exchange, find=lambda _account: found[-1])
        line, kept = await here.line(a_visitor(here.channel))
        await eventually(lambda: "history" in kept.kinds())
        assert line.channel is here.channel, "another channel of the same account"
        found.append(a_channel(id=here.channel.id, config={"csat": "on"}))
        line.hear(news.REFRESH)
        await eventually(lambda: kept.kinds().count("history") == 2)
        asked = [frame["threads"][0]["ask"] for frame in kept.frames if frame["t"] == "history"]
        assert asked == [False, True]
