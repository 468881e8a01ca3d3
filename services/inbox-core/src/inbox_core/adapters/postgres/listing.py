"""The SQL of the conversation list: one literal predicate a view, so that its index is used.

A partial index serves a query only if the planner can prove its predicate from the query's text,
and a parameter proves nothing: `status = $1` would read every conversation. So the texts are put
together here, from constants of this file alone, and tests read their plans.
Called by reading.py.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inbox_core.app.reading import Filter, ListView, Place

COLUMNS = (
    "workspace_id, id, channel_id, identity_id, contact_id, kind, status, pending_reason, handler,"
    " handler_epoch, assignee_id, unread_count, read_seq, last_seq, last_inbound_seq,"
    " last_message_at, last_preview, last_author, closed_at, closed_by, close_epoch,"
    " ai_context_from_seq, thread_owner, thread_owner_at, csat_customer, csat_customer_comment,"
    " csat_customer_at, version, created_at"
)

PREDICATES: dict[ListView, str] = {
    "all": "status <> 3",
    "unread": "unread_count > 0 AND status <> 3",
    "unresolved": "status IN (0, 1)",
    "resolved": "status = 2",
    "mine": "assignee_id = {reader} AND status <> 3",
    "unassigned": "assignee_id IS NULL AND status <> 3",
}
WITH_ARCHIVED: dict[ListView, str] = {
    "all": "true",
    "unread": "unread_count > 0",
    "unresolved": "status IN (0, 1)",
    "resolved": "status IN (2, 3)",
    "mine": "assignee_id = {reader}",
    "unassigned": "assignee_id IS NULL",
}
# Postgres does not see that a column which IS NULL is constant: naming it keeps the index's order.
LED_BY: dict[ListView, str] = {"unassigned": "assignee_id"}


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    arguments: tuple[Any, ...]


def page_statement(
    workspace_id: UUID, wanted: Filter, limit: int, before: Place | None, after: Place | None
) -> Statement:
    """Rows of a page, newest first; those after a place come oldest first."""
    arguments: list[Any] = [workspace_id, limit]

    def parameter(value: object) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    conditions = ["workspace_id = $1", _predicate(wanted, parameter)]
    if wanted.channel_id is not None:
        conditions.append(f"channel_id = {parameter(wanted.channel_id)}")
    place = before or after
    if place is not None:
        bounds = f"({parameter(place.last_message_at)}, {parameter(place.id)})"
        conditions.append(f"(last_message_at, id) {'<' if before else '>'} {bounds}")
    text = (
        f"SELECT {COLUMNS} FROM conversations WHERE {' AND '.join(conditions)}"  # noqa: S608 - constants of this file; values are parameters
        f" ORDER BY {_order(wanted.view, 'DESC' if after is None else 'ASC')} LIMIT $2"
    )
    return Statement(text, tuple(arguments))


def counts_statement(workspace_id: UUID, reader_id: UUID, cap: int) -> Statement:
    """One row, a column a view."""
    columns = ", ".join(
        "(SELECT count(*) FROM (SELECT 1 FROM conversations WHERE workspace_id = $1"  # noqa: S608 - constants of this file; values are parameters
        f' AND {predicate.format(reader="$2")} LIMIT $3) AS counted) AS "{view}"'
        for view, predicate in PREDICATES.items()
    )
    return Statement(f"SELECT {columns}", (workspace_id, reader_id, cap))


def _predicate(wanted: Filter, parameter: Any) -> str:
    texts = WITH_ARCHIVED if wanted.include_archived else PREDICATES
    text = texts[wanted.view]
    return text.format(reader=parameter(wanted.reader_id)) if "{reader}" in text else text


def _order(view: ListView, direction: str) -> str:
    columns = f"last_message_at {direction}, id {direction}"
    lead = LED_BY.get(view)
    if lead is None:
        return columns
    return f"{lead} {'ASC' if direction == 'DESC' else 'DESC'}, {columns}"
