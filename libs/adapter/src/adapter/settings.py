"""What an adapter is told by its environment. Each service's Settings stand on it.

Fields of a role are required by that role alone: a process that only receives holds no key of the
channels' credentials, and one that only delivers no app secret.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from chassis.settings import SecretList, ServiceSettings, TextList
from contracts.subjects import MIB
from metagraph.origins import GRAPH, META, META_MEDIA

RECEIVE = "receive"
DELIVER = "deliver"
MEDIA = "media"

NEEDS: Mapping[str, tuple[str, ...]] = {
    RECEIVE: ("meta_app_secrets", "meta_verify_tokens"),
    DELIVER: ("vault_keys_channels", "files_url"),
    MEDIA: ("vault_keys_channels", "files_url"),
}
"""role → the settings it cannot work without."""

Needed = tuple[SecretStr, ...] | SecretStr | str | None


class AdapterSettings(ServiceSettings):
    """Read from SLUICE_…; lists are JSON arrays."""

    known_roles: ClassVar[frozenset[str]] = frozenset(NEEDS)

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
    files_url: str | None = Field(default=None, validate_default=True)
    """The filestore: what is sent is read from it, what arrives is copied into it."""
    files_options: dict[str, SecretStr] = Field(default_factory=dict)
    """Of a filestore in a cloud: endpoint, region, keys."""
    redis_url: SecretStr | None = None
    """Where processes share the rates of sending. Without one, each keeps to a quarter of them."""
    graph_origin: str = META
    graph_allowed_origins: TextList = GRAPH
    """Where credentials may travel, exactly: scheme, host and port."""
    meta_app_access_token: SecretStr | None = None
    """Asks Meta about other tokens; without it a token is asked about with itself."""
    media_allowed_origins: TextList = META_MEDIA
    """Where files may be fetched from."""
    sends_at_once: Annotated[int, Field(ge=1, le=512)] = 64

    @field_validator(
        "meta_app_secrets", "meta_verify_tokens", "vault_keys_channels", "files_url", mode="after"
    )
    @classmethod
    def _there_and_not_empty(cls, value: Needed, info: ValidationInfo) -> Needed:
        values = value if isinstance(value, tuple) else (value,)
        if all(_plain(one).strip() for one in values):
            return value
        for role, names in NEEDS.items():
            if info.field_name in names and role in info.data.get("roles", NEEDS):
                raise ValueError(f"missing or empty; role {role} needs it")
        return value


def _plain(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
