"""The secrets of a local stack: made at random once, kept in `.local/secrets.json` (0600).

They stay the same from run to run, for the database and what is sealed in it know them.
"""

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sluice_local.errors import LocalError
from sluice_local.servers.files import write_private
from vault.keyring import KeyRing


def _random() -> str:
    return secrets.token_urlsafe(24)


def _ring(purpose: str) -> str:
    return KeyRing.new(purpose, "local-1").dump()


class Secrets(BaseModel):
    """Every field has a random default; a field added later is made when it is first missed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    nats_password: str = Field(default_factory=_random)
    redis_password: str = Field(default_factory=_random)
    postgres_password: str = Field(default_factory=_random)
    db_owner_password: str = Field(default_factory=_random)
    db_api_password: str = Field(default_factory=_random)
    db_worker_password: str = Field(default_factory=_random)
    meta_app_secret: str = Field(default_factory=lambda: secrets.token_hex(16))
    meta_verify_token: str = Field(default_factory=_random)
    vault_keys_channels: str = Field(default_factory=lambda: _ring("channels"))
    vault_keys_visitors: str = Field(default_factory=lambda: _ring("visitors"))
    vault_keys_sessions: str = Field(default_factory=lambda: _ring("sessions"))
    login_password: str = Field(default_factory=_random)
    api_token: str = Field(default_factory=lambda: f"slt_{_random()}")
    whatsapp_token: str = Field(default_factory=_random)
    messenger_token: str = Field(default_factory=_random)
    instagram_token: str = Field(default_factory=_random)
    """The access tokens of the emulated accounts: the emulator tells them apart by these."""
    widget_secret: str = Field(default_factory=lambda: secrets.token_hex(32))
    """The demo site proves with it who its visitors are."""


def kept_secrets(path: Path) -> Secrets:
    """Those of the last run, or new ones. Raises LocalError when the file is not ours."""
    try:
        known = Secrets.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        known = Secrets()
    except ValidationError:
        raise LocalError(
            f"{path} cannot be read as the secrets of a stack: mend it, or start anew without"
            f" {path.parent} (its database included)"
        ) from None
    write_private(path, known.model_dump_json(indent=2) + "\n")
    return known
