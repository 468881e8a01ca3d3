"""Whole paths over real processes: a person's message to the screen, an answer to the person."""

import asyncio
import secrets
from typing import Any

import pytest

from metagraph.emulator.bodies import Item, contact, envelope
from metagraph.emulator.ids import inbound_wamid
from support.outside import Outside


def line(words: str) -> str:
    """A text nobody else has written."""
    return f"{words} {secrets.token_hex(4)}"


def types_of(frames: list[dict[str, Any]], entity: str) -> list[str]:
    return [frame["type"] for frame in frames if frame.get("id") == entity]


async def test_a_message_comes_in_and_an_answer_goes_out_and_is_read(world: Outside) -> None:
    phone, question, answer = world.person(), line("Where is it?"), line("On its way.")
    await world.writes(phone, question)
    shown = await world.appears(question)
    assert shown["direction"] == "inbound"
    row = world.screen.state.entities[shown["conversation_id"]].data
    assert row["preview"]["text"] == question
    assert row["unread_count"] == 1

    reply = await world.inbox.reply(shown["conversation_id"], answer, secrets.token_hex(8))
    read = await world.delivered(answer, "read")
    assert read["id"] == reply["id"]

    [sent] = await world.ledger_of(phone)
    assert sent["body"]["text"]["body"] == answer
    assert sent["ref"].startswith(f"{reply['id']}.1.")
    assert types_of(world.frames, reply["id"])[0] == "message.created"
    assert set(types_of(world.frames, reply["id"])[1:]) == {"message.delivery_changed"}
    states = [
        frame["data"]["delivery"]["state"]
        for frame in world.frames
        if frame.get("id") == reply["id"]
    ]
    order = ["queued", "sending", "unknown", "sent", "delivered", "read"]
    assert [order.index(state) for state in states] == sorted(order.index(s) for s in states)

    thread = await world.stored(shown["conversation_id"])
    assert [message["id"] for message in thread] == [shown["id"], reply["id"]]
    assert thread[1] == read


@pytest.mark.parametrize("batch", [1, 5])
async def test_what_comes_twice_is_stored_and_shown_once(world: Outside, batch: int) -> None:
    phone, texts = world.person(), [line(f"Number {n}") for n in range(20)]
    manner = {"batch": batch, "duplicates": 1.0, "shuffle": True, "seed": 11}
    await world.writes(phone, *texts, **manner)
    shown = [await world.appears(text) for text in texts]
    [conversation] = {message["conversation_id"] for message in shown}
    stored = await world.stored(conversation)
    assert {message["id"] for message in stored} == {message["id"] for message in shown}
    assert len(stored) == len(texts)
    assert [message["seq"] for message in stored] == list(range(1, len(texts) + 1))
    assert world.screen.tally.shown_twice == 0


async def test_the_same_client_id_is_one_message(world: Outside) -> None:
    phone, question, answer = world.person(), line("Twice?"), line("Once.")
    await world.writes(phone, question)
    conversation = (await world.appears(question))["conversation_id"]
    client_msg_id = secrets.token_hex(8)
    made = await asyncio.gather(
        *(world.inbox.reply(conversation, answer, client_msg_id) for _ in range(5))
    )
    assert len({message["id"] for message in made}) == 1
    await world.delivered(answer, "read")
    assert len(await world.ledger_of(phone)) == 1


@pytest.mark.parametrize("signature", ["wrong", "none"])
async def test_an_unsigned_webhook_is_refused_and_leaves_nothing(
    world: Outside, signature: str
) -> None:
    """The next message is stored behind where it would have been, and it is not there."""
    phone, forged, real = world.person(), line("Forged"), line("Real")
    refused = await world.emulator.raw(_webhook(world, phone, forged), signature)
    assert refused["status"] == 401
    await world.writes(phone, real)
    conversation = (await world.appears(real))["conversation_id"]
    assert len(await world.stored(conversation)) == 1
    assert world.shown(forged) == []


async def test_a_send_that_the_platform_refuses_is_shown_as_failed(world: Outside) -> None:
    phone, question, answer = world.person(), line("Hello?"), line("Too late.")
    await world.writes(phone, question)
    conversation = (await world.appears(question))["conversation_id"]
    await world.emulator.script({"do": "error", "code": 131047, "match": {"to": phone}})
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    failed = await world.delivered(answer, "failed")
    assert failed["delivery"]["problem"]["message"]
    assert failed["delivery"]["retryable"]
    assert await world.ledger_of(phone) == []


async def test_an_answer_that_got_lost_is_settled_by_its_callback(world: Outside) -> None:
    """The platform accepts and cuts the line: unknown until its status brings our id back."""
    phone, question, answer = world.person(), line("Hello?"), line("Hello!")
    await world.writes(phone, question)
    conversation = (await world.appears(question))["conversation_id"]
    await world.emulator.script({"do": "accept_then_reset", "match": {"to": phone}})
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await world.delivered(answer, "read")
    assert len(await world.ledger_of(phone)) == 1


def _webhook(world: Outside, phone: str, text: str) -> bytes:
    message = {
        "id": inbound_wamid(phone), "from": phone, "timestamp": "1700000000",
        "type": "text", "text": {"body": text},
    }  # fmt: skip
    account = world.stack.channels["whatsapp"].account
    return envelope([Item(account, "messages", message, contact(phone, None))])
