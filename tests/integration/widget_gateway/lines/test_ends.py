"""How a line ends, and who is told."""

import asyncio

from support.talk import Talk, open_socket, talk_to
from support.widget import Gate, WidgetWorld


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
        silent = Talk(await open_socket(gate), {})
        silent.start()
        leaving = asyncio.create_task(gate.life.stop(20))
        assert await talk.closed() == await silent.closed() == 1012
        assert await leaving


async def test_a_channel_that_is_switched_off_says_so(gate: Gate, world: WidgetWorld) -> None:
    talk = await talk_to(gate)
    await world.put(enabled=False)
    await talk.next("unavailable")
    assert await talk.closed() == 1000
    await talk.leave()
