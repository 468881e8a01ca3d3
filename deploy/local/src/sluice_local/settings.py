"""What may be told to `sluice-local`: ports, and servers to use in place of the embedded ones."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import LogLevel

PREFIX = "SLUICE_LOCAL_"


def port(default: int) -> int:
    """A port field with its default."""
    value: int = Field(default=default, ge=1, le=65535)
    return value


class LocalSettings(BaseSettings):
    """Read as SLUICE_LOCAL_NATS_PORT, …. The three URLs are the services' own variables."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    folder: Path = Path(".local")
    """Everything the stack writes lies below it."""

    nats_port: int = port(4222)
    postgres_port: int = port(5433)
    redis_port: int = port(6380)
    emulator_port: int = port(8090)
    site_port: int = port(8091)
    """A shop's pages with the widget on them."""
    inbox_core_port: int = port(8080)
    inbox_core_admin_port: int = port(9080)
    ingest_whatsapp_port: int = port(8081)
    ingest_whatsapp_admin_port: int = port(9081)
    ingest_meta_port: int = port(8082)
    ingest_meta_admin_port: int = port(9082)
    widget_gateway_port: int = port(8083)
    widget_gateway_admin_port: int = port(9083)

    nats_url: SecretStr | None = Field(default=None, validation_alias="SLUICE_NATS_URL")
    postgres_url: SecretStr | None = Field(default=None, validation_alias="SLUICE_POSTGRES_URL")
    """A superuser's: migrations make three roles with it, the services use those."""
    redis_url: SecretStr | None = Field(default=None, validation_alias="SLUICE_REDIS_URL")

    log_level: LogLevel = "info"
    start_s: float = Field(default=60, gt=0, le=600)
    """How long each program may take until it is ready."""


def variable(field: str) -> str:
    """The environment variable of a field, for sentences that ask to change it."""
    named = LocalSettings.model_fields[field].validation_alias
    return named if isinstance(named, str) else f"{PREFIX}{field}".upper()
