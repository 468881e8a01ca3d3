"""Write: a plan as one statement a table, in the order of foreign keys. Called by unit_of_work."""

from collections.abc import Collection
from datetime import datetime

from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres.columns import (
    CONTACT,
    CONTACT_NEW,
    CONVERSATION,
    CONVERSATION_NEW,
    DELIVERY,
    DELIVERY_NEW,
    FILE,
    IDENTITY,
    IDENTITY_NEW,
    MESSAGE,
    MESSAGE_NEW,
    REFERENCE,
    SEALED_IP,
    SOURCE,
    table,
)
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import text
from inbox_core.app.plan import AuditEntry, Plan, new_id
from inbox_core.domain.delivery import Stage
from inbox_core.domain.errors import InvalidTransition


async def write(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Everything the plan holds. Raises InvalidTransition when a status had moved on."""
    await _people(connection, plan)
    await _conversations(connection, plan)
    if plan.new_messages:
        rows = plan.new_messages.values()
        await SQL.insert_messages(connection, **table(rows, MESSAGE_NEW))
    if plan.messages:
        changed = [message for message, _ in plan.messages.values()]
        await SQL.update_messages(connection, **table(changed, MESSAGE))
    await _deliveries(connection, plan)
    if plan.references:
        await SQL.update_references(connection, **table(plan.references, REFERENCE))
    await _files(connection, plan)
    await _facts(connection, plan)
    await _items(connection, plan)
    if plan.outbox:
        await SQL.insert_outbox(
            connection,
            ids=[row.id for row in plan.outbox],
            workspaces=[row.workspace_id for row in plan.outbox],
            subjects=[row.subject for row in plan.outbox],
            bodies=[row.body for row in plan.outbox],
        )


async def _people(connection: PoolConnectionProxy, plan: Plan) -> None:
    if plan.new_contacts:
        await SQL.insert_contacts(connection, **table(plan.new_contacts.values(), CONTACT_NEW))
    if plan.contacts:
        await SQL.update_contacts(connection, **table(plan.contacts.values(), CONTACT))
    if plan.new_identities:
        rows = plan.new_identities.values()
        await SQL.insert_identities(connection, **table(rows, IDENTITY_NEW))
    if plan.identities:
        await SQL.update_identities(connection, **table(plan.identities.values(), IDENTITY))
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
        written = await fetch(SQL.update_conversations(connection, **table(rows, CONVERSATION)))
        if len(written) != len(rows):
            raise InvalidTransition("changed meanwhile", "changed", ())
    if plan.new_conversations:
        rows = plan.new_conversations.values()
        await SQL.insert_conversations(connection, **table(rows, CONVERSATION_NEW))
    if plan.sources:
        await SQL.insert_sources(connection, **table(plan.sources.values(), SOURCE))
    if plan.visitor_ips:
        await SQL.insert_visitor_ips(connection, **table(plan.visitor_ips.values(), SEALED_IP))


async def _deliveries(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Settled ones first: the index allows one outstanding part a conversation."""
    changed = plan.deliveries.values()
    settled = [part for part in changed if part.stage != Stage.OUTSTANDING]
    going = [part for part in changed if part.stage == Stage.OUTSTANDING]
    for parts in filter(None, (settled, going)):
        await SQL.update_deliveries(connection, **table(parts, DELIVERY))
    if plan.new_deliveries:
        rows = plan.new_deliveries.values()
        await SQL.insert_deliveries(connection, **table(rows, DELIVERY_NEW))


async def _files(connection: PoolConnectionProxy, plan: Plan) -> None:
    if plan.new_files:
        await SQL.insert_files(connection, **table(plan.new_files.values(), FILE))
    if plan.purged_files:
        await SQL.purge_files(
            connection,
            workspaces=[workspace for workspace, _ in plan.purged_files],
            ids=[file for _, file in plan.purged_files],
            now=plan.now,
        )


async def _facts(connection: PoolConnectionProxy, plan: Plan) -> None:
    """What is only ever added: history, account news, audit."""
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


async def _items(connection: PoolConnectionProxy, plan: Plan) -> None:
    """Raw items: kept until a release understands them."""
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
