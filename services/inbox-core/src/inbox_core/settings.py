"""What inbox-core can be told, from the environment; read once in main()."""

from typing import ClassVar

from pydantic import Field, SecretStr

from chassis.settings import ServiceSettings, TextList


class Settings(ServiceSettings):
    """Roles: api (REST and sockets), worker (INBOUND to Postgres), relay (outbox to bus)."""

    known_roles: ClassVar[frozenset[str]] = frozenset({"api", "worker", "relay"})

    postgres_api_url: SecretStr
    """As role sluice_api."""
    postgres_worker_url: SecretStr
    """As role sluice_worker."""
    redis_url: SecretStr | None = None
    """Without it limits fall back to per-process buckets."""
    vault_keys_channels: SecretStr
    vault_keys_sessions: SecretStr
    files_url: str
    """Where uploads and media lie, the same for all services: filestore.opening has the forms."""
    files_options: dict[str, SecretStr] = Field(default_factory=dict)
    """What the store needs beside its URL, as a JSON object."""
    max_upload_bytes: int = Field(default=25 * 1024 * 1024, ge=1024, le=1024**3)
    """Of one file that somebody uploads to send it."""
    public_origin: str = "http://127.0.0.1:8080"
    """Scheme, host and port the screens are served from: checked on sockets and cookies."""
    more_origins: TextList = ()
    """Further origins whose pages may call: a second domain, a developer's server."""
    cookie_secure: bool = True
    """Off only where the screens are served without TLS, on one machine."""
    trusted_proxies: TextList = ()
    """Addresses or networks whose X-Forwarded-For is believed."""
    visitor_ips_days: int = Field(default=90, ge=1, le=3650)
    """How long the whole, sealed addresses of visitors are kept."""
    worker_batches: int = Field(default=2, ge=1, le=8)
    """Transactions at once; two keep Postgres busy, more only queue up."""
    api_connections: int = Field(default=8, ge=1, le=100)
    sockets_max: int = Field(default=5000, ge=1)
