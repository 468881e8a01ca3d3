"""The long poll says and hears what a socket does."""

import asyncio

from support.gate_socket import message, text_of
from support.team import Team
from support.waiting import eventually
from support.widget import Gate


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
