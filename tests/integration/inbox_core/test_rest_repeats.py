"""Repeated requests: one Idempotency-Key, one effect, one answer."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID, uuid4

import pytest

from inbox_core.app.idempotency import Claimed, InFlight, Replay, RequestKey, Reused
from support.rest import Answer, Rest
from support.seeds import Person, add_conversation


@pytest.fixture
async def thread(rest: Rest) -> UUID:
    return await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")


async def send(
    rest: Rest, thread: UUID, key: str, *, client_msg_id: str | None = None,
    text: str = "hello", by: Person | None = None,
) -> Answer:  # fmt: skip
    body = {"text": text, "client_msg_id": client_msg_id or "c1"}
    path = f"/conversations/{thread}/messages"
    return await rest.post(path, body, by=by, headers={"Idempotency-Key": key})


async def count(rest: Rest) -> int:
    found: int = await rest.admin.fetchval(
        "SELECT count(*) FROM messages WHERE direction = 'outbound'"
    )
    return found


async def test_a_repeat_gets_the_first_answer(rest: Rest, thread: UUID) -> None:
    first = await send(rest, thread, "k1")
    again = await send(rest, thread, "k1")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(rest) == 1


async def test_one_key_is_one_request(rest: Rest, thread: UUID) -> None:
    await send(rest, thread, "k1")
    other = await send(rest, thread, "k1", client_msg_id="c2")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    elsewhere = await rest.post(
        f"/conversations/{thread}/transitions", {"to": "closed"}, headers={"Idempotency-Key": "k1"}
    )
    assert elsewhere.status == 422
    assert await count(rest) == 1


async def test_a_key_is_ones_own(rest: Rest, thread: UUID) -> None:
    await send(rest, thread, "k1")
    answer = await send(rest, thread, "k1", client_msg_id="c2", by=rest.people["support"])
    assert answer.status == 201
    assert await count(rest) == 2


async def test_at_once_is_still_once(rest: Rest, thread: UUID) -> None:
    answers = await asyncio.gather(*(send(rest, thread, "k1") for _ in range(8)))
    statuses = {answer.status for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert {a.json["code"] for a in answers if a.status == 409} <= {"request_in_flight"}
    assert await count(rest) == 1


async def test_a_refusal_may_be_tried_again(rest: Rest, thread: UUID) -> None:
    await rest.admin.execute("UPDATE channels SET enabled = false")
    assert (await send(rest, thread, "k1")).status == 409
    await rest.admin.execute("UPDATE channels SET enabled = true")
    assert (await send(rest, thread, "k1")).status == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
async def test_a_key_is_a_word(rest: Rest, thread: UUID, key: str) -> None:
    answer = await send(rest, thread, key)
    assert answer.status == 422
    assert answer.json["errors"][0]["parameter"] == "Idempotency-Key"


def request(rest: Rest, key: str = "k", body: bytes = b"") -> RequestKey:
    return RequestKey(rest.workspace, "user:1", key, hashlib.sha256(body).digest())


async def age(rest: Rest, interval: str) -> None:
    await rest.admin.execute(
        "UPDATE idempotency_keys SET created_at = created_at - $1::text::interval", interval
    )


STORY: list[Any] = [
    # answered?, age, other body?, then the claim is
    (False, "59 seconds", False, InFlight()),
    (False, "61 seconds", False, Claimed()),
    (False, "61 seconds", True, Reused()),
    (True, "61 seconds", False, Replay(201, b"{}")),
    (True, "23 hours", True, Reused()),
    (True, "25 hours", False, Claimed()),
    (True, "25 hours", True, Claimed()),
]


@pytest.mark.parametrize(("answered", "old", "other", "expected"), STORY)
async def test_a_claim_ages(
    rest: Rest, old: str, expected: object, *, answered: bool, other: bool
) -> None:
    repeats = rest.parts.repeats
    assert await repeats.claim(request(rest)) == Claimed()
    if answered:
        await repeats.keep(request(rest), 201, b"{}")
    await age(rest, old)
    assert await repeats.claim(request(rest, body=b"x" if other else b"")) == expected


async def test_old_answers_are_thrown_away(rest: Rest) -> None:
    repeats = rest.parts.repeats
    for number in range(3):
        await repeats.claim(request(rest, f"old {number}"))
    await age(rest, "25 hours")
    await repeats.claim(request(rest, "new"))
    assert await repeats.purge() == 3
    assert await repeats.purge() == 0
    assert await rest.admin.fetchval("SELECT key FROM idempotency_keys") == "new"


async def test_keys_of_another_workspace_are_out_of_sight(rest: Rest) -> None:
    await rest.parts.repeats.claim(request(rest))
    theirs = RequestKey(uuid4(), "user:1", "k", b"x" * 32)
    assert await rest.parts.repeats.claim(theirs) == Claimed()
