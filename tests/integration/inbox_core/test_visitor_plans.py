"""The plans of what visitors ask: each statement goes to its rows by an index."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from inbox_core.adapters.postgres.queries import SQL
from support.database import Database
from support.seeds import START, add_channel, add_conversation, add_conversations, add_workspace

SCANS = {"Seq Scan", "Bitmap Heap Scan"}


@dataclass
class Filled:
    connection: asyncpg.Connection
    workspace: UUID
    channel: UUID
    identity: UUID
    thread: UUID


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Filled]:
    """A busy channel, and a person with a long thread and many short ones."""
    admin = await asyncpg.connect(database.admin_url)
    workspace = await add_workspace(admin)
    channel = await add_channel(admin, workspace, account="site")
    await add_conversations(admin, workspace, channel, 3000)
    thread, *_ = [
        await add_conversation(admin, workspace, channel, *["hi"] * 600) for _ in range(5)
    ]
    identity = await admin.fetchval("SELECT identity_id FROM conversations WHERE id = $1", thread)
    await admin.execute(
        "INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id, status,"
        " last_message_at, created_at) SELECT $1, gen_random_uuid(), $2, $3, contact_id, 2,"
        " $4::timestamptz - make_interval(hours => n), $4 FROM identities,"
        " generate_series(1, 200) AS n WHERE id = $3",
        workspace,
        channel,
        identity,
        START,
    )
    await admin.execute("VACUUM ANALYZE")
    await admin.close()
    api = await asyncpg.connect(database.api_url)
    async with api.transaction():
        await api.execute("SELECT set_config('app.workspace_id', $1, true)", str(workspace))
        yield Filled(api, workspace, channel, identity, thread)
    await api.close()


async def plan(filled: Filled, query: Any, *arguments: Any) -> list[dict[str, Any]]:
    """The nodes of a query's plan; `arguments` in the order in which it first names them."""
    text = query.sql.rstrip().rstrip(";")
    [row] = await filled.connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *arguments)
    nodes, open_ = [], [orjson.loads(row[0])[0]["Plan"]]
    while open_:
        node = open_.pop()
        nodes.append(node)
        open_ += node.get("Plans", ())
    return nodes


def check(nodes: list[dict[str, Any]], *indexes: str, rows: int) -> None:
    """No table is read through, these indexes are used, and they give no more rows than that."""
    assert not {node["Node Type"] for node in nodes} & SCANS
    assert {node["Index Name"] for node in nodes if "Index Name" in node} == set(indexes)
    for node in nodes:
        if "Index Name" in node:
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert read * node["Actual Loops"] <= rows, node


async def test_people_are_found_by_their_names(filled: Filled) -> None:
    name = str(filled.identity)
    nodes = await plan(
        filled, SQL.visitor_people, ["phone", "visitor"], [name, name],
        filled.workspace, filled.channel,
    )  # fmt: skip
    check(nodes, "identity_aliases_pkey", "identities_pkey", "contacts_pkey", rows=2)


async def test_the_newest_threads_and_no_more(filled: Filled) -> None:
    nodes = await plan(
        filled, SQL.visitor_threads, [filled.identity, filled.workspace], filled.workspace, 20
    )
    check(nodes, "conversations_by_identity", "messages_pkey", rows=20)


@pytest.mark.parametrize("query", [SQL.visitor_messages_after, SQL.visitor_messages_before])
async def test_a_page_of_a_thread(filled: Filled, query: Any) -> None:
    nodes = await plan(filled, query, filled.workspace, filled.thread, 300, 51)
    check(nodes, "messages_pkey", rows=51)
    assert "Sort" not in {node["Node Type"] for node in nodes}


async def test_whose_a_thread_is(filled: Filled) -> None:
    nodes = await plan(filled, SQL.visitor_owns, filled.workspace, filled.thread, [filled.identity])
    check(nodes, "conversations_pkey", rows=1)


async def test_the_role_of_the_api_sees_no_channel_but_by_the_function(database: Database) -> None:
    admin = await asyncpg.connect(database.admin_url)
    workspace = await add_workspace(admin)
    channel = await add_channel(admin, workspace, account="site")
    api = await asyncpg.connect(database.api_url)
    assert await api.fetch("SELECT * FROM channels") == []
    [row] = await api.fetch("SELECT * FROM visitor_channel('whatsapp', 'site')")
    assert dict(row) == {"workspace_id": workspace, "id": channel}
    await admin.execute("UPDATE channels SET enabled = false")
    assert await api.fetch("SELECT * FROM visitor_channel('whatsapp', 'site')") == []
    # A table of its own does not stand before ours.
    await api.execute(
        "CREATE TEMP TABLE channels"
        " (workspace_id uuid, id uuid, type text, account text, enabled boolean)"
    )
    await api.execute(
        "INSERT INTO pg_temp.channels VALUES ($1, $1, 'whatsapp', 'site', true)",
        workspace,
    )
    await api.execute("GRANT SELECT ON pg_temp.channels TO PUBLIC")
    assert await api.fetch("SELECT * FROM visitor_channel('whatsapp', 'site')") == []
    await api.close()
    worker = await asyncpg.connect(database.worker_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await worker.fetch("SELECT * FROM visitor_channel('whatsapp', 'site')")
    await worker.close()
    await admin.close()


async def test_no_function_of_its_owner_looks_at_a_callers_tables_first(
    database: Database,
) -> None:
    admin = await asyncpg.connect(database.admin_url)
    settings = await admin.fetch(
        "SELECT proname, proconfig FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    await admin.close()
    assert settings
    assert all(row["proconfig"] == ["search_path=public, pg_temp"] for row in settings)
