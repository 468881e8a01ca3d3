"""Rows a test begins with, written as the database's superuser: workspaces, people, threads.

workspace = await add_workspace(admin)
ana = await add_member(admin, workspace, "support")
rows = await add_conversations(admin, workspace, channel, 200)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from inbox_core.adapters.passwords import Argon2Passwords
from inbox_core.app.access import Role
from inbox_core.app.login import new_api_token, token_hash

PASSWORD = "correct horse battery staple"
_hashes: dict[str, str] = {}
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """A member of a workspace, with a login and an API token."""

    id: UUID
    email: str
    name: str
    role: Role
    token: str
    token_id: UUID


async def add_workspace(admin: asyncpg.Connection, name: str = "Demo") -> UUID:
    workspace = uuid4()
    await admin.execute("INSERT INTO workspaces (id, name) VALUES ($1, $2)", workspace, name)
    return workspace


async def add_member(
    admin: asyncpg.Connection, workspace: UUID, role: Role, name: str = "Ana"
) -> Person:
    """Somebody with the password PASSWORD."""
    person = Person(
        id=uuid4(),
        email=f"{role}-{uuid4().hex[:8]}@sluice.example",
        name=name,
        role=role,
        token=new_api_token(),
        token_id=uuid4(),
    )
    await admin.execute(
        "INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)",
        person.id,
        person.email,
        name,
        _hashed(PASSWORD),
    )
    await join(admin, workspace, person.id, role, name)
    await admin.execute(
        "INSERT INTO api_tokens (workspace_id, id, token_hash, name, user_id)"
        " VALUES ($1, $2, $3, $4, $5)",
        workspace,
        person.token_id,
        token_hash(person.token),
        f"{name}'s token",
        person.id,
    )
    return person


async def join(
    admin: asyncpg.Connection, workspace: UUID, user: UUID, role: Role, name: str = "Ana"
) -> None:
    await admin.execute(
        "INSERT INTO members (workspace_id, user_id, role, name) VALUES ($1, $2, $3, $4)",
        workspace,
        user,
        role,
        name,
    )


async def add_channel(
    admin: asyncpg.Connection, workspace: UUID, *, account: str | None = None
) -> UUID:
    channel = uuid4()
    await admin.execute(
        "INSERT INTO channels (workspace_id, id, type, account, name, secret)"
        " VALUES ($1, $2, 'whatsapp', $3, 'Main number', 'sealed')",
        workspace,
        channel,
        account or uuid4().hex,
    )
    return channel


async def add_conversation(
    admin: asyncpg.Connection, workspace: UUID, channel: UUID, *texts: str, name: str = "Bea"
) -> UUID:
    """An open conversation of a new contact, with one inbound message a text, all unread."""
    [conversation] = await add_conversations(admin, workspace, channel, 1, names=(name,))
    await admin.execute(
        "INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction, kind,"
        " author_type, author_name, parts, sent_at, created_at)"
        " SELECT $1, $2, n, gen_random_uuid(), $3, 'inbound', 'message', 'contact', $4,"
        " jsonb_build_array(jsonb_build_object('kind', 'text', 'text', words)), $6, $6"
        " FROM unnest($5::text[]) WITH ORDINALITY AS t (words, n)",
        workspace,
        conversation,
        channel,
        name,
        list(texts),
        START,
    )
    await admin.execute(
        "INSERT INTO external_refs (workspace_id, channel_id, provider_id, message_id, seen_at)"
        " SELECT workspace_id, channel_id, 'wamid.' || id, id, $3 FROM messages"
        " WHERE workspace_id = $1 AND conversation_id = $2",
        workspace,
        conversation,
        START,
    )
    await admin.execute(
        "UPDATE conversations SET last_seq = $3, last_inbound_seq = $3, unread_count = $3"
        " WHERE workspace_id = $1 AND id = $2",
        workspace,
        conversation,
        len(texts),
    )
    return conversation


async def add_conversations(
    admin: asyncpg.Connection,
    workspace: UUID,
    channel: UUID,
    count: int,
    *,
    names: Sequence[str] = ("Bea",),
    first: int = 0,
    step: timedelta = timedelta(seconds=1),
) -> list[UUID]:
    """Open conversations without messages, each of a contact of its own; the newest last."""
    ids = [uuid4() for _ in range(count)]
    await admin.execute(
        """
        WITH new AS (
            SELECT id, n, ($6::text[])[1 + (n - 1) % cardinality($6::text[])] AS name
            FROM unnest($3::uuid[]) WITH ORDINALITY AS t (id, n)
        ), people AS (
            INSERT INTO contacts (workspace_id, id, name) SELECT $1, id, name FROM new
        ), faces AS (
            INSERT INTO identities (workspace_id, id, channel_id, contact_id)
            SELECT $1, id, $2, id FROM new
        ), aliases AS (
            INSERT INTO identity_aliases
                (workspace_id, channel_id, kind, value, identity_id, seen_at)
            SELECT $1, $2, 'phone', id::text, id, now() FROM new
        )
        INSERT INTO conversations
            (workspace_id, id, channel_id, identity_id, contact_id, last_message_at, created_at)
        SELECT $1, id, $2, id, id, $4::timestamptz + (n + $5::bigint) * $7::interval,
               $4::timestamptz FROM new
        """,
        workspace,
        channel,
        ids,
        START,
        first,
        list(names),
        step,
    )
    return ids


def _hashed(password: str) -> str:
    """Hashing is slow on purpose; once a run is enough."""
    if password not in _hashes:
        passwords = Argon2Passwords()
        _hashes[password] = passwords.hash(password)
        passwords.close()
    return _hashes[password]
