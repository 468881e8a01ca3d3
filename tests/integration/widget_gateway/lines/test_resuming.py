"""A line that comes back, or whose bus or inbox-core does, shows what there is, once."""

import asyncio

from support.gate_socket import message, talk_to, talking, text_of
from support.lines import said
from support.rigs import Rig
from support.team import Team
from support.waiting import eventually
from support.widget import Gate, WidgetWorld


async def test_a_second_connection_resumes_where_the_first_was(gate: Gate, team: Team) -> None:
    session = await gate.session()
    async with talking(gate, session) as talk:
        await said(talk, team)
    await team.reply(talk.name, "Hi")
    async with talking(gate, session, talk.cursors) as again:
        assert again.texts() == ["Hi"]
    async with talking(gate, session) as anew:
        assert anew.texts() == ["Hello", "Hi"]


async def test_a_long_absence_is_told_in_pages(gate: Gate, team: Team) -> None:
    team.limit = 3
    session = await gate.session()
    async with talking(gate, session) as talk:
        await said(talk, team)
    for number in range(8):
        await team.reply(talk.name, str(number))
    async with talking(gate, session, talk.cursors) as again:
        assert again.texts() == [str(number) for number in range(8)]
        await again.send({"t": "older", "conversation": next(iter(again.cursors)), "before": 3})
        older = await again.next("older")
        assert [text_of(m["parts"]) for m in older["messages"]] == ["Hello", "0"]
        assert older["end"] is True


async def test_live_news_between_listening_and_history_are_not_lost(gate: Gate, team: Team) -> None:
    session = await gate.session()
    async with talking(gate, session) as talk:
        await said(talk, team)
    team.away = True
    async with asyncio.TaskGroup() as tasks:
        opening = tasks.create_task(talk_to(gate, session, talk.cursors))
        await asyncio.sleep(0)
        await team.reply(talk.name, "meanwhile")
        team.away = False
    again = opening.result()
    await eventually(lambda: "meanwhile" in again.texts())
    await again.leave()


async def test_inbox_core_may_be_away(gate: Gate, team: Team) -> None:
    team.away = True
    talk = await talk_to(gate, greeted=False)
    await talk.next("ready")
    assert (await talk.say("Hello"))["t"] == "accepted"
    team.away = False
    await eventually(lambda: talk.texts() == ["Hello"], within_s=60)
    await talk.leave()


async def test_a_repeat_with_its_mark_keeps_its_time(world: WidgetWorld, team: Team) -> None:
    """A replica dies between its taking and its accepting: another one takes the same."""
    async with world.gateway() as one, world.gateway() as other:
        session = await one.session()
        words = message("Hello")
        here = await talk_to(one, session)
        await here.send(words)
        taken = await here.next("taken")
        await here.cut()
        async with talking(other, session) as there:
            await there.send({**words, "at": taken["at"], "mark": taken["mark"]})
            accepted = await there.next("accepted")
            assert accepted["at"] == taken["at"]
            forged = message("Forged", at="2020-01-01T00:00:00.000Z", mark=taken["mark"])
            await there.send(forged)
            assert (await there.next("accepted"))["at"] > taken["at"]
            await team.heard("Forged")
    assert team.texts() == ["Hello", "Forged"]


async def test_without_the_bus_nothing_is_accepted(rig: Rig, gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        await rig.outage()
        await eventually(lambda: not gate.bus.connected)
        words = message("Hello")
        await talk.send(words)
        refused = await talk.next("refused", "accepted")
        assert (refused["t"], refused["code"]) == ("refused", "unavailable")
        assert refused["retry_s"] > 0
        await rig.recover()
        await eventually(lambda: gate.bus.connected)
        await talk.send(words)
        await talk.next("accepted")
        await team.heard("Hello")
        await eventually(lambda: talk.texts() == ["Hello"])
        assert team.texts() == ["Hello"]


async def test_what_was_missed_while_the_bus_was_away_is_asked_for(
    rig: Rig, gate: Gate, team: Team
) -> None:
    async with talking(gate) as talk:
        await said(talk, team)
        await rig.outage()
        await eventually(lambda: not gate.bus.connected)
        thread = team.thread(talk.name)
        thread.add(thread.messages[-1].at, thread.messages[-1].parts, by="user", author="Ana")
        await rig.recover()
        await talk.next("history", where=lambda f: bool(f["messages"]), within_s=60)
        assert talk.texts() == ["Hello", "Hello"]
