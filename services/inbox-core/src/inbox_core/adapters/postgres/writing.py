"""Write: a plan as one statement a table, in the order of foreign keys. Called by unit_of_work."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, TypeVar

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import Json, text
from inbox_core.app.plan import AuditEntry, Plan, new_id
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery, Stage
from inbox_core.domain.errors import InvalidTransition
from inbox_core.domain.files import File
from inbox_core.domain.identity import Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference

Row = TypeVar("Row")
Columns = dict[str, Callable[[Row], Any]]


def _table(rows: Iterable[Row], columns: Columns[Row]) -> dict[str, list[Any]]:
    """Rows as one list a column, the shape unnest takes."""
    kept = list(rows)
    return {name: [value(row) for row in kept] for name, value in columns.items()}


CONVERSATION_NEW: Columns[Conversation] = {
    "workspaces": lambda c: c.workspace_id,
    "ids": lambda c: c.id,
    "channels": lambda c: c.channel_id,
    "identities": lambda c: c.identity_id,
    "contacts": lambda c: c.contact_id,
    "kinds": lambda c: c.kind,
    "statuses": lambda c: int(c.status),
    "handlers": lambda c: c.handler,
    "unread": lambda c: c.unread_count,
    "last_seqs": lambda c: c.last_seq,
    "last_inbound": lambda c: c.last_inbound_seq,
    "last_at": lambda c: c.last_message_at,
    "previews": lambda c: text(c.last_preview),
    "authors": lambda c: c.last_author,
    "owners": lambda c: text(c.thread_owner),
    "owned": lambda c: c.thread_owner_at,
    "closed_at": lambda c: c.closed_at,
    "closed_by": lambda c: c.closed_by,
    "created": lambda c: c.created_at,
}
CONVERSATION: Columns[Conversation] = {
    "workspaces": lambda c: c.workspace_id,
    "ids": lambda c: c.id,
    "statuses": lambda c: int(c.status),
    "pending": lambda c: c.pending_reason,
    "handlers": lambda c: c.handler,
    "epochs": lambda c: c.handler_epoch,
    "assignees": lambda c: c.assignee_id,
    "unread": lambda c: c.unread_count,
    "read_seqs": lambda c: c.read_seq,
    "last_seqs": lambda c: c.last_seq,
    "last_inbound": lambda c: c.last_inbound_seq,
    "last_at": lambda c: c.last_message_at,
    "previews": lambda c: text(c.last_preview),
    "authors": lambda c: c.last_author,
    "closed_at": lambda c: c.closed_at,
    "closed_by": lambda c: c.closed_by,
    "close_epochs": lambda c: c.close_epoch,
    "ai_from": lambda c: c.ai_context_from_seq,
    "owners": lambda c: text(c.thread_owner),
    "owned": lambda c: c.thread_owner_at,
    "versions": lambda c: c.version,
}
MESSAGE_NEW: Columns[Message] = {
    "workspaces": lambda m: m.workspace_id,
    "conversations": lambda m: m.conversation_id,
    "seqs": lambda m: m.seq,
    "ids": lambda m: m.id,
    "channels": lambda m: m.channel_id,
    "directions": lambda m: m.direction,
    "kinds": lambda m: m.kind,
    "author_types": lambda m: m.author_type,
    "authors": lambda m: m.author_id,
    "names": lambda m: text(m.author_name),
    "parts": lambda m: Json(m.parts),
    "clients": lambda m: m.client_msg_id,
    "replies": lambda m: text(m.reply_to),
    "forwarded": lambda m: m.forwarded,
    "referrals": lambda m: m.referral,
    "reactions": lambda m: m.reactions,
    "edited": lambda m: m.edited_at,
    "deleted": lambda m: m.deleted_at,
    "sent": lambda m: m.sent_at,
    "created": lambda m: m.created_at,
    "quiet": lambda m: m.quiet,
    "hidden": lambda m: m.hidden,
}
MESSAGE: Columns[Message] = {
    "workspaces": lambda m: m.workspace_id,
    "ids": lambda m: m.id,
    "kinds": lambda m: m.kind,
    "parts": lambda m: Json(m.parts),
    "replies": lambda m: text(m.reply_to),
    "forwarded": lambda m: m.forwarded,
    "referrals": lambda m: m.referral,
    "reactions": lambda m: m.reactions,
    "edited": lambda m: m.edited_at,
    "deleted": lambda m: m.deleted_at,
    "quiet": lambda m: m.quiet,
    "hidden": lambda m: m.hidden,
    "versions": lambda m: m.version,
}
DELIVERY: Columns[Delivery] = {
    "workspaces": lambda d: d.workspace_id,
    "messages": lambda d: d.message_id,
    "parts": lambda d: d.part,
    "attempts": lambda d: d.attempt,
    "ranks": lambda d: int(d.rank),
    "implied": lambda d: int(d.implied),
    "stages": lambda d: int(d.stage),
    "problems": lambda d: d.problem,
    "dispatched": lambda d: d.dispatched_at,
    "changed": lambda d: d.changed_at,
}
DELIVERY_NEW: Columns[Delivery] = {
    **DELIVERY,
    "conversations": lambda d: d.conversation_id,
    "channels": lambda d: d.channel_id,
    "seqs": lambda d: d.seq,
    "priorities": lambda d: int(d.priority),
    "queued": lambda d: d.queued_at,
}


REFERENCE: Columns[Reference] = {
    "workspaces": lambda r: r.key.workspace_id,
    "channels": lambda r: r.key.channel_id,
    "providers": lambda r: r.key.provider_id,
    "messages": lambda r: r.message_id,
    "attempts": lambda r: r.attempt,
    "parts": lambda r: r.part,
    "held": lambda r: r.held,
    "echoes": lambda r: r.echo_until,
}
IDENTITY: Columns[Identity] = {
    "workspaces": lambda i: i.workspace_id,
    "ids": lambda i: i.id,
    "inbound": lambda i: i.last_inbound_at,
    "ads": lambda i: i.ad_inbound_at,
    "profiles": lambda i: i.profile_at,
    "profile_states": lambda i: i.profile_state,
}
IDENTITY_NEW: Columns[Identity] = {
    **IDENTITY,
    "channels": lambda i: i.channel_id,
    "contacts": lambda i: i.contact_id,
}
FILE: Columns[File] = {
    "workspaces": lambda f: f.workspace_id,
    "ids": lambda f: f.id,
    "keys": lambda f: f.key,
    "purposes": lambda f: f.purpose,
    "mime_types": lambda f: f.mime_type,
    "sizes": lambda f: f.size,
    "hashes": lambda f: f.sha256,
    "filenames": lambda f: text(f.filename),
    "creators": lambda f: f.created_by,
    "created": lambda f: f.created_at,
    "purges": lambda f: f.purge_at,
}


async def write(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Everything the plan holds. Raises InvalidTransition when a status had moved on."""
    await _people(connection, plan)
    await _conversations(connection, plan)
    if plan.new_messages:
        rows = plan.new_messages.values()
        await SQL.insert_messages(connection, **_table(rows, MESSAGE_NEW))
    if plan.messages:
        changed = [message for message, _ in plan.messages.values()]
        await SQL.update_messages(connection, **_table(changed, MESSAGE))
    await _deliveries(connection, plan)
    if plan.references:
        await SQL.update_references(connection, **_table(plan.references, REFERENCE))
    await _files(connection, plan)
    await _facts(connection, plan)
    if plan.outbox:
        await SQL.insert_outbox(
            connection,
            ids=[row.id for row in plan.outbox],
            workspaces=[row.workspace_id for row in plan.outbox],
            subjects=[row.subject for row in plan.outbox],
            bodies=[row.body for row in plan.outbox],
        )


