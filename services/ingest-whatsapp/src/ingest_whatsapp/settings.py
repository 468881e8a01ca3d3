"""What the service is told by its environment. Built once, in main().

Fields of a role are required by that role alone: a process that only receives holds no key of the
channels' credentials, and one that only delivers no app secret.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from chassis.settings import Port, SecretList, ServiceSettings, TextList
from metagraph.origins import META

RECEIVE = "receive"
DELIVER = "deliver"

NEEDS: Mapping[str, tuple[str, ...]] = {
    RECEIVE: ("meta_app_secrets", "meta_verify_tokens"),
    DELIVER: ("vault_keys_channels",),
}
"""role → the settings it cannot work without."""

MIB = 1024 * 1024

Secrets = tuple[SecretStr, ...] | SecretStr | None


class Settings(ServiceSettings):
    """Read from SLUICE_…; lists are JSON arrays."""

    known_roles: ClassVar[frozenset[str]] = frozenset(NEEDS)

    http_port: Port = 8081
    admin_port: Port = 9081

    meta_app_secrets: SecretList | None = Field(default=None, validate_default=True)
    """Of every app whose webhooks arrive here; several while one is being replaced."""
    meta_verify_tokens: SecretList | None = Field(default=None, validate_default=True)
    """What Meta's handshake must bring."""
    max_body_bytes: Annotated[int, Field(ge=MIB, le=7 * MIB)] = 4 * MIB
    """Of one webhook. Meta sends up to 3 MB; a dead letter of it must fit one message."""
    queue_events: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    """Above so many waiting events further webhooks are answered 503."""
    queue_bytes: Annotated[int, Field(ge=MIB, le=1024 * MIB)] = 32 * MIB

    vault_keys_channels: SecretStr | None = Field(default=None, validate_default=True)
    """The key ring that opens the channels' credentials."""
    graph_origin: str = META
    graph_allowed_origins: TextList = (META,)
    """Where credentials may travel, exactly: scheme, host and port."""
    sends_at_once: Annotated[int, Field(ge=1, le=512)] = 64

    @field_validator("meta_app_secrets", "meta_verify_tokens", "vault_keys_channels", mode="after")
    @classmethod
    def _there_and_not_empty(cls, value: Secrets, info: ValidationInfo) -> Secrets:
        secrets = value if isinstance(value, tuple) else (value,)
        if all(secret and secret.get_secret_value() for secret in secrets):
            return value
        for role, names in NEEDS.items():
            if info.field_name in names and role in info.data.get("roles", NEEDS):
                raise ValueError(f"missing or empty; role {role} needs it")
        return value
