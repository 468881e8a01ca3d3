"""How a line ends, and who is told."""

import asyncio

from support.gate_socket import GateSocket, message, open_socket, talk_to, talking
from support.mute import MuteRig
from support.rigs import Rig
from support.team import Team
from support.waiting import eventually
from support.widget import Gate, WidgetWorld, widget_world


async def test_a_session_that_ends_closes_its_sockets_everywhere(world: WidgetWorld) -> None:
    async with world.gateway() as one, world.gateway() as other:
        session = await one.session()
        here, there = await talk_to(one, session), await talk_to(other, session)
        stranger = await talk_to(one)
        await one.ask("DELETE", "/sessions", token=session["token"])
        assert await here.closed() == await there.closed() == 4003
        late = await talk_to(one, session, greeted=False)
        assert await late.closed() == 4003
        assert stranger.closed_with is None
        await stranger.leave()


async def test_the_ninth_socket_of_a_visitor_costs_the_first(gate: Gate) -> None:
    session = await gate.session()
    talks = [await talk_to(gate, session) for _ in range(9)]
    assert await talks[0].closed() == 4009
    assert [talk.closed_with for talk in talks[1:]] == [None] * 8
    for talk in talks:
        await talk.leave()


async def test_a_gateway_that_goes_sends_everybody_away(world: WidgetWorld) -> None:
    async with world.gateway() as gate:
        talk = await talk_to(gate)
        silent = GateSocket(await open_socket(gate), {})
        silent.start()
        leaving = asyncio.create_task(gate.life.stop(20))
        assert await talk.closed() == await silent.closed() == 1012
        assert await leaving


async def test_a_socket_is_told_that_the_bus_is_away(rig: Rig, gate: Gate) -> None:
    """Not that the gateway goes: whoever comes back at once then makes it worse."""
    session = await gate.session()
    await rig.outage()
    await eventually(lambda: not gate.bus.connected)
    talk = await talk_to(gate, session, greeted=False)
    assert await talk.closed() == 1013
    await talk.leave()
    await rig.recover()


async def test_a_gateway_that_goes_with_a_word_in_hand_leaves_one_word(team: Team) -> None:
    """The bus has it and has not said so: its client repeats it to the next gateway."""
    rig = MuteRig()
    async with (
        widget_world(rig, history=team) as world,
        team.at_work(rig.bus, world),
        world.gateway() as gate,
    ):
        session, words = await gate.session(), message("Hello")
        talk = await talk_to(gate, session)
        rig.muted.publisher.speaks.clear()
        await talk.send(words)
        taken = await talk.next("taken")
        await team.heard("Hello")
        leaving = asyncio.create_task(gate.life.stop(20))
        assert await talk.closed() == 1012
        assert talk.count("accepted") == 0
        rig.muted.publisher.speaks.set()
        assert await leaving
        async with world.gateway() as other, talking(other, session) as again:
            await again.send({**words, "at": taken["at"], "mark": taken["mark"]})
            assert (await again.next("accepted"))["at"] == taken["at"]
            await eventually(lambda: team.repeated == 1)
    assert team.texts() == ["Hello"]
    await rig.close()


async def test_a_channel_that_is_switched_off_says_so(gate: Gate, world: WidgetWorld) -> None:
    talk = await talk_to(gate)
    await world.put(enabled=False)
    await talk.next("unavailable")
    assert await talk.closed() == 1000
    await talk.leave()
