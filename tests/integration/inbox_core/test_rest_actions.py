"""Reactions, read receipts and typing: shown at once, taken back when the platform refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.events import ActionResult, ActionResultEvent
from contracts.parts import Problem
from inbox_core.adapters.postgres.store import PostgresStore, open_pool
from inbox_core.app.limits import Limit
from inbox_core.app.receive import receive
from support.capable import capable
from support.database import Database
from support.events import envelope
from support.rest import Answer, Rest, StartsRest
from support.seeds import add_conversation

THUMB, HEART = "\N{THUMBS UP SIGN}", "\N{HEAVY BLACK HEART}\ufe0f"


@pytest.fixture
async def thread(rest: Rest) -> UUID:
    return await add_conversation(rest.admin, rest.workspace, rest.channel, "hi", "there")


async def actions(rest: Rest) -> list[Any]:
    rows = await rest.admin.fetch(
        "SELECT body FROM outbox WHERE subject = 'outbound.whatsapp.action' ORDER BY id"
    )
    return [command for row in rows for command in orjson.loads(row["body"])]


async def first_message(rest: Rest, thread: UUID) -> UUID:
    found: UUID = await rest.admin.fetchval(
        "SELECT id FROM messages WHERE conversation_id = $1 AND seq = 1", thread
    )
    return found


async def react(rest: Rest, thread: UUID, emoji: str | None, **more: Any) -> Answer:
    path = f"/conversations/{thread}/messages/{await first_message(rest, thread)}/reaction"
    if emoji is None:
        return await rest.ask("DELETE", path, **more)
    return await rest.ask("PUT", path, {"emoji": emoji}, **more)


async def test_a_reaction_is_shown_replaced_and_taken_back(rest: Rest, thread: UUID) -> None:
    answer = await react(rest, thread, THUMB, by=rest.people["support"])
    assert answer.status == 200, answer.body
    assert answer.json["reactions"] == [{"by": "us", "emoji": THUMB, "name": "Support's token"}]
    again = await react(rest, thread, THUMB)
    assert again.json["version"] == answer.json["version"]
    await react(rest, thread, HEART)
    gone = await react(rest, thread, None)
    assert gone.json["reactions"] == []
    assert (await react(rest, thread, None)).json["version"] == gone.json["version"]
    name = f"wamid.{await first_message(rest, thread)}"
    told = [(one["data"]["action"], one["data"].get("emoji")) for one in await actions(rest)]
    assert told == [("react", THUMB), ("react", HEART), ("unreact", None)]
    assert {one["data"]["external_id"] for one in await actions(rest)} == {name}
    assert all(one["id"].startswith("action:") for one in await actions(rest))


async def failure(rest: Rest, thread: UUID, command: str) -> ActionResultEvent:
    message = await first_message(rest, thread)
    account = await rest.admin.fetchval("SELECT account FROM channels")
    return ActionResultEvent(
        **envelope(f"action_result:{command}", account=account),
        data=ActionResult(
            command_id=command,
            workspace_id=rest.workspace,
            conversation_id=thread,
            action="react",
            external_id=f"wamid.{message}",
            problem=Problem(kind="window", message="Too late."),
        ),
    )


async def test_a_reaction_that_failed_shows_what_was_there_before(
    rest: Rest, thread: UUID, database: Database
) -> None:
    await react(rest, thread, THUMB)
    await react(rest, thread, HEART)
    first, second = [one["id"] for one in await actions(rest)]
    pool = await open_pool(database.worker_url, size=1, name="test worker")
    store = PostgresStore(pool, book=rest.parts.book)
    try:
        outdated = await failure(rest, thread, first)
        assert (await receive(store, [outdated], datetime.now(UTC))).outcomes == {
            "action_outdated": 1
        }
        await receive(store, [await failure(rest, thread, second)], datetime.now(UTC))
    finally:
        await pool.close()
    [_, shown] = (await rest.get(f"/conversations/{thread}/messages")).json["items"]
    assert [one["emoji"] for one in shown["reactions"]] == [THUMB]


async def test_what_cannot_be_reacted_to(rest: Rest, thread: UUID) -> None:
    sent = await rest.post(f"/conversations/{thread}/messages", {"text": "ours"})
    ours = f"/conversations/{thread}/messages/{sent.json['id']}/reaction"
    answer = await rest.ask("PUT", ours, {"emoji": THUMB})
    assert (answer.status, answer.json["code"]) == (409, "not_supported")
    rest.parts.book.note(capable(reactions=False))
    answer = await react(rest, thread, THUMB)
    assert (answer.status, answer.json["code"]) == (409, "not_supported")
    assert await actions(rest) == []
    for wrong in ("", "thumb", "two words \N{THUMBS UP SIGN}"):
        assert (await react(rest, thread, wrong)).status == 422


async def test_a_closed_window_takes_no_reaction(rest: Rest, thread: UUID) -> None:
    wrote = datetime.now(UTC) - timedelta(days=30)
    await rest.admin.execute("UPDATE identities SET last_inbound_at = $1", wrote)
    answer = await react(rest, thread, THUMB)
    assert (answer.status, answer.json["code"]) == (409, "window_closed")


async def read(rest: Rest, thread: UUID, up_to: int) -> None:
    await rest.ask("PUT", f"/conversations/{thread}/read", {"up_to_seq": up_to})


async def test_the_customer_is_told_once_of_what_was_read(rest: Rest, thread: UUID) -> None:
    for up_to in (1, 1, 2, 1):
        await read(rest, thread, up_to)
    told = await actions(rest)
    assert [one["data"]["action"] for one in told] == ["read", "read"]
    ids = await rest.admin.fetch("SELECT id FROM messages ORDER BY seq")
    assert [one["data"]["external_id"] for one in told] == [f"wamid.{row['id']}" for row in ids]


async def test_a_workspace_may_keep_to_itself_what_it_read(rest: Rest, thread: UUID) -> None:
    await rest.admin.execute("""UPDATE workspaces SET settings = '{"read_receipts": false}'""")
    await read(rest, thread, 2)
    rest.parts.book.note(capable(read_receipts=False))
    assert await actions(rest) == []


async def test_who_may_only_look_tells_the_customer_nothing(rest: Rest, thread: UUID) -> None:
    path, mark = f"/conversations/{thread}/read", {"up_to_seq": 2}
    seen = await rest.ask("PUT", path, mark, by=rest.people["viewer"])
    assert (seen.status, seen.json["unread_count"]) == (200, 0)
    assert await actions(rest) == []


class OnceEach:
    """One token a key."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    async def take(self, limit: Limit, key: str) -> float:
        known = key in self.taken
        self.taken.add(key)
        return limit.refill_s if known else 0.0


async def test_typing_is_told_now_and_then(start_rest: StartsRest) -> None:
    rest = await start_rest(limiter=OnceEach())
    thread = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    path = f"/conversations/{thread}/typing"
    for body in ({"on": True}, {"on": True}, {"on": False}, {"on": False}):
        assert (await rest.post(path, body)).status == 204
    told = await actions(rest)
    assert [one["data"]["action"] for one in told] == ["typing_on", "typing_off"]
    times = [datetime.fromisoformat(told[0][key]) for key in ("time",)]
    assert datetime.fromisoformat(told[0]["data"]["not_after"]) - times[0] == timedelta(seconds=10)
    rest.parts.book.note(capable(typing_s=None))
    other = await add_conversation(rest.admin, rest.workspace, rest.channel, "ho")
    assert (await rest.post(f"/conversations/{other}/typing", {"on": True})).status == 204
    assert len(await actions(rest)) == 2
