"""A process that goes with a word in hand: the word is stored, and nobody knows."""

from collections.abc import Awaitable, Callable

import pytest

from bus.memory import MemoryBus, MemoryServer
from contracts import subjects
from support.exchange import Lines, Place, a_channel, a_visitor, lines
from support.gate_socket import message
from support.mute import MuteBus
from support.team import Team
from support.waiting import eventually
from widget_gateway.lines import closing
from widget_gateway.lines.line import Line

Goes = Callable[[Lines, Line], Awaitable[None]]


async def killed(_process: Lines, line: Line) -> None:
    await line.leave()


async def drained(process: Lines, line: Line) -> None:
    await process.exchange.hub.drain()
    await line.leave()


@pytest.mark.parametrize("goes", [killed, drained])
async def test_the_next_process_takes_it_again_and_it_is_one_word(goes: Goes) -> None:
    server, team, channel = MemoryServer(), Team(), a_channel()
    going, staying, inbox = MuteBus(server), MemoryBus(server), MemoryBus(server)
    visitor, words = a_visitor(channel), message("Hello")
    await inbox.serve(subjects.VISITOR_HISTORY, team.answer)
    async with (
        lines(going, channel) as before,
        lines(staying, channel) as after,
        team.at_work(inbox, Place(channel.workspace_id, channel.id)),
    ):
        line, kept = await before.line(visitor)
        await before.begin(line, words)
        await eventually(lambda: going.publisher.stored == 1)
        await goes(before, line)
        going.publisher.speaks.set()
        await line.said()
        assert "accepted" not in kept.kinds()
        taken = next(frame for frame in kept.frames if frame["t"] == "taken")
        again, told = await after.line(visitor)
        await after.send(again, {**words, "at": taken["at"], "mark": taken["mark"]})
        accepted = next(frame for frame in told.frames if frame["t"] == "accepted")
        assert accepted["at"] == taken["at"]
        await eventually(lambda: team.repeated == 1)
        assert team.texts() == ["Hello"]
        assert kept.ended == (closing.DRAINING if goes is drained else None)
