"""What the gateway is told by its environment. Built once, in main()."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from chassis.addresses import networks
from chassis.settings import Port, ServiceSettings, TextList
from contracts.subjects import MIB
from widget_gateway.limits import Name

RECEIVE = "receive"
DELIVER = "deliver"

NEEDS: Mapping[str, tuple[str, ...]] = {
    RECEIVE: ("vault_keys_channels", "vault_keys_visitors", "files_url"),
    DELIVER: ("vault_keys_channels", "files_url"),
}
"""role → the settings it cannot work without."""

Needed = SecretStr | str | None
Rate = tuple[Annotated[int, Field(ge=1, le=1_000_000)], Annotated[float, Field(gt=0, le=1e6)]]


class Settings(ServiceSettings):
    """Roles: receive (visitors' doors), deliver (answers to visitors). Lists are JSON arrays."""

    known_roles: ClassVar[frozenset[str]] = frozenset(NEEDS)

    http_port: Port = 8083
    admin_port: Port = 9083
    public_origin: str | None = Field(default=None, pattern=r"^https?://[^/\s]+$", max_length=255)
    """Scheme, host and port where browsers reach this gateway, which addresses of files begin with.
    Without one they are relative: a client completes them by where it found the gateway."""
    trusted_proxies: TextList = ()
    """Addresses or networks whose X-Forwarded-For is believed."""

    vault_keys_channels: SecretStr | None = Field(default=None, validate_default=True)
    """Opens the channels' secrets, which sites sign their proofs of identity with."""
    vault_keys_visitors: SecretStr | None = Field(default=None, validate_default=True)
    """Signs sessions and addresses of files, seals visitors' addresses."""
    files_url: str | None = Field(default=None, validate_default=True)
    """The filestore, the same for all services."""
    files_options: dict[str, SecretStr] = Field(default_factory=dict)
    """Of a filestore in a cloud: endpoint, region, keys."""
    redis_url: SecretStr | None = None
    """Where replicas share their limits. Without one each counts for itself."""

    max_upload_bytes: Annotated[int, Field(ge=1024, le=1024 * MIB)] = 25 * MIB
    """Of one file a visitor sends."""
    sockets_max: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """Of this process, waiting polls among them; the next one is told to come back. Left out, it is
    less where the system gives fewer files (capacity.py)."""
    sockets_each: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """Of one address, as limits count it, in this process: an office or a school behind one."""
    queue_events: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    """Above so many messages waiting for the bus further ones are refused for a while."""
    queue_bytes: Annotated[int, Field(ge=MIB, le=1024 * MIB)] = 32 * MIB
    limits: dict[Name, Rate] = Field(default_factory=dict)
    """Rows of limits.LIMITS replaced: {"messages": [burst, each second]}."""

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _are_networks(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        networks(words)
        return words

    @field_validator("vault_keys_channels", "vault_keys_visitors", "files_url", mode="after")
    @classmethod
    def _there_and_not_empty(cls, value: Needed, info: ValidationInfo) -> Needed:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value or ""
        if plain.strip():
            return value
        for role, names in NEEDS.items():
            if info.field_name in names and role in info.data.get("roles", NEEDS):
                raise ValueError(f"missing or empty; role {role} needs it")
        return value
