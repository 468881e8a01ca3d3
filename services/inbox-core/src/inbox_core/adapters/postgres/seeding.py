"""A demo workspace: somebody to log in as, an API token, channels. Safe to repeat.

Called by `inbox-core-admin seed` and by tests, as the database's owner or superuser. What exists
is brought in line: the password and the channels' secrets are set anew, nothing is doubled.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from inbox_core.adapters.passwords import Argon2Passwords
from inbox_core.app.access import Role
from inbox_core.app.login import token_hash
from inbox_core.app.plan import new_id
from inbox_core.domain.errors import AccountTaken
from vault.keyring import KeyRing
from vault.seal import Place, seal

WORKSPACE_ID = UUID("01900000-0000-7000-8000-00000000d3e0")


class DemoChannel(BaseModel):
    """A platform account to connect, as `POST /channels` takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    account: str
    secret: str = Field(repr=False)
    name: str = "Demo"
    parent: str | None = None
    config: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demo:
    """What to make. `workspace_id` tells one demo from another."""

    email: str
    password: str = field(repr=False)
    api_token: str = field(repr=False)
    channels: tuple[DemoChannel, ...]
    name: str = "Demo"
    role: Role = "owner"
    workspace_id: UUID = WORKSPACE_ID


@dataclass(frozen=True, slots=True)
class Seeded:
    """What there is now; the caller has the secrets. `channels`: (type, account) → id."""

    workspace_id: UUID
    user_id: UUID
    channels: Mapping[tuple[str, str], UUID]
    email: str


async def seed_demo(connection: asyncpg.Connection, ring: KeyRing, demo: Demo) -> Seeded:
    """Make or mend the demo. Raises AccountTaken when another workspace has the account."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO workspaces (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            demo.workspace_id,
            demo.name,
        )
        user_id = await _seed_user(connection, demo)
        await _seed_token(connection, demo, user_id)
        channels = {
            (one.type, one.account): await _seed_channel(connection, ring, demo.workspace_id, one)
            for one in demo.channels
        }
    return Seeded(demo.workspace_id, user_id, channels, demo.email.lower())


async def _seed_user(connection: asyncpg.Connection, demo: Demo) -> UUID:
    passwords = Argon2Passwords()
    try:
        password_hash = passwords.hash(demo.password)
    finally:
        passwords.close()
    user_id: UUID = await connection.fetchval(
        "INSERT INTO users (id, email, name, password_hash) VALUES ($1, lower($2), $3, $4)"
        " ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash RETURNING id",
        new_id(),
        demo.email,
        demo.name,
        password_hash,
    )
    await connection.execute(
        "INSERT INTO members (workspace_id, user_id, role, name) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role",
        demo.workspace_id,
        user_id,
        demo.role,
        demo.name,
    )
    return user_id


async def _seed_token(connection: asyncpg.Connection, demo: Demo, user_id: UUID) -> None:
    await connection.execute(
        "INSERT INTO api_tokens (workspace_id, id, token_hash, name, user_id)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token_hash) DO NOTHING",
        demo.workspace_id,
        new_id(),
        token_hash(demo.api_token),
        f"{demo.name} token",
        user_id,
    )


async def _seed_channel(
    connection: asyncpg.Connection, ring: KeyRing, workspace_id: UUID, demo: DemoChannel
) -> UUID:
    """The secret is sealed for the row it is in, so an existing row keeps its id."""
    known = await connection.fetchrow(
        "SELECT workspace_id, id FROM channels WHERE type = $1 AND account = $2 FOR UPDATE",
        demo.type,
        demo.account,
    )
    if known is not None and known["workspace_id"] != workspace_id:
        raise AccountTaken("The account belongs to another workspace.")
    channel_id: UUID = known["id"] if known is not None else new_id()
    sealed = seal(ring, demo.secret, Place(workspace_id, "channels", channel_id, "secret"))
    await connection.execute(
        "INSERT INTO channels (workspace_id, id, type, account, name, secret, parent, config)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, id)"
        " DO UPDATE SET secret = excluded.secret, parent = excluded.parent,"
        " config = excluded.config, version = channels.version + 1",
        workspace_id,
        channel_id,
        demo.type,
        demo.account,
        demo.name,
        sealed,
        demo.parent,
        json.dumps(demo.config),
    )
    return channel_id
