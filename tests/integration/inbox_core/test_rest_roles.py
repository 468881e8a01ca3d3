"""Every route by every role: the table of routes says who may, and nobody else can."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from inbox_core.app.access import ALLOWED, Permission
from inbox_core.entrypoints.http.route import Route
from inbox_core.entrypoints.http.routes import ROUTES
from support.database import Database
from support.rest import ROLES, Answer, Rest, add_file
from support.seeds import Person, add_channel, add_conversation, add_member, add_workspace

BODIES: dict[str, Any] = {
    "connectChannel": {"type": "whatsapp", "account": "1", "name": "Second", "secret": "s"},
    "changeChannel": {"name": "Renamed"},
    "markRead": {"up_to_seq": 1},
    "transitionConversation": {"to": "pending", "reason": "customer"},
    "sendMessage": {"text": "hello", "client_msg_id": "c1"},
    "setReaction": {"emoji": "\N{THUMBS UP SIGN}"},
    "tellTyping": {"on": True},
    "uploadFile": b"words",
}
TABLES = (
    "channels", "conversations", "contacts", "messages", "deliveries", "files", "outbox",
    "audit_log", "channel_health", "channel_hours", "channel_errors", "idempotency_keys",
    "conversation_sources",
)  # fmt: skip
IN_WORKSPACE = [route for route in ROUTES if route.in_workspace]
EXPECTED = {
    "retryMessage": 409,  # a message that came in cannot be sent again
    "retryMedia": 409,  # it has no file that failed
    "validateChannel": 503,  # no adapter is there
}
"""The role was let through to be told so."""


def by_name(route: Route) -> str:
    return route.name


async def call(rest: Rest, route: Route, person: Person, ids: dict[str, Any]) -> Answer:
    path = route.path.format(**ids)
    headers = {"Authorization": f"Bearer {person.token}"}
    if route.if_match == "required":
        headers["If-Match"] = "*"
    return await rest.raw(route.method, path, BODIES.get(route.name), headers)


async def ids_of(rest: Rest, workspace: UUID, channel: UUID) -> dict[str, Any]:
    conversation = await add_conversation(rest.admin, workspace, channel, "hi")
    message = await rest.admin.fetchval(
        "SELECT id FROM messages WHERE conversation_id = $1", conversation
    )
    return {
        "workspace_id": workspace,
        "channel_id": channel,
        "conversation_id": conversation,
        "contact_id": await rest.admin.fetchval(
            "SELECT contact_id FROM conversations WHERE id = $1", conversation
        ),
        "message_id": message,
        "file_id": await add_file(rest, workspace),
        "part": 0,
    }


@pytest.mark.parametrize("route", IN_WORKSPACE, ids=by_name)
async def test_each_role_may_what_the_table_says(rest: Rest, route: Route) -> None:
    assert isinstance(route.needs, Permission)
    for role in ROLES:
        ids = await ids_of(rest, rest.workspace, rest.channel)
        answer = await call(rest, route, rest.people[role], ids)
        if role in ALLOWED[route.needs]:
            assert answer.status in {*route.answers, EXPECTED.get(route.name)}, answer.body
            await rest.admin.execute("DELETE FROM channel_health")
            await rest.admin.execute("DELETE FROM channels WHERE account = '1'")
        else:
            assert (answer.status, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("route", IN_WORKSPACE, ids=by_name)
async def test_nobody_reaches_into_another_workspace(rest: Rest, route: Route) -> None:
    """With another's workspace in the path, and with one of another's ids among one's own."""
    theirs = await add_workspace(rest.admin, "Theirs")
    stranger = await add_member(rest.admin, theirs, "owner", "Stranger")
    ids = await ids_of(rest, theirs, await add_channel(rest.admin, theirs))
    before = await everything_of(rest, theirs)
    answer = await call(rest, route, rest.people["owner"], ids)
    assert (answer.status, answer.json["code"]) == (404, "not_found")
    mine = await ids_of(rest, rest.workspace, rest.channel)
    for foreign in set(names_in(route)) - {"workspace_id", "part"}:
        answer = await call(rest, route, rest.people["owner"], {**mine, foreign: ids[foreign]})
        assert (answer.status, answer.json["code"]) == (404, "not_found"), foreign
    assert await everything_of(rest, theirs) == before
    there = await call(rest, route, stranger, ids)
    assert there.status in {*route.answers, EXPECTED.get(route.name)}


