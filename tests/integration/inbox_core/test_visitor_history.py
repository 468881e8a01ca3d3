"""What visitors are told of their own threads: all of it, in order, and nothing of anybody else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import to_json

from bus.errors import Ambiguous
from contracts import subjects
from contracts.parts import Part
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryMessage, HistoryRequest
from filestore.keys import key_for
from inbox_core.app.plan import new_id
from inbox_core.domain.actors import Actor
from support.inbox import ANA
from support.rigs import Rig, make_rig
from support.threads import SITE, TYPE, Threads, alias, texts

NOTHING = HistoryAnswer()


async def test_a_thread_as_its_visitor_sees_it(threads: Threads) -> None:
    await threads.say("v1", text="hi", external_id="v1:first")
    sent = await threads.answer("v1", "Hello there")
    await threads.say("v1", text="thanks")
    answer = await threads.history("v1")
    [head] = answer.threads
    assert (head.open, head.last_seq, head.read_seq, head.rating) == (True, 3, 0, None)
    assert head.id == await threads.thread("v1")
    assert not answer.more
    assert not answer.blocked
    assert [(m.seq, m.by, m.author) for m in answer.messages] == [
        (1, "contact", None),
        (2, "user", "Ana from Demo"),
        (3, "contact", None),
    ]
    assert texts(answer.messages) == ["hi", "Hello there", "thanks"]
    assert answer.messages[0].external_id == "v1:first"
    assert (answer.messages[1].id, answer.messages[1].external_id) == (sent.id, None)


async def test_where_nobody_is_nothing_is_told(threads: Threads) -> None:
    await threads.say("v1")
    assert await threads.history("v2") == NOTHING
    assert await threads.history("v\x001") == NOTHING
    assert await threads.history("v1", account="another-site") == NOTHING
    assert await threads.history("v1", account="a\x00") == NOTHING
    assert await threads.history("v1", type="whatsapp") == NOTHING
    assert await threads.history("u:v1") == NOTHING
    admin = threads.inbox.admin
    assert await admin.fetchval("SELECT count(*) FROM identities") == 1
    await admin.execute("UPDATE channels SET enabled = false")
    assert await threads.history("v1") == NOTHING


async def test_a_type_that_shows_no_threads_is_told_none(threads: Threads) -> None:
    await threads.say("v1")
    can = threads.inbox.book.of(TYPE)
    threads.inbox.book.note(can.model_copy(update={"threads": False}))
    assert await threads.history("v1") == NOTHING


async def test_what_is_not_for_visitors_is_passed_over(threads: Threads) -> None:
    for word in ("one", "note", "event", "hidden", "blocked", "unsupported", "two"):
        await threads.say("v1", text=word)
    admin, thread = threads.inbox.admin, await threads.thread("v1")
    for seq, change in enumerate(
        (
            "direction = 'internal', author_type = 'user'",
            "kind = 'event'",
            "hidden = true",
            "blocked = true",
            "kind = 'unsupported'",
        ),
        start=2,
    ):
        await admin.execute(f"UPDATE messages SET {change} WHERE seq = {seq}")  # noqa: S608 - a test's own words
    for more in ({}, {"after": {thread: 0}}, {"before": (thread, 100)}):
        answer = await threads.history("v1", **more)
        assert texts(answer.messages) == ["one", "two"]
        assert not answer.more
    await admin.execute("UPDATE messages SET hidden = true WHERE seq = 7")
    [head] = (await threads.history("v1")).threads
    assert head.last_seq == 1


async def everything(threads: Threads, *names: str, **more: Any) -> list[HistoryMessage]:
    """Ask until there is no more, as the channel does."""
    told: list[HistoryMessage] = []
    cursors: dict[UUID, int] = dict(more.pop("after"))
    for _ in range(100):
        answer = await threads.history(*names, after=cursors, **more)
        for message in answer.messages:
            assert message.seq > cursors[message.conversation_id]
            cursors[message.conversation_id] = message.seq
        told += answer.messages
        if not answer.more:
            return told
        assert answer.messages, "no way forward"
    raise AssertionError("no end")


async def closed(threads: Threads, name: str) -> UUID:
    """A thread that was ended long ago: the next word begins a new one."""
    thread = await threads.thread(name)
    await threads.inbox.admin.execute(
        "UPDATE conversations SET status = 2, closed_at = $2, last_message_at = $2 WHERE id = $1",
        thread,
        datetime.now(UTC) - timedelta(days=30),
    )
    return thread


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_past_the_cursors_nothing_is_missing(threads: Threads, limit: int) -> None:
    for number in range(5):
        await threads.say("v1", text=f"old {number}")
    old = await closed(threads, "v1")
    for number in range(4):
        await threads.say("v1", text=f"new {number}")
    new = await threads.thread("v1")
    assert new != old
    told = await everything(threads, "v1", after={old: 2, new: 1}, limit=limit)
    assert sorted((m.conversation_id == new, m.seq) for m in told) == [
        (False, 3), (False, 4), (False, 5), (True, 2), (True, 3), (True, 4),
    ]  # fmt: skip
    assert await everything(threads, "v1", after={old: 5, new: 4}) == []
    assert await everything(threads, "v1", after={old: 2**40, new: 2**40}) == []


async def test_who_knows_nothing_is_told_the_end_of_the_newest(threads: Threads) -> None:
    await threads.say("v1", text="long ago")
    old = await closed(threads, "v1")
    for number in range(6):
        await threads.say("v1", text=str(number))
    new = await threads.thread("v1")
    answer = await threads.history("v1", limit=4)
    assert texts(answer.messages) == ["2", "3", "4", "5"]
    assert [head.id for head in answer.threads] == [new, old]
    assert [head.open for head in answer.threads] == [True, False]
    assert not answer.more
    older = await threads.history("v1", before=(new, 3), limit=1)
    assert (texts(older.messages), older.more, older.threads) == (["1"], True, ())
    rest = await threads.history("v1", before=(new, 2))
    assert (texts(rest.messages), rest.more) == (["0"], False)
    assert texts((await threads.history("v1", before=(old, 2**40))).messages) == ["long ago"]
    # With the newest full, what else is new has to wait.
    answer = await threads.history("v1", after={old: 0}, limit=6)
    assert (texts(answer.messages), answer.more) == ([str(n) for n in range(6)], True)


async def test_no_answer_is_much_larger_than_a_mebibyte(threads: Threads) -> None:
    for number in range(5):
        await threads.say("v1", text=str(number) * 700_000)
    thread = await threads.thread("v1")
    answer = await threads.history("v1", after={thread: 0})
    assert ([m.seq for m in answer.messages], answer.more) == ([1, 2], True)
    told = await everything(threads, "v1", after={thread: 0})
    assert [m.seq for m in told] == [1, 2, 3, 4, 5]
    newest = await threads.history("v1")
    assert ([m.seq for m in newest.messages], newest.more) == ([4, 5], False)
    older = await threads.history("v1", before=(thread, 4))
    assert ([m.seq for m in older.messages], older.more) == ([2, 3], True)


async def test_at_most_twenty_threads(threads: Threads) -> None:
    for number in range(22):
        if number:
            await closed(threads, "v1")
        await threads.say("v1", text=str(number))
    answer = await threads.history("v1")
    assert len(answer.threads) == 20
    assert answer.threads[0].open
    assert texts(answer.messages) == ["21"]


async def test_somebody_of_two_names_sees_the_threads_of_both(threads: Threads) -> None:
    await threads.say("v1", text="as a stranger")
    await threads.say("u:ana", "v0", text="as a customer")
    both = await threads.history("u:ana", "v1")
    assert {head.id for head in both.threads} == {
        await threads.thread("v1"),
        await threads.thread("u:ana"),
    }
    assert texts((await threads.history("v1")).messages) == ["as a stranger"]
    assert len((await threads.history("v0")).threads) == 1


async def block(threads: Threads, name: str) -> None:
    await threads.inbox.admin.execute(
        "UPDATE contacts SET blocked_at = now() WHERE id ="
        " (SELECT contact_id FROM conversations WHERE id = $1)",
        await threads.thread(name),
    )


async def test_who_is_blocked_is_told_only_that(threads: Threads) -> None:
    await threads.say("v1", text="as a stranger")
    await threads.say("u:ana", text="as a customer")
    await block(threads, "v1")
    assert await threads.history("v1") == HistoryAnswer(blocked=True)
    assert await threads.history("v1", "u:ana") == HistoryAnswer(blocked=True)
    thread = await threads.thread("v1")
    assert await threads.history("v1", before=(thread, 9)) == HistoryAnswer(blocked=True)
    weaker = await threads.history("u:ana", "v1", after={thread: 0})
    assert texts(weaker.messages) == ["as a customer"]
    assert await threads.history("u:ana", "v1", before=(thread, 9)) == NOTHING


async def test_threads_of_others_are_nobodys(threads: Threads) -> None:
    await threads.say("v1", text="mine")
    await threads.say("v2", text="theirs")
    theirs = await threads.thread("v2")
    assert await threads.history("v1", before=(theirs, 100)) == NOTHING
    assert texts((await threads.history("v1", after={theirs: 0})).messages) == ["mine"]
    assert await threads.history("v1", before=(uuid4(), 100)) == NOTHING


async def add_file(threads: Threads, **fields: Any) -> str:
    workspace, file = threads.inbox.workspace_id, new_id()
    await threads.inbox.admin.execute(
        "INSERT INTO files (workspace_id, id, key, purpose, mime_type, size, sha256, filename,"
        " purge_at) VALUES ($1, $2, $3, 'upload', 'image/png', 7, 'aa', 'cat.png', $4)",
        workspace,
        file,
        key_for(workspace, "upload", file),
        fields.get("purge_at"),
    )
    return str(file)


async def test_files_are_told_as_long_as_they_are_there(threads: Threads) -> None:
    await threads.say("v1")
    there = await add_file(threads)
    gone = await add_file(threads, purge_at=datetime.now(UTC))
    ready = {"ref": "platform-token", "url": "https://x.example/?sig=1", "state": "ready"}
    parts = [
        {"kind": "image", "text": "look", "media": {**ready, "file_id": there}},
        {"kind": "image", "media": {**ready, "file_id": gone, "filename": "dog.png"}},
        {"kind": "image", "media": {**ready, "file_id": str(uuid4())}},
        {"kind": "audio", "media": {"ref": "platform-token", "state": "pending"}},
        {"kind": "video", "media": {"ref": "https://v.example/v", "policy": "link",
                                    "state": "link"}},
    ]  # fmt: skip
    await threads.inbox.admin.execute(
        "UPDATE messages SET parts = $1::text::jsonb", to_json(parts).decode()
    )
    [message] = (await threads.history("v1")).messages
    first, second, third, fourth, fifth = (part.media for part in message.parts)
    assert first is not None
    assert first.stored is not None
    assert (first.stored.filename, first.stored.size) == ("cat.png", 7)
    assert first.stored.key.startswith(f"{threads.inbox.workspace_id}/upload/")
    assert second is not None
    assert (second.stored, second.filename) == (None, "dog.png")
    assert third is not None
    assert third.stored is None
    assert fourth is not None
    assert fourth.stored is None
    assert fifth is not None
    assert fifth.ref == "https://v.example/v"
    assert "token" not in message.model_dump_json()


async def test_a_message_taken_back_keeps_its_place(threads: Threads) -> None:
    await threads.say("v1", text="oops")
    await threads.inbox.admin.execute("UPDATE messages SET parts = '[]', deleted_at = now()")
    [message] = (await threads.history("v1")).messages
    assert (message.seq, message.deleted, message.parts) == (1, True, ())


async def test_what_was_read_is_the_workspaces_to_tell(threads: Threads) -> None:
    await threads.say("v1")
    admin = threads.inbox.admin
    await admin.execute("UPDATE conversations SET read_seq = 1")
    [head] = (await threads.history("v1")).threads
    assert head.read_seq == 1
    await admin.execute("""UPDATE workspaces SET settings = '{"read_receipts": false}'""")
    [head] = (await threads.history("v1")).threads
    assert head.read_seq == 0


async def test_each_closing_asks_for_a_rating_of_its_own(threads: Threads) -> None:
    """Who comes back within the week goes on in the same conversation."""
    await threads.say("v1")
    admin, told = threads.inbox.admin, []
    for change in (
        "status = 2, closed_at = now()",
        "csat_customer = 4, csat_customer_at = now() - interval '1 second'",
        "status = 0, closed_at = NULL",
        "status = 2, closed_at = now() + interval '1 hour'",
    ):
        await admin.execute(f"UPDATE conversations SET {change}")  # noqa: S608 - a test's own words
        told += [head.rating for head in (await threads.history("v1")).threads]
    assert told == [None, 4, 4, None]


async def test_names_over_messages_are_those_of_members(threads: Threads) -> None:
    await threads.say("v1")
    thread = await threads.thread("v1")
    token = Actor("token", str(uuid4()), "Backup script", ANA.id)
    for number, (by, author, name) in enumerate(
        [
            ("user", token.author_id, token.name),
            ("user", "another-app", None),
            ("user", str(uuid4()), "Somebody who left"),
            ("ai", None, "Sluice"),
            ("system", None, None),
        ]
    ):
        await threads.inbox.admin.execute(
            "INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction,"
            " kind, author_type, author_id, author_name, parts, sent_at, created_at)"
            " VALUES ($1, $2, $3, $4, $5, 'outbound', 'message', $6, $7, $8, '[]', now(), now())",
            threads.inbox.workspace_id, thread, number + 2, uuid4(), threads.channel_id,
            by, author, name,
        )  # fmt: skip
    told = (await threads.history("v1")).messages[1:]
    assert [(m.by, m.author) for m in told] == [
        ("user", "Ana from Demo"),
        ("user", None),
        ("user", None),
        ("ai", "Sluice"),
        ("system", None),
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"type": "widget"}', b'{"type": "widget", "account": "x", "aliases": []}',
     b"[" * 70_000, b"\xff\xfe"],
)  # fmt: skip
async def test_a_question_that_cannot_be_read_has_an_empty_answer(
    threads: Threads, body: bytes
) -> None:
    assert HistoryAnswer.model_validate_json(await threads.desk.answer(body)) == NOTHING


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = await make_rig("jetstream", tmp_path / "nats")
    yield made
    await made.close()


async def test_the_question_over_the_bus(threads: Threads, rig: Rig) -> None:
    await threads.say("v1", text="over the bus")
    await threads.desk.serve(rig.bus)
    asking = await rig.another()
    question = HistoryRequest(type=TYPE, account=SITE, aliases=(alias("v1"),))
    body = question.model_dump_json().encode()
    raw = await asking.ask(subjects.VISITOR_HISTORY, body, DEADLINE_S)
    assert texts(HistoryAnswer.model_validate_json(raw).messages) == ["over the bus"]
    # A database that is away is no reason to say that there is nothing.
    await threads.inbox.admin.execute("ALTER FUNCTION visitor_channel RENAME TO away")
    with pytest.raises(Ambiguous):
        await asking.ask(subjects.VISITOR_HISTORY, body, 1.0)


async def test_parts_lose_what_is_not_for_visitors(threads: Threads) -> None:
    secret = Part(kind="text", text="hi", data={"tokens": {"t": "secret"}, "product": {"id": 1}})
    await threads.say("v1", parts=(secret, Part(kind="platform", data={"token": "secret"})))
    [message] = (await threads.history("v1")).messages
    assert message.parts == (Part(kind="text", text="hi"),)
