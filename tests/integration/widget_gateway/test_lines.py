"""A visitor's line, on both buses: what is said gets there once, what is answered is shown."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.rigs import Rig, make_rig
from support.talk import Talk, message, open_socket, talk_to, talking, text_of
from support.team import Team
from support.waiting import eventually
from support.widget import Answered, Gate, WidgetWorld, widget_world


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def team() -> Team:
    return Team()


@pytest.fixture
async def world(rig: Rig, team: Team) -> AsyncIterator[WidgetWorld]:
    async with (
        widget_world(
            rig, history=team, config={"origins": "https://shop.example", "csat": "on"}
        ) as world,
        team.at_work(rig.bus, world),
    ):
        yield world


@pytest.fixture
async def gate(world: WidgetWorld) -> AsyncIterator[Gate]:
    async with world.gateway() as gate:
        yield gate


async def said(talk: Talk, team: Team, text: str = "Hello") -> str:
    """One message that the team has; the answer is its conversation."""
    assert (await talk.say(text))["t"] == "accepted"
    await team.heard(text)
    told = await talk.next("history", where=lambda f: bool(f["messages"]))
    conversation: str = told["messages"][-1]["conversation"]
    return conversation


async def post(gate: Gate, session: dict[str, Any], frame: dict[str, Any]) -> Answered:
    """A frame beside the socket."""
    body = io.BytesIO(json.dumps(frame, ensure_ascii=False).encode())
    return await gate.ask("POST", "/frames", token=session["token"], data=body)


async def test_a_word_and_an_answer(gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        words = message("Hello")
        await talk.send(words)
        taken = await talk.next("taken")
        accepted = await talk.next("accepted")
        assert taken["at"] == accepted["at"]
        await team.heard("Hello")
        told = await talk.next("history", where=lambda f: bool(f["messages"]))
        assert [m["client"] for m in told["messages"]] == [words["id"]]
        await team.reply(talk.name, "Hi")
        live = await talk.next("part")
        assert (live["part"]["text"], live["author"], live["of"]) == ("Hi", "Ana", 1)
        await talk.next("history", where=lambda f: bool(f["messages"]))
        assert talk.texts() == ["Hello", "Hi"]
        assert [result.data.outcome for result in team.results] == ["sent"]


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


async def test_other_sockets_of_a_visitor_hear_an_echo(world: WidgetWorld, team: Team) -> None:
    async with world.gateway() as one, world.gateway() as other:
        session = await one.session()
        async with talking(one, session) as here, talking(other, session) as there:
            words = message("Hello")
            await here.send(words)
            echo = await there.next("echo")
            assert (echo["id"], text_of(echo["parts"])) == (words["id"], "Hello")
            await there.next("history", where=lambda f: bool(f["messages"]))
            await team.reply(here.name, "Hi")
            assert (await there.next("part"))["part"]["text"] == "Hi"
            assert (await here.next("part"))["part"]["text"] == "Hi"
            assert here.count("echo") == 0


async def test_typing_presence_and_refresh(gate: Gate, team: Team, rig: Rig) -> None:
    heard: list[tuple[str, bytes]] = []

    async def hear(subject: str, body: bytes) -> None:
        heard.append((subject, body))

    await rig.bus.listen("signal.*.visitor", hear)
    async with talking(gate) as talk:
        conversation = await said(talk, team)
        await team.act(talk.name, "typing_on", author="Ana")
        typing = await talk.next("typing")
        assert (typing["on"], typing["author"], typing["ttl"]) == (True, "Ana", 6)
        for _ in range(3):
            await talk.send({"t": "typing", "on": True})
        await eventually(lambda: bool(heard))
        assert conversation.encode() in heard[0][1]
        await talk.send({"t": "ping", "k": 7})
        assert (await talk.next("pong"))["k"] == 7
        assert len(heard) == 1
        team.thread(talk.name).read_seq = 1
        await team.act(talk.name, "refresh")
        told = await talk.next("history")
        assert (told["messages"], told["threads"][0]["seen"]) == ([], 1)
        body = b'{"process": "p1", "people": 2}'
        await rig.bus.notify(f"signal.{gate.world.workspace_id}.attendance", body)
        assert (await talk.next("present"))["present"] is True


async def test_what_was_read_is_told_once_and_never_beyond(gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        conversation = await said(talk, team)
        ack: dict[str, Any] = {
            "t": "ack",
            "conversation": conversation,
            "at": "2026-01-01T00:00:00Z",
        }
        await talk.send({**ack, "delivered": 1})
        for _ in range(5):
            await talk.send({**ack, "delivered": 2**31 - 1, "read": 2**31 - 1})
    await eventually(lambda: len(team.marks) >= 2)
    told = {(m.data.status, m.data.up_to_seq) for m in team.marks}
    assert told == {("delivered", 1), ("read", 1)}
    assert len(team.marks) == 2
    assert str(team.marks[0].data.conversation_id) == conversation


async def test_stars_after_the_close(gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        conversation = await said(talk, team)
        team.thread(talk.name).open = False
        await team.act(talk.name, "refresh")
        assert (await talk.next("history"))["threads"][0]["ask"] is True
        rate = {"t": "rate", "id": str(uuid4()), "conversation": conversation, "score": 5}
        await talk.send(rate)
        assert (await talk.next("accepted"))["id"] == rate["id"]
        await eventually(lambda: bool(team.ratings))
        await team.act(talk.name, "refresh")
        head = (await talk.next("history"))["threads"][0]
        assert (head["ask"], head["rating"]) == (False, 5)


@pytest.mark.parametrize(
    "frame",
    [
        {"t": "ack", "at": "2026-01-01T00:00:00Z", "read": 1},
        {"t": "rate", "id": "r" * 16, "score": 1},
        {"t": "older", "before": 5},
    ],
    ids=lambda frame: frame["t"],
)
async def test_anothers_conversation_is_refused(
    gate: Gate, team: Team, frame: dict[str, Any]
) -> None:
    async with talking(gate) as ana, talking(gate) as eve:
        conversation = await said(ana, team)
        await said(eve, team, "Eve was here")
        await eve.send({**frame, "conversation": conversation})
        assert (await eve.next("refused"))["code"] == "unknown_conversation"
    assert not team.marks
    assert not team.ratings


async def test_a_blocked_visitor_is_told_neutrally(gate: Gate, team: Team) -> None:
    session = await gate.session()
    async with talking(gate, session) as talk:
        await said(talk, team)
        team.thread(talk.name).blocked = True
        await team.act(talk.name, "refresh")
        await talk.next("unavailable")
        assert await talk.closed() == 1000
    again = await talk_to(gate, session, greeted=False)
    await again.next("unavailable")
    assert await again.closed() == 1000


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


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{}", 4002),
        ("no json", 4002),
        ('{"t":"unheard-of"}', 4002),
        ('{"t":"hello","proto":1,"token":"x"}', 4002),
        ('{"t":"ping","k":1,"pad":"' + "x" * 70_000 + '"}', 1009),
    ],
    ids=["empty", "no json", "unknown", "hello again", "too big"],
)
async def test_what_is_no_frame_ends_the_socket(gate: Gate, frame: str, code: int) -> None:
    talk = await talk_to(gate)
    await talk.send(frame)
    assert await talk.closed() == code
    await talk.leave()


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"t": "ping", "k": 1}, 4002),
        ({"t": "hello", "proto": 2, "token": "x"}, 4002),
        ({"t": "hello", "proto": 1, "token": "forged"}, 4004),
    ],
    ids=["not hello", "another protocol", "forged"],
)
async def test_who_does_not_greet_is_sent_away(
    gate: Gate, hello: dict[str, Any], code: int
) -> None:
    talk = Talk(await open_socket(gate), {})
    talk.start()
    await talk.send(hello)
    assert await talk.closed() == code
    await talk.leave()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"parts": []}, "malformed"),
        ({"parts": [{"kind": "text", "text": ""}]}, "malformed"),
        ({"parts": [{"kind": "file", "file": "forged"}]}, "file_refused"),
        ({"after": "never"}, "malformed"),
    ],
)
async def test_a_message_that_cannot_be_is_refused_for_ever(
    gate: Gate, words: dict[str, Any], code: str
) -> None:
    async with talking(gate) as talk:
        refused = await talk.say("Hello", **words)
        assert (refused["t"], refused["code"]) == ("refused", code)
        assert "retry_s" not in refused
        assert (await talk.say("Hello"))["t"] == "accepted"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "😀👩‍👩‍👧", "שלום\u202eolleh", "a\u200bb\ufeff", "x" * 20_000],
    ids=["markup", "emoji", "directions", "invisible", "long"],
)
async def test_text_arrives_as_it_was(gate: Gate, team: Team, text: str) -> None:
    async with talking(gate) as talk:
        await said(talk, team, text)
        assert talk.texts() == [text]


async def test_what_no_store_can_hold_is_mended(gate: Gate, team: Team) -> None:
    async with talking(gate) as talk:
        words = message("")
        words["parts"][0]["text"] = "a\ud83d\0b😀"
        await talk.send(words)
        await talk.next("accepted")
        await team.heard("a��b😀")


async def test_a_megabyte_goes_by_post(gate: Gate, team: Team) -> None:
    session = await gate.session()
    text = "€" * (1024 * 1024 // 3)
    async with talking(gate, session) as talk:
        answered = await post(gate, session, message(text))
        assert [f["t"] for f in answered.json["frames"]] == ["taken", "accepted"]
        await team.heard(text)
        await eventually(lambda: talk.texts() == [text])
        answered = await post(gate, session, message(text + "€€"))
        assert [f["code"] for f in answered.json["frames"]] == ["too_long"]


async def test_the_long_poll(gate: Gate, team: Team) -> None:
    session = await gate.session()
    token = session["token"]
    first = (await gate.ask("POST", "/poll", token=token, json={"wait": 0})).json["frames"]
    assert [f["t"] for f in first] == ["ready", "history"]
    waiting = asyncio.create_task(gate.ask("POST", "/poll", token=token, json={"wait": 25}))
    await eventually(lambda: len(team.asked) == 2)
    await gate.ask("POST", "/frames", token=token, json=message("Hello"))
    frames = (await waiting).json["frames"]
    assert frames[2]["t"] == "echo"
    await team.heard("Hello")
    frames = (await gate.ask("POST", "/poll", token=token, json={"wait": 25})).json["frames"]
    assert [text_of(m["parts"]) for m in frames[1]["messages"]] == ["Hello"]
    cursors = frames[-1]["cursors"]
    asked = {"wait": 25, "cursors": cursors}
    waiting = asyncio.create_task(gate.ask("POST", "/poll", token=token, json=asked))
    await eventually(lambda: any(ask.after for ask in team.asked))
    await team.reply(("visitor", session["visitor"]["id"]), "Hi")
    frames = (await waiting).json["frames"]
    assert "Hi" in str(frames)
    asked = {"t": "ack", "conversation": next(iter(cursors)), "at": "2026-01-01T00:00:00Z"}
    answered = await gate.ask("POST", "/frames", token=token, json={**asked, "read": 1})
    assert answered.json["frames"] == []
    await eventually(lambda: [m.data.up_to_seq for m in team.marks] == [1])


async def test_a_poll_of_an_ended_session_is_refused(gate: Gate) -> None:
    session = await gate.session()
    token = session["token"]
    await gate.ask("POST", "/poll", token=token, json={"wait": 0})
    waiting = asyncio.create_task(gate.ask("POST", "/poll", token=token, json={"wait": 25}))
    await eventually(lambda: len(gate.world.history.asked) >= 2)
    await gate.ask("DELETE", "/sessions", token=token)
    assert (await waiting).code == "session_ended"


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


async def test_what_an_address_fills_is_bounded_whoever_it_says_it_is(world: WidgetWorld) -> None:
    """A new visitor costs nothing, and the bus keeps messages of all workspaces in one stream."""
    long = message("x" * 60_000)
    async with world.gateway(limits={"text": (100, 0.01)}) as gate:
        answers = []
        for _ in range(3):
            session = await gate.session()
            answers.append((await post(gate, session, long)).json["frames"])
    assert [one[-1]["t"] for one in answers] == ["accepted", "refused", "refused"]
    assert answers[1][0]["code"] == "too_many_messages"
    assert answers[1][0]["retry_s"] > 60
