"""The plans of the list: every view reads its own index from the top, as the API's role.

Thousands of rows and fresh statistics, and nothing switched off: the planner chooses freely, and a
sort or a sequential scan would be what it chooses when a predicate is not repeated literally.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import asyncpg
import orjson
import pytest

from inbox_core.adapters.postgres.listing import counts_statement, page_statement
from inbox_core.adapters.postgres.queries import SQL
from inbox_core.app.reading import COUNT_CAP, Filter, ListView, Place
from support.database import Database
from support.seeds import (
    START,
    add_channel,
    add_conversation,
    add_conversations,
    add_member,
    add_workspace,
)

ROWS = 6000
STATUSES = """
UPDATE conversations SET
    status = s.status, pending_reason = CASE WHEN s.status = 1 THEN 'other' END,
    unread_count = CASE WHEN s.n % 40 = 0 THEN 1 ELSE 0 END,
    assignee_id = CASE WHEN s.n % 25 = 0 THEN $1::uuid END
FROM (
    SELECT id, n, CASE WHEN n % 20 = 0 THEN 0 WHEN n % 20 = 1 THEN 1
                       WHEN n % 20 < 10 THEN 2 ELSE 3 END AS status
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM conversations) AS numbered
) AS s
WHERE s.id = conversations.id
"""
INDEXES: dict[tuple[ListView, bool], str] = {
    ("all", False): "conversations_all",
    ("all", True): "conversations_with_archived",
    ("unread", False): "conversations_unread",
    ("unread", True): "conversations_unread",
    ("unresolved", False): "conversations_unresolved",
    ("unresolved", True): "conversations_unresolved",
    ("resolved", False): "conversations_resolved",
    ("resolved", True): "conversations_resolved_with_archived",
    ("mine", False): "conversations_assignee",
    ("mine", True): "conversations_assignee_with_archived",
    ("unassigned", False): "conversations_assignee",
    ("unassigned", True): "conversations_assignee_with_archived",
}
SORTLESS: set[str] = {"Sort", "Incremental Sort", "Seq Scan", "Bitmap Heap Scan"}


@dataclass
class Filled:
    connection: asyncpg.Connection
    workspace: UUID
    owner: UUID
    channel: UUID
    thread: UUID


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Filled]:
    """As sluice_api, inside a transaction confined to the workspace."""
    admin = await asyncpg.connect(database.admin_url)
    workspace = await add_workspace(admin)
    owner = (await add_member(admin, workspace, "owner")).id
    channel, busy = await add_channel(admin, workspace), await add_channel(admin, workspace)
    await add_conversations(admin, workspace, channel, 300)
    await add_conversations(admin, workspace, busy, ROWS)
    await admin.execute(STATUSES, owner)
    thread, *_ = [
        await add_conversation(admin, workspace, channel, *["hi"] * 500) for _ in range(4)
    ]
    await admin.execute("VACUUM ANALYZE")
    await admin.close()
    api = await asyncpg.connect(database.api_url)
    async with api.transaction():
        await api.execute("SELECT set_config('app.workspace_id', $1, true)", str(workspace))
        yield Filled(api, workspace, owner, channel, thread)
    await api.close()


async def plan(filled: Filled, text: str, *arguments: Any) -> list[dict[str, Any]]:
    """The nodes of a statement's plan."""
    [row] = await filled.connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *arguments)
    return list(_nodes(orjson.loads(row[0])[0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


@pytest.mark.parametrize("archived", [False, True], ids=["live", "archived too"])
@pytest.mark.parametrize("view", get_args(ListView))
async def test_a_view_reads_its_index_and_stops(
    filled: Filled, view: ListView, *, archived: bool
) -> None:
    middle = Place(START, filled.channel)
    for before, after in ((None, None), (Place(START.replace(year=2030), filled.owner), None),
                          (None, middle)):  # fmt: skip
        statement = page_statement(
            filled.workspace, Filter(view, filled.owner, archived), 50, before, after
        )
        nodes = await plan(filled, statement.text, *statement.arguments)
        assert indexes(nodes) == {INDEXES[view, archived]}, nodes
        assert not {node["Node Type"] for node in nodes} & SORTLESS
        scan = nodes[-1]
        assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) <= 100


async def test_badges_read_indexes_and_stop_at_the_cap(filled: Filled) -> None:
    statement = counts_statement(filled.workspace, filled.owner, COUNT_CAP)
    nodes = await plan(filled, statement.text, *statement.arguments)
    scans = [node for node in nodes if "Scan" in node["Node Type"]]
    assert len(scans) == len(get_args(ListView))
    for scan in scans:
        assert scan["Actual Rows"] <= COUNT_CAP
        assert scan.get("Rows Removed by Filter", 0) <= 3 * COUNT_CAP


async def test_a_rare_channel_is_not_looked_for_row_by_row(filled: Filled) -> None:
    wanted = Filter("all", filled.owner, channel_id=filled.channel)
    statement = page_statement(filled.workspace, wanted, 50, None, None)
    nodes = await plan(filled, statement.text, *statement.arguments)
    assert indexes(nodes) == {"conversations_channel"}


async def test_a_thread_reads_its_primary_key(filled: Filled) -> None:
    arguments = (filled.workspace, filled.thread, 100, 51)
    for query in (SQL.messages_before, SQL.messages_after):
        nodes = await plan(filled, query.sql.rstrip(";"), *arguments)
        assert indexes(nodes) == {"messages_pkey"}
        assert not {node["Node Type"] for node in nodes} & SORTLESS
