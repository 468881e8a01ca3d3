"""Sessions over HTTP: who gets one, who keeps one, and what becomes of the one before."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.memory_inbox import Person, Thread
from support.waiting import eventually, until_true
from support.widget import Gate, WidgetWorld


def ends(session: dict[str, Any]) -> timedelta:
    """How long from now."""
    return datetime.fromisoformat(session["expires_at"]) - datetime.now(UTC)


async def test_a_visitor_is_anonymous_first_and_stays_who_they_are(gate: Gate) -> None:
    first = await gate.session()
    assert first["visitor"]["user_id"] is None
    assert first["visitor"]["name"] is None
    assert timedelta(days=179) < ends(first) <= timedelta(days=180)

    again = await gate.session(first["token"])
    assert again["visitor"] == first["visitor"]

    other = await gate.session()
    assert other["visitor"]["id"] != first["visitor"]["id"]


async def test_a_visitor_who_identifies_keeps_their_id_and_loses_the_old_token(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session()
    identified = await gate.session(first["token"], world.proof("u1", name="Ada"))
    assert identified["visitor"] == {**first["visitor"], "user_id": "u1", "name": "Ada"}
    assert timedelta(days=6) < ends(identified) <= timedelta(days=7)

    refused = await gate.sessions(first["token"])
    assert (refused.status, refused.code) == (401, "session_ended")
    assert (await gate.session(identified["token"]))["visitor"] == identified["visitor"]


async def test_a_user_without_another_proof_stays_no_longer(world: WidgetWorld, gate: Gate) -> None:
    first = await gate.session(None, world.proof("u1"))
    again = await gate.session(first["token"])
    assert again["expires_at"] == first["expires_at"]


async def test_proofs_that_nobody_signed_take_no_room_from_real_ones(world: WidgetWorld) -> None:
    async with world.gateway(limits={"proofs": (1, 0.001)}) as gate:
        for _ in range(3):
            forged = {"jwt": world.proof("u1")["jwt"][:-4] + "AAAA"}
            assert (await gate.sessions(None, forged)).code == "identity_refused"
        await gate.session(None, world.proof("u1"))


async def test_proofs_of_one_workspace_leave_room_for_those_of_others(world: WidgetWorld) -> None:
    async with world.gateway(limits={"proofs": (1, 0.001)}) as gate:
        await gate.session(None, world.proof("u1"))
        refused = await gate.sessions(None, world.proof("u2"))
        assert (refused.status, refused.code) == (429, "too_many_requests")
        assert (await gate.session())["visitor"]["user_id"] is None


async def test_the_same_user_again_keeps_visitor_and_session(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session(None, world.proof("u1", name="Ada"))
    again = await gate.session(first["token"], world.proof("u1", name="Ada L."))
    assert again["visitor"] == {**first["visitor"], "name": "Ada L."}
    assert (await gate.session(first["token"]))["visitor"] == first["visitor"]


async def test_another_user_is_another_visitor_who_sees_nothing_of_the_first(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session(None, world.proof("u1"))
    second = await gate.session(first["token"], world.proof("u2"))
    assert second["visitor"]["id"] != first["visitor"]["id"]
    assert (await gate.sessions(first["token"])).code == "session_ended"


@pytest.mark.parametrize("world", ["jetstream"], indirect=True)
async def test_two_who_identify_by_one_session_at_once_are_not_one_visitor(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session()
    users = ("ada", "mallory")
    async with world.gateway() as other:
        answers = await asyncio.gather(
            *(
                replica.sessions(first["token"], world.proof(user))
                for user in users
                for replica in (gate, other)
            )
        )
    # One user has won, by both replicas and as the same visitor; the other has not.
    granted = [one.json["visitor"] for one in answers if one.status == 200]
    assert granted == [granted[0]] * 2
    assert granted[0]["id"] == first["visitor"]["id"]
    assert [one.code for one in answers if one.status != 200] == ["session_ended"] * 2


async def test_an_identification_whose_answer_was_lost_is_answered_again(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session()
    proof = world.proof("u1")
    lost = await gate.session(first["token"], proof)
    async with world.gateway() as other:
        again = await other.session(first["token"], proof)
        assert again["visitor"] == lost["visitor"]
        assert again["visitor"]["id"] == first["visitor"]["id"]
        assert (await other.sessions(None, proof)).code == "identity_replayed"
        # One session, however often it was handed out: to leave it is to leave it.
        assert (await other.ask("DELETE", "/sessions", token=again["token"])).status == 204
    assert (await gate.sessions(lost["token"])).code == "session_ended"
    assert (await gate.sessions(first["token"], world.proof("u1"))).code == "session_ended"


async def test_two_browsers_of_one_user_are_two_visitors(world: WidgetWorld, gate: Gate) -> None:
    one = await gate.session(None, world.proof("u1"))
    other = await gate.session(None, world.proof("u1"))
    assert one["visitor"]["id"] != other["visitor"]["id"]


async def test_an_ended_session_is_over_on_every_replica(world: WidgetWorld, gate: Gate) -> None:
    session = await gate.session()
    async with world.gateway() as other:
        assert (await other.ask("DELETE", "/sessions", token=session["token"])).status == 204
        refused = await gate.sessions(session["token"])
        assert (refused.status, refused.code) == (401, "session_ended")
        again = await gate.ask("DELETE", "/sessions", token=session["token"])
        assert again.code == "session_ended"


async def heard(world: WidgetWorld) -> bool:
    return bool(await world.inbound())


async def test_the_inbox_hears_the_name_of_a_visitor_it_knows(
    world: WidgetWorld, gate: Gate
) -> None:
    first = await gate.session()
    somebody = Person({("visitor", first["visitor"]["id"])})
    world.history.people.append(somebody)
    world.history.threads.append(Thread(somebody, datetime.now(UTC)))
    proof = world.proof("u1", name="Ada", email="ada@shop.example")
    await gate.session(first["token"], proof)

    await until_true(lambda: heard(world))
    (event,) = await world.inbound()
    visitor_id = first["visitor"]["id"]
    assert event["type"] == "sluice.contact.v1"
    assert event["account"] == world.account
    assert event["data"]["reason"] == "identified"
    assert event["data"]["contact"] == {
        "aliases": [{"kind": "user", "value": "u1"}, {"kind": "visitor", "value": visitor_id}],
        "external_id": "u1",
        "name": "Ada",
        "name_proven": True,
        "email": "ada@shop.example",
        "email_proven": True,
    }
    (asked,) = world.history.asked
    assert [(alias.kind, alias.value) for alias in asked.aliases] == [("visitor", visitor_id)]


async def test_the_inbox_hears_nothing_of_a_visitor_who_wrote_nothing(world: WidgetWorld) -> None:
    async with world.gateway() as gate:
        first = await gate.session()
        await gate.session(first["token"], world.proof("u1"))
        await gate.session(None, world.proof("u2"))
    # The gateway is gone, and has looked for the last time.
    assert await world.inbound() == []
    assert {asked.aliases[0].value for asked in world.history.asked} == {first["visitor"]["id"]}


async def test_an_ended_session_is_told_to_whoever_holds_its_sockets(
    world: WidgetWorld, gate: Gate
) -> None:
    heard: list[str] = []

    async def hear(subject: str, _body: bytes) -> None:
        heard.append(subject)

    session = await gate.session(None, world.proof("u1"))
    await world.rig.bus.listen(f"visitor.{world.channel_id}.*", hear)
    assert (await gate.ask("DELETE", "/sessions", token=session["token"])).status == 204
    await eventually(lambda: len(set(heard)) == 2)
