"""One transaction over asyncpg: app.ports.UnitOfWork. Opened by store.py."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres import mapping
from inbox_core.adapters.postgres.chores import PostgresChores
from inbox_core.adapters.postgres.event_reads import PostgresEventReads
from inbox_core.adapters.postgres.health import read_health
from inbox_core.adapters.postgres.names import read_names
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import pairs, text
from inbox_core.adapters.postgres.writing import write
from inbox_core.app.capabilities import Book
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Channel, Key, Room
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.errors import AccountTaken
from inbox_core.domain.files import File
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey

ACCOUNT_KEY = "channels_account"
EMPTY = Room(0, (0, 0, 0))


class PostgresUnitOfWork(PostgresEventReads, PostgresChores):
    """Reads lock what their names say; nothing is asked for an empty set of keys."""

    def __init__(self, connection: PoolConnectionProxy, book: Book) -> None:
        self._connection = connection
        self._book = book

    async def channels_by_account(
        self, accounts: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Channel]:
        rows = await fetch(
            SQL.channels_by_account(
                self._connection,
                types=[kind for kind, _ in accounts],
                accounts=[account for _, account in accounts],
            )
        )
        return {(row["type"], row["account"]): mapping.channel(row, self._book) for row in rows}

    async def channels_by_parent(self, parents: Collection[tuple[str, str]]) -> Sequence[Channel]:
        rows = await fetch(
            SQL.channels_by_parent(
                self._connection,
                types=[kind for kind, _ in parents],
                parents=[parent for _, parent in parents],
            )
        )
        return [mapping.channel(row, self._book) for row in rows]

    async def channels(self, keys: Collection[Key]) -> Mapping[UUID, Channel]:
        rows = await fetch(SQL.channels_by_id(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.channel(row, self._book) for row in rows}

    async def lock_channel(self, key: Key) -> Channel | None:
        workspace, channel = key
        row = await SQL.lock_channel(self._connection, workspace=workspace, channel=channel)
        return mapping.channel(row, self._book) if row else None

    async def add_channel(self, channel: Channel, sealed: str) -> None:
        try:
            await SQL.insert_channel(
                self._connection,
                workspace=channel.workspace_id,
                channel=channel.id,
                type=channel.type,
                account=channel.account,
                name=text(channel.name),
                enabled=channel.enabled,
                sealed=sealed,
                parent=text(channel.parent),
                config=dict(channel.config),
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != ACCOUNT_KEY:
                raise
            raise AccountTaken("This account is connected already.") from None

    async def change_channel(self, channel: Channel, sealed: str | None) -> None:
        await SQL.update_channel(
            self._connection,
            workspace=channel.workspace_id,
            channel=channel.id,
            name=text(channel.name),
            enabled=channel.enabled,
            version=channel.version,
            sealed=sealed,
            parent=text(channel.parent),
            config=dict(channel.config),
        )

    async def inform_channel(self, channel: Channel, sealed: str | None) -> None:
        await SQL.inform_channel(
            self._connection,
            workspace=channel.workspace_id,
            channel=channel.id,
            version=channel.version,
            parent=text(channel.parent),
            config=dict(channel.config),
            sealed=sealed,
        )

    async def sealed_secret(self, key: Key) -> str:
        workspace, channel = key
        sealed = await SQL.sealed_secret(self._connection, workspace=workspace, channel=channel)
        return str(sealed)

    async def channel_health(self, keys: Collection[Key]) -> Mapping[UUID, ChannelHealth]:
        return await read_health(self._connection, keys)

    async def write_health(self, workspace_id: UUID, health: ChannelHealth) -> None:
        await SQL.write_health(
            self._connection,
            workspace=workspace_id,
            channel=health.channel_id,
            validation=health.validation,
            validated_at=health.validated_at,
            problem=health.problem,
            token_expires_at=health.token_expires_at,
            state=health.state,
            quality=text(health.quality),
            throughput=text(health.throughput),
            messaging_limit=text(health.messaging_limit),
        )

    async def channel_to_validate(
        self, types: Collection[str], besides: Collection[UUID], before: Mapping[str, datetime]
    ) -> Key | None:
        row = await SQL.channel_to_validate(
            self._connection,
            types=list(types),
            besides=list(besides),
            verdicts=list(before),
            befores=list(before.values()),
        )
        return (row["workspace_id"], row["id"]) if row else None

    async def lock_aliases(
        self, keys: Mapping[AliasKey, int], now: datetime
    ) -> Mapping[AliasKey, UUID | None]:
        if not keys:
            return {}
        rows = await fetch(
            SQL.lock_aliases(
                self._connection,
                workspaces=[key.workspace_id for key in keys],
                channels=[key.channel_id for key in keys],
                kinds=[key.kind for key in keys],
                names=[key.value for key in keys],
                positions=list(keys.values()),
                now=now,
            )
        )
        return {mapping.alias_key(row): row["identity_id"] for row in rows}

    async def lock_references(
        self, keys: Collection[RefKey], now: datetime
    ) -> Mapping[RefKey, Reference]:
        if not keys:
            return {}
        rows = await fetch(
            SQL.lock_references(
                self._connection,
                workspaces=[key.workspace_id for key in keys],
                channels=[key.channel_id for key in keys],
                providers=[key.provider_id for key in keys],
                now=now,
            )
        )
        found = [mapping.reference(row) for row in rows]
        return {reference.key: reference for reference in found}

    async def lock_identities(self, keys: Collection[Key]) -> Mapping[UUID, Identity]:
        rows = await fetch(SQL.lock_identities(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.identity(row) for row in rows}

    async def identities(self, keys: Collection[Key]) -> Mapping[UUID, Identity]:
        rows = await fetch(SQL.identities(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.identity(row) for row in rows}

    async def lock_contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]:
        rows = await fetch(SQL.lock_contacts(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.contact(row) for row in rows}

    async def contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]:
        rows = await fetch(SQL.contacts(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.contact(row) for row in rows}

    async def latest_conversations(self, identities: Collection[Key]) -> Mapping[UUID, UUID]:
        if not identities:
            return {}
        rows = await fetch(SQL.latest_conversations(self._connection, **pairs(identities)))
        return {row["identity_id"]: row["id"] for row in rows}

    async def live_conversations(self, contact: Key) -> Collection[Key]:
        workspace, person = contact
        found = SQL.live_conversations(self._connection, workspace=workspace, contact=person)
        return {(row["workspace_id"], row["id"]) for row in await fetch(found)}

    async def conversations_of(self, messages: Collection[Key]) -> Collection[Key]:
        if not messages:
            return ()
        rows = await fetch(SQL.conversations_of(self._connection, **pairs(messages)))
        return {(row["workspace_id"], row["conversation_id"]) for row in rows}

    async def lock_conversations(self, keys: Collection[Key]) -> Mapping[UUID, Conversation]:
        rows = await fetch(SQL.lock_conversations(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.conversation(row) for row in rows}

    async def message_by_client_msg_id(
        self, conversation: Key, client_msg_id: str
    ) -> Message | None:
        workspace, thread = conversation
        row = await SQL.message_by_client_msg_id(
            self._connection, workspace=workspace, conversation=thread, client=client_msg_id
        )
        return mapping.message(row) if row else None

    async def unread_after(self, conversation: Key, seq: int) -> int:
        workspace, thread = conversation
        count = await SQL.unread_after(
            self._connection, workspace=workspace, conversation=thread, seq=seq
        )
        return int(count)

    async def lock_messages(self, keys: Collection[Key]) -> Mapping[UUID, Message]:
        rows = await fetch(SQL.lock_messages(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.message(row) for row in rows}

    async def external_ids(self, messages: Collection[Key]) -> Mapping[UUID, str]:
        rows = (
            await fetch(SQL.external_ids(self._connection, **pairs(messages))) if messages else ()
        )
        return {row["message_id"]: row["provider_id"] for row in rows}

    async def last_inbound(self, conversation: Key, after: int, up_to: int) -> str | None:
        workspace, thread = conversation
        found: str | None = await SQL.last_inbound(
            self._connection, workspace=workspace, conversation=thread, after=after, up_to=up_to
        )
        return found

    async def workspace_settings(self, workspace_id: UUID) -> Mapping[str, Any]:
        found = await SQL.workspace_settings(self._connection, workspace=workspace_id)
        return dict(found or {})

    async def member_names(self, members: Collection[Key]) -> Mapping[UUID, str]:
        return await read_names(self._connection, members)

    async def deliveries(self, messages: Collection[Key]) -> Mapping[UUID, list[Delivery]]:
        rows = await fetch(SQL.deliveries(self._connection, **pairs(messages))) if messages else ()
        parts: dict[UUID, list[Delivery]] = defaultdict(list)
        for row in rows:
            parts[row["message_id"]].append(mapping.delivery(row))
        return dict(parts)

    async def waiting_heads(self, conversations: Collection[Key]) -> Sequence[tuple[Key, int]]:
        rows = await fetch(SQL.waiting_heads(self._connection, **pairs(conversations)))
        return [((row["workspace_id"], row["message_id"]), row["part"]) for row in rows]

    async def outstanding(self, conversations: Collection[Key]) -> Collection[UUID]:
        rows = await fetch(SQL.outstanding(self._connection, **pairs(conversations)))
        return {row["conversation_id"] for row in rows}

    async def stalled(self, limit: int) -> Collection[Key]:
        rows = await fetch(SQL.stalled(self._connection, most=limit))
        return [(row["workspace_id"], row["conversation_id"]) for row in rows]

    async def overdue(self, before: datetime, limit: int) -> Collection[tuple[Key, Key]]:
        rows = await fetch(SQL.overdue(self._connection, before=before, most=limit))
        workspaced = ((row["workspace_id"], row) for row in rows)
        return [((ws, row["conversation_id"]), (ws, row["message_id"])) for ws, row in workspaced]

    async def room(self, channels: Collection[Key]) -> Mapping[UUID, Room]:
        rows = await fetch(SQL.room(self._connection, **pairs(channels)))
        busy = {
            row["channel_id"]: Room(
                row["outstanding"], (row["people"], row["ai"], row["broadcasts"])
            )
            for row in rows
        }
        return {channel: busy.get(channel, EMPTY) for _, channel in channels}

    async def addresses(
        self, identities: Collection[Key]
    ) -> Mapping[UUID, Sequence[tuple[str, str]]]:
        rows = await fetch(SQL.addresses(self._connection, **pairs(identities)))
        known: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            known[row["identity_id"]].append((row["kind"], row["value"]))
        return known

    async def files(self, keys: Collection[Key]) -> Mapping[UUID, File]:
        rows = await fetch(SQL.files(self._connection, **pairs(keys))) if keys else ()
        return {row["id"]: mapping.file(row) for row in rows}

    async def write(self, plan: Plan) -> None:
        await write(self._connection, plan)
