"""What a line does not take, and what it says then."""

from typing import Any

import pytest

from support.gate_socket import GateSocket, message, open_socket, talk_to, talking
from support.lines import post, said
from support.team import Team
from support.widget import Gate, WidgetWorld


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
    talk = GateSocket(await open_socket(gate), {})
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
