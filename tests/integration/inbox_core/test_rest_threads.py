"""A thread over REST: paging, replies, retries, read marks, status."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from inbox_core.domain.delivery import Rank, Stage
from support.rest import Answer, Rest
from support.seeds import add_conversation


@pytest.fixture
async def thread(rest: Rest) -> UUID:
    return await add_conversation(rest.admin, rest.workspace, rest.channel, *"abcdefg")


def seqs(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.body
    return [row["seq"] for row in answer.json["items"]]


async def reply(rest: Rest, thread: UUID, text: str = "hello", **more: Any) -> Answer:
    body = {"text": text, "client_msg_id": more.pop("client_msg_id", uuid4().hex)}
    return await rest.post(f"/conversations/{thread}/messages", body, **more)


async def move(rest: Rest, thread: UUID, to: str, **headers: str) -> Answer:
    return await rest.post(f"/conversations/{thread}/transitions", {"to": to}, headers=headers)


async def test_a_thread_is_paged_from_its_end(rest: Rest, thread: UUID) -> None:
    path = f"/conversations/{thread}/messages?limit=3"
    first = await rest.get(path)
    assert (seqs(first), first.json["prev_cursor"]) == ([7, 6, 5], None)
    second = await rest.get(f"{path}&cursor={first.json['next_cursor']}")
    assert seqs(second) == [4, 3, 2]
    third = await rest.get(f"{path}&cursor={second.json['next_cursor']}")
    assert (seqs(third), third.json["next_cursor"]) == ([1], None)
    assert seqs(await rest.get(f"{path}&cursor={third.json['prev_cursor']}")) == [4, 3, 2]


NUMBERS: list[Any] = [
    ("after_seq=0&limit=2", [2, 1], True, False),
    ("after_seq=5", [7, 6], False, True),
    ("after_seq=7", [], False, False),
    ("before_seq=3", [2, 1], True, False),
    ("before_seq=1", [], False, False),
    ("before_seq=100&limit=2", [7, 6], False, True),
]


@pytest.mark.parametrize(("query", "expected", "newer", "older"), NUMBERS)
async def test_a_thread_is_asked_by_number(
    rest: Rest, thread: UUID, query: str, expected: list[int], *, newer: bool, older: bool
) -> None:
    answer = await rest.get(f"/conversations/{thread}/messages?{query}")
    assert seqs(answer) == expected
    assert (answer.json["prev_cursor"] is not None) == newer
    assert (answer.json["next_cursor"] is not None) == older


async def test_one_place_at_a_time(rest: Rest, thread: UUID) -> None:
    answer = await rest.get(f"/conversations/{thread}/messages?before_seq=3&after_seq=1")
    assert answer.status == 422


async def test_a_reply_is_stored_queued_and_shown(rest: Rest, thread: UUID) -> None:
    answer = await reply(rest, thread, "hello <b>you</b>", by=rest.people["support"])
    assert answer.status == 201
    message = answer.json
    [part] = message["parts"]
    assert (part["kind"], part["text"], part["degraded"]) == ("text", "hello <b>you</b>", [])
    assert (message["seq"], message["delivery"]["state"]) == (8, "sending")
    assert message["author"]["type"] == "user"
    [shown, *_] = (await rest.get(f"/conversations/{thread}/messages")).json["items"]
    assert shown == message
    row = (await rest.get(f"/conversations/{thread}")).json
    assert row["preview"]["text"].startswith("You: hello")
    lanes = await rest.admin.fetch("SELECT lane FROM outbox ORDER BY lane")
    assert [lane["lane"] for lane in lanes] == ["changes", "commands"]


async def test_a_reply_without_an_id_of_its_own_gets_one(rest: Rest, thread: UUID) -> None:
    answers = [await rest.post(f"/conversations/{thread}/messages", {"text": "hi"}) for _ in "ab"]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json["client_msg_id"] != answers[1].json["client_msg_id"]


async def test_the_same_client_id_is_the_same_message(rest: Rest, thread: UUID) -> None:
    first = await reply(rest, thread, client_msg_id="c1")
    again = await reply(rest, thread, "other words", client_msg_id="c1")
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json


SAME = {"id": "a", "title": "A"}
REFUSED: list[Any] = [
    ({"text": "", "client_msg_id": "c"}, "/text"),
    ({"text": " \n ", "client_msg_id": "c"}, "/text"),
    ({"text": "x" * 20_001, "client_msg_id": "c"}, "/text"),
    ({"client_msg_id": "c"}, ""),
    ({"text": "hi", "parts": [{"type": "text", "text": "hi"}]}, ""),
    ({"parts": []}, "/parts"),
    ({"parts": [{"type": "text", "text": "hi"}] * 11}, "/parts"),
    ({"parts": [{"type": "text", "text": ""}]}, "/parts/0/text"),
    ({"parts": [{"type": "image", "text": "hi"}]}, "/parts/0"),
    ({"parts": [{"type": "buttons", "text": "?", "buttons": [SAME, SAME]}]}, "/parts/0"),
    ({"parts": [{"type": "file", "kind": "image"}]}, "/parts/0"),
    ({"parts": [{"type": "file", "url": "http://x.example/a", "kind": "image"}]}, "/parts/0/url"),
    ({"parts": [{"type": "text", "text": "x" * 15_000}] * 2}, ""),
    ({"text": 5, "client_msg_id": "c"}, "/text"),
    ({"text": "hi", "client_msg_id": "not this!"}, "/client_msg_id"),
    ({"text": "hi", "client_msg_id": "c", "as": "someone"}, "/as"),
    ({"text": "hi", "client_msg_id": "c", "a/b~c": 1}, "/a~1b~0c"),
    (["text"], ""),
]


@pytest.mark.parametrize(("body", "pointer"), REFUSED)
async def test_a_wrong_value_is_named(rest: Rest, thread: UUID, body: Any, pointer: str) -> None:
    answer = await rest.post(f"/conversations/{thread}/messages", body)
    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


async def test_a_channel_that_is_off_sends_nothing(rest: Rest, thread: UUID) -> None:
    await rest.admin.execute("UPDATE channels SET enabled = false")
    answer = await reply(rest, thread)
    assert (answer.status, answer.json["code"]) == (409, "not_sendable")
    assert answer.json["current"]["id"] == str(thread)


async def test_a_failed_message_is_sent_again_and_only_that(rest: Rest, thread: UUID) -> None:
    message = (await reply(rest, thread)).json["id"]
    path = f"/conversations/{thread}/messages/{message}/retry"
    answer = await rest.post(path)
    assert (answer.status, answer.json["code"]) == (409, "not_retryable")
    await rest.admin.execute(
        "UPDATE deliveries SET rank = $1, stage = $2", int(Rank.FAILED), int(Stage.SETTLED)
    )
    answer = await rest.post(path)
    assert answer.status == 202
    assert (answer.json["delivery"]["attempt"], answer.json["delivery"]["state"]) == (2, "sending")
    assert (await rest.post(f"/conversations/{uuid4()}/messages/{message}/retry")).status == 404


async def test_read_marks_are_shared_and_move_forward_only(rest: Rest, thread: UUID) -> None:
    path = f"/conversations/{thread}/read"
    viewer = rest.people["viewer"]
    read = await rest.ask("PUT", path, {"up_to_seq": 5}, by=viewer)
    assert (read.json["unread_count"], read.json["read_seq"]) == (2, 5)
    older = await rest.ask("PUT", path, {"up_to_seq": 3})
    assert (older.json["read_seq"], older.json["version"]) == (5, read.json["version"])
    assert (await rest.ask("PUT", path, {"up_to_seq": 99})).json["unread_count"] == 0
    unread = await rest.ask("DELETE", path, by=viewer)
    assert (unread.json["unread_count"], unread.json["read_seq"]) == (1, 6)
    assert (await rest.ask("PUT", path, {"up_to_seq": -1})).status == 422


async def test_a_status_moves_along_the_machine(rest: Rest, thread: UUID) -> None:
    closed = await move(rest, thread, "closed")
    assert (closed.status, closed.json["status"]) == (200, "closed")
    again = await move(rest, thread, "closed")
    assert (again.status, again.json["version"]) == (200, closed.json["version"])
    wrong = await move(rest, thread, "pending")
    assert (wrong.status, wrong.json["code"]) == (409, "invalid_transition")
    assert wrong.json["allowed"] == ["open", "archived"]
    assert wrong.json["current"] == closed.json
    pending = await rest.post(
        f"/conversations/{thread}/transitions", {"to": "open", "reason": "other"}
    )
    assert pending.json["closed_at"] is None
    history = await rest.admin.fetch("SELECT actor_id FROM audit_log")
    owner = str(rest.people["owner"].token_id)
    assert [row["actor_id"] for row in history] == [owner, owner]


async def test_a_transition_of_a_version_nobody_has_any_more(rest: Rest, thread: UUID) -> None:
    tag = (await rest.get(f"/conversations/{thread}")).headers["ETag"]
    assert (await move(rest, thread, "closed", **{"If-Match": tag})).status == 200
    late = await move(rest, thread, "open", **{"If-Match": tag})
    assert (late.status, late.json["code"]) == (412, "version_mismatch")
    assert late.json["current"]["status"] == "closed"
    for nonsense in ("41", 'W/"v1"', '"x"', '"v"', '"v\xb2"'):
        answer = await move(rest, thread, "open", **{"If-Match": nonsense})
        assert answer.status == 412, nonsense
    assert (await move(rest, thread, "open", **{"If-Match": "*"})).status == 200


async def test_a_closed_conversation_of_a_contact_who_wrote_anew_stays_closed(
    rest: Rest, thread: UUID
) -> None:
    await move(rest, thread, "closed")
    await rest.admin.execute(
        "INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id,"
        " last_message_at) SELECT workspace_id, gen_random_uuid(), channel_id, identity_id,"
        " contact_id, now() FROM conversations"
    )
    answer = await move(rest, thread, "open")
    assert (answer.status, answer.json["code"]) == (409, "live_conversation_exists")
