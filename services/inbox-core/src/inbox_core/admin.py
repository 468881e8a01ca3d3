"""`inbox-core-admin`: what is done beside the service, by people and by deploy.

migrate   bring the database to this release's schema; the roles too, when passwords are given
seed      a demo workspace with a login, an API token and channels; prints them as JSON
openapi   print the OpenAPI document

And the command that this service adds to `sluice`: `sluice renormalize`.
"""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any, Self

import asyncpg
from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import load
from inbox_core.adapters.postgres.migrate import ensure_roles, migrate
from inbox_core.adapters.postgres.seeding import Demo, DemoChannel, seed_demo
from inbox_core.adapters.postgres.store import PostgresStore, open_pool
from inbox_core.app.chores_port import Wish
from inbox_core.app.renormalize import renormalize
from inbox_core.entrypoints.http.openapi import openapi_document
from vault.keyring import KeyRing


class MigrateSettings(BaseSettings):
    """Passwords left out: the roles exist already, made by whoever runs the database."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_", frozen=True)

    postgres_admin_url: SecretStr
    db_owner_password: SecretStr | None = None
    db_api_password: SecretStr | None = None
    db_worker_password: SecretStr | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        given = [self.db_owner_password, self.db_api_password, self.db_worker_password]
        if any(given) and not all(given):
            raise ValueError("the passwords of the three roles come together or not at all")
        return self

    def passwords(self) -> dict[str, str]:
        given = {
            "sluice_owner": self.db_owner_password,
            "sluice_api": self.db_api_password,
            "sluice_worker": self.db_worker_password,
        }
        return {role: secret.get_secret_value() for role, secret in given.items() if secret}


class SeedSettings(BaseSettings):
    """What a demo workspace is made of. `seed_channels` is a JSON array of DemoChannel."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_", frozen=True, hide_input_in_errors=True)

    postgres_admin_url: SecretStr
    vault_keys_channels: SecretStr
    seed_email: str = "demo@sluice.example"
    seed_password: SecretStr
    seed_api_token: SecretStr
    seed_channels: tuple[DemoChannel, ...]


class RenormalizeSettings(BaseSettings):
    """The worker's role sees every workspace's raw items."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_", frozen=True)

    postgres_worker_url: SecretStr


def main() -> None:
    """Dispatch a command; a failure is one sentence and status 1."""
    parser = argparse.ArgumentParser(prog="inbox-core-admin", description=__doc__)
    parser.add_argument("command", choices=("migrate", "seed", "openapi"))
    command = parser.parse_args().command
    if command == "openapi":
        sys.stdout.write(json.dumps(openapi_document(), indent=1, sort_keys=True) + "\n")
        return
    try:
        asyncio.run(_migrate() if command == "migrate" else _seed())
    except (asyncpg.PostgresError, OSError) as error:
        sys.exit(f"inbox-core-admin {command}: {error}")


async def _migrate() -> None:
    settings = load(MigrateSettings)
    connection = await asyncpg.connect(settings.postgres_admin_url.get_secret_value())
    try:
        passwords = settings.passwords()
        if passwords:
            await ensure_roles(connection, passwords)
        applied = await migrate(connection)
    finally:
        await connection.close()
    sys.stdout.write(f"applied: {', '.join(applied) or 'nothing, the schema is current'}\n")


async def _seed() -> None:
    settings = load(SeedSettings)
    demo = Demo(
        email=settings.seed_email,
        password=settings.seed_password.get_secret_value(),
        api_token=settings.seed_api_token.get_secret_value(),
        channels=settings.seed_channels,
    )
    ring = KeyRing.parse("channels", settings.vault_keys_channels.get_secret_value())
    connection = await asyncpg.connect(settings.postgres_admin_url.get_secret_value())
    try:
        seeded = await seed_demo(connection, ring, demo)
    finally:
        await connection.close()
    printed = {
        "workspace_id": str(seeded.workspace_id),
        "email": seeded.email,
        "password": demo.password,
        "api_token": demo.api_token,
        "channels": [
            {"id": str(found), "type": kind, "account": account}
            for (kind, account), found in seeded.channels.items()
        ],
    }
    sys.stdout.write(json.dumps(printed) + "\n")


def add_renormalize(areas: Any) -> None:
    """`sluice renormalize`, given to bus.cli by the entry point of the same name."""
    parser = areas.add_parser("renormalize", help="ask anew about items nobody understood")
    parser.add_argument("--kind", required=True, help="exact, or with * at its end: message.*")
    parser.add_argument("--since", type=_moment, metavar="TIME", help="received at or after")
    parser.add_argument("--channel", metavar="TYPE", help="only of this type of channel")
    parser.add_argument("--dry-run", action="store_true", help="count, ask nothing")
    parser.set_defaults(alone=_renormalize)


async def _renormalize(options: argparse.Namespace) -> int:
    url = load(RenormalizeSettings).postgres_worker_url.get_secret_value()
    wish = Wish(options.kind, options.since, options.channel)
    try:
        pool = await open_pool(url, size=1, name="sluice-cli")
        try:
            store = PostgresStore(pool)
            asked = await renormalize(store, wish, datetime.now(UTC), dry_run=options.dry_run)
        finally:
            await pool.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        sys.stderr.write(f"sluice renormalize: {error}\n")
        return 1
    sys.stdout.write(f"{'would ask' if options.dry_run else 'asked'} about {asked} items\n")
    return 0


def _moment(text: str) -> datetime:
    """ISO 8601; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 2026-05-01T12:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