BORROWED: list[Any] = [
    ({"parts": [{"type": "file", "file_id": "{file_id}"}]}, "/parts/0/file_id"),
    ({"parts": [{"type": "file", "kind": "image", "url": "https://a.example/{key}"}]}, None),
    ({"text": "look", "reply_to": "{message_id}"}, "/reply_to"),
]


@pytest.mark.parametrize(("body", "pointer"), BORROWED)
async def test_no_body_names_a_thing_of_another_workspace(
    rest: Rest, body: Any, pointer: str | None
) -> None:
    """Files and quoted messages are looked up in one's own; a link is the platform's to follow."""
    theirs = await add_workspace(rest.admin, "Theirs")
    ids = await ids_of(rest, theirs, await add_channel(rest.admin, theirs))
    mine = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    key = await rest.admin.fetchval("SELECT key FROM files WHERE id = $1", ids["file_id"])
    text = orjson.dumps(body).decode()
    for name, value in {**ids, "key": key}.items():
        text = text.replace(f"{{{name}}}", str(value))
    answer = await rest.post(f"/conversations/{mine}/messages", orjson.loads(text))
    if pointer is not None:
        assert (answer.status, answer.json["code"]) == (409, "not_sendable")
        assert answer.json["errors"][0]["pointer"] == pointer
    else:
        command = await rest.admin.fetchval("SELECT body FROM outbox WHERE subject LIKE '%send'")
        assert b"file:" not in command


@pytest.mark.parametrize("table", TABLES)
async def test_the_apis_role_sees_one_workspace_of_each_table(
    rest: Rest, database: Database, table: str
) -> None:
    """Whatever a handler forgets to ask for: the database has no rows of others, and no room."""
    theirs = await add_workspace(rest.admin, "Theirs")
    channel = await add_channel(rest.admin, theirs)
    await ids_of(rest, theirs, channel)
    await rest.admin.execute(
        "INSERT INTO channel_health (workspace_id, channel_id) VALUES ($1, $2)", theirs, channel
    )
    connection = await asyncpg.connect(database.api_url)
    confine = "SELECT set_config('app.workspace_id', $1, false)"
    others = f"SELECT count(*) FROM {table} WHERE workspace_id <> $1"  # noqa: S608 - the words above
    add = f"INSERT INTO {table} (workspace_id) VALUES ($1)"  # noqa: S608 - the words above
    try:
        for workspace in ("", str(rest.workspace)):
            await connection.execute(confine, workspace)
            if table != "outbox":  # of which it may only add
                assert await connection.fetchval(others, rest.workspace) == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(add, theirs)
    finally:
        await connection.close()


def names_in(route: Route) -> list[str]:
    return [word[1:-1] for word in route.path.split("/") if word.startswith("{")]


async def everything_of(rest: Rest, workspace: UUID) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for table in TABLES:
        of_theirs = f"SELECT * FROM {table} WHERE workspace_id = $1"  # noqa: S608 - the words above
        rows = await rest.admin.fetch(of_theirs, workspace)
        found += [tuple(row.values()) for row in rows]
    return found


@pytest.mark.parametrize("route", ROUTES, ids=by_name)
async def test_strangers_are_asked_to_log_in(rest: Rest, route: Route) -> None:
    ids = dict.fromkeys(names_in(route), uuid4())
    answer = await rest.raw(route.method, route.path.format(**ids), BODIES.get(route.name))
    expected = 422 if route.needs == "anyone" else 401  # nothing asked of a stranger but the body
    assert answer.status == expected


async def test_lists_hold_nothing_of_other_workspaces(rest: Rest) -> None:
    theirs = await add_workspace(rest.admin, "Theirs")
    channel = await add_channel(rest.admin, theirs)
    await add_conversation(rest.admin, theirs, channel, "secret words", name="Secret Name")
    mine = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    for view in ("all", "unread", "unresolved", "unassigned"):
        answer = await rest.get(f"/conversations?view={view}&include_archived=true")
        assert [row["id"] for row in answer.json["items"]] == [str(mine)]
        theirs_here = await rest.get(f"/conversations?view={view}&channel_id={channel}")
        assert theirs_here.json["items"] == []
    counts = (await rest.get("/conversations/counts")).json
    assert (counts["all"], counts["unread"]) == (1, 1)
    assert len((await rest.get("/channels")).json["items"]) == 1
    assert {row["name"] for row in (await rest.get("/members")).json["items"]} == {
        role.title() for role in ROLES
    }