async def _people(connection: PoolConnectionProxy, plan: Plan) -> None:
    columns: Columns[Contact] = {
        "workspaces": lambda c: c.workspace_id,
        "ids": lambda c: c.id,
        "names": lambda c: text(c.name),
        "usernames": lambda c: text(c.username),
        "phones": lambda c: text(c.phone),
        "avatars": lambda c: c.avatar_file_id,
    }
    if plan.new_contacts:
        await SQL.insert_contacts(connection, **_table(plan.new_contacts.values(), columns))
    if plan.contacts:
        versioned = {**columns, "versions": lambda c: c.version}
        await SQL.update_contacts(connection, **_table(plan.contacts.values(), versioned))
    if plan.new_identities:
        rows = plan.new_identities.values()
        await SQL.insert_identities(connection, **_table(rows, IDENTITY_NEW))
    if plan.identities:
        await SQL.update_identities(connection, **_table(plan.identities.values(), IDENTITY))
    if plan.aliases:
        await SQL.assign_aliases(
            connection,
            workspaces=[key.workspace_id for key in plan.aliases],
            channels=[key.channel_id for key in plan.aliases],
            kinds=[key.kind for key in plan.aliases],
            names=[key.value for key in plan.aliases],
            identities=list(plan.aliases.values()),
        )


