"""What is said gets there once, what is answered is shown; what happens beside it is told."""

from typing import Any
from uuid import uuid4

import pytest

from support.gate_socket import message, talk_to, talking, text_of
from support.lines import post, said
from support.rigs import Rig
from support.team import Team
from support.waiting import eventually
from support.widget import Gate, WidgetWorld


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
        team.close(team.thread(talk.name))
        await team.act(talk.name, "refresh")
        assert (await talk.next("history"))["threads"][0]["ask"] is True
        rate = {"t": "rate", "id": str(uuid4()), "conversation": conversation, "score": 5}
        await talk.send(rate)
        assert (await talk.next("accepted"))["id"] == rate["id"]
        await eventually(lambda: bool(team.ratings))
        await team.act(talk.name, "refresh")
        head = (await talk.next("history"))["threads"][0]
        assert (head["ask"], head["rating"]) == (False, 5)


async def test_a_blocked_visitor_is_told_neutrally(gate: Gate, team: Team) -> None:
    session = await gate.session()
    async with talking(gate, session) as talk:
        await said(talk, team)
        team.thread(talk.name).person.blocked = True
        await team.act(talk.name, "refresh")
        await talk.next("unavailable")
        assert await talk.closed() == 1000
    again = await talk_to(gate, session, greeted=False)
    await again.next("unavailable")
    assert await again.closed() == 1000


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
