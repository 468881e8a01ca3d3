"""`inbox-core-admin`: what is done beside the service, by people and by deploy.

migrate   bring the database to this release's schema; the roles too, when passwords are given
seed      a demo workspace with a login, an API token and channels; prints them as JSON
openapi   print the OpenAPI document
"""

import argparse
import asyncio
import json
import sys
from typing import Self

import asyncpg
from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import load
from inbox_core.adapters.postgres.migrate import ensure_roles, migrate
from inbox_core.adapters.postgres.seeding import Demo, DemoChannel, seed_demo
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

    model_config = SettingsConfigDict(
        env_prefix="SLUICE_", frozen=True, hide_input_in_errors=True
    )

    postgres_admin_url: SecretStr
    vault_keys_channels: SecretStr
    seed_email: str = "demo@sluice.example"
    seed_password: SecretStr
    seed_api_token: SecretStr
    seed_channels: tuple[DemoChannel, ...]


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