async def _conversations(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Changed ones first: closing one makes way for a new live one of the same identity."""
    if plan.conversations:
        rows = plan.conversations.values()
        written = await fetch(SQL.update_conversations(connection, **_table(rows, CONVERSATION)))
        if len(written) != len(rows):
            raise InvalidTransition("changed meanwhile", "changed", ())
    if plan.new_conversations:
        rows = plan.new_conversations.values()
        await SQL.insert_conversations(connection, **_table(rows, CONVERSATION_NEW))


async def _deliveries(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Settled ones first: the index allows one outstanding part a conversation."""
    changed = plan.deliveries.values()
    settled = [part for part in changed if part.stage != Stage.OUTSTANDING]
    going = [part for part in changed if part.stage == Stage.OUTSTANDING]
    for parts in filter(None, (settled, going)):
        await SQL.update_deliveries(connection, **_table(parts, DELIVERY))
    if plan.new_deliveries:
        rows = plan.new_deliveries.values()
        await SQL.insert_deliveries(connection, **_table(rows, DELIVERY_NEW))


async def _files(connection: PoolConnectionProxy, plan: Plan) -> None:
    if plan.new_files:
        await SQL.insert_files(connection, **_table(plan.new_files.values(), FILE))
    if plan.purged_files:
        await SQL.purge_files(
            connection,
            workspaces=[workspace for workspace, _ in plan.purged_files],
            ids=[file for _, file in plan.purged_files],
            now=plan.now,
        )


async def _facts(connection: PoolConnectionProxy, plan: Plan) -> None:
    """What is only ever added: history, raw items, account news, audit."""
    if plan.status_changes:
        await SQL.insert_status_changes(
            connection,
            workspaces=[row.workspace_id for row in plan.status_changes],
            ids=[new_id() for _ in plan.status_changes],
            conversations=[row.conversation_id for row in plan.status_changes],
            befores=[int(row.before) for row in plan.status_changes],
            afters=[int(row.after) for row in plan.status_changes],
            reasons=[row.reason for row in plan.status_changes],
            actor_types=[row.actor.type for row in plan.status_changes],
            actors=[row.actor.id for row in plan.status_changes],
            now=plan.now,
        )
    if plan.unsupported:
        await SQL.insert_unsupported(
            connection,
            workspaces=[row.workspace_id for row in plan.unsupported],
            events=[text(row.event_id) for row in plan.unsupported],
            channels=[row.channel_id for row in plan.unsupported],
            messages=[row.message_id for row in plan.unsupported],
            kinds=[text(row.kind) for row in plan.unsupported],
            whys=[row.why for row in plan.unsupported],
            raws=[text(row.raw) for row in plan.unsupported],
            besides=[text(row.beside) for row in plan.unsupported],
            normalizers=[row.normalizer for row in plan.unsupported],
            received=[row.received_at for row in plan.unsupported],
        )
    if plan.raised_items:
        await SQL.raise_items(
            connection,
            workspaces=[row.workspace_id for row in plan.raised_items],
            events=[row.event_id for row in plan.raised_items],
            kinds=[text(row.kind) for row in plan.raised_items],
            normalizers=[row.normalizer for row in plan.raised_items],
        )
    if plan.understood_items:
        await SQL.delete_items(
            connection,
            workspaces=[row.workspace_id for row in plan.understood_items],
            events=[row.event_id for row in plan.understood_items],
        )
    if plan.channel_events:
        await SQL.insert_channel_events(
            connection,
            workspaces=[row.workspace_id for row in plan.channel_events],
            events=[text(row.event_id) for row in plan.channel_events],
            channels=[row.channel_id for row in plan.channel_events],
            types=[row.type for row in plan.channel_events],
            datas=[row.data for row in plan.channel_events],
            ats=[row.at for row in plan.channel_events],
        )
    if plan.audit:
        await write_audit(connection, plan.audit, plan.now)


async def write_audit(
    connection: PoolConnectionProxy, entries: Collection[AuditEntry], now: datetime
) -> None:
    """Audit rows, in the transaction of what they record."""
    await SQL.insert_audit(
        connection,
        workspaces=[row.workspace_id for row in entries],
        ids=[new_id() for _ in entries],
        actor_types=[row.actor.type for row in entries],
        actors=[row.actor.id for row in entries],
        actions=[row.action for row in entries],
        entity_types=[row.entity_type for row in entries],
        entities=[row.entity_id for row in entries],
        details=[row.details for row in entries],
        now=now,
    )
