"""The three servers of the stack: started here, or somebody else's when their URL is a setting."""

from collections.abc import Callable
from pathlib import Path

from sluice_local.facts import DATABASE, Facts
from sluice_local.secrets_file import Secrets
from sluice_local.servers.nats import NatsServer
from sluice_local.servers.ports import HOST
from sluice_local.servers.postgres import PostgresServer
from sluice_local.servers.program import Running
from sluice_local.servers.redis import RedisServer, redis_program
from sluice_local.settings import LocalSettings

Start = Callable[[Running, str], None]
"""Start a program and say its address."""


def start_servers(
    settings: LocalSettings, secrets: Secrets, folder: Path, logs: Path, start: Start
) -> Facts:
    """NATS, Postgres and Redis, ready; answers where they are. Raises LocalError."""
    return Facts(
        settings=settings,
        secrets=secrets,
        nats_url=_nats(settings, secrets, folder / "nats", logs / "nats.log", start),
        postgres_url=_postgres(
            settings, secrets, folder / "postgres", logs / "postgres.log", start
        ),
        redis_url=_redis(settings, secrets, folder / "redis", logs / "redis.log", start),
        files_url=(folder / "files").as_uri(),
    )


def _nats(settings: LocalSettings, secrets: Secrets, folder: Path, log: Path, start: Start) -> str:
    if settings.nats_url is not None:
        return settings.nats_url.get_secret_value()
    server = NatsServer(folder, settings.nats_port, secrets.nats_password, log=log)
    start(server, f"{HOST}:{server.port}")
    return server.url


def _postgres(
    settings: LocalSettings, secrets: Secrets, folder: Path, log: Path, start: Start
) -> str:
    if settings.postgres_url is not None:
        return settings.postgres_url.get_secret_value()
    server = PostgresServer(folder, settings.postgres_port, secrets.postgres_password, log=log)
    start(server, f"{HOST}:{server.port}")
    if not server.has_database(DATABASE):
        server.create_database(DATABASE)
    return server.database_url(DATABASE)


def _redis(
    settings: LocalSettings, secrets: Secrets, folder: Path, log: Path, start: Start
) -> str | None:
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    program = redis_program()
    if program is None:
        return None
    server = RedisServer(folder, settings.redis_port, secrets.redis_password, program, log=log)
    start(server, f"{HOST}:{server.port}")
    return server.url
