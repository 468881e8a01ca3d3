"""Real servers for tests: fixtures that start NATS, Postgres and Redis on free loopback ports.

    nats_server       an empty NATS for this test alone (it takes some 50 ms)
    redis_server      one Redis for the session, emptied for each test
    postgres_server   one Postgres for the session; make a database of your own in it
    empty_database    the URL of an empty database, dropped after the test

Everything is blocking, so that no event loop is shared with a test; in an async test say
`await asyncio.to_thread(server.stop)`. Start servers from the main thread only: they end with it.
Tests that kill a server use a NATS of their own anyway, and `own_postgres`, `own_redis`.
"""

import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from sluice_local.servers.nats import NatsServer
from sluice_local.servers.ports import free_port
from sluice_local.servers.postgres import PostgresServer
from sluice_local.servers.redis import RedisServer, redis_program


@contextmanager
def folder() -> Iterator[Path]:
    """A short path that an unprivileged Postgres may pass through; pytest's own are closed."""
    path = Path(tempfile.mkdtemp(prefix="sluice-test-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running_nats(monitor_port: int | None = None) -> Iterator[NatsServer]:
    with folder() as path:
        server = NatsServer(path, free_port(), secrets.token_urlsafe(16), monitor_port)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    with folder() as path:
        server = PostgresServer(path, free_port(), secrets.token_urlsafe(16))
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # at once; unlike SIGKILL it gives shared memory back


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    program = redis_program()
    if program is None:
        pytest.skip("this machine has no redis-server, and there is no wheel for it")
    with folder() as path:
        server = RedisServer(path, free_port(), secrets.token_urlsafe(16), program)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def template(server: PostgresServer, name: str, fill: Callable[[str], None]) -> str:
    """A database to copy from, filled once by `fill(url)`, say with migrations; answers its name.

    `fill` must have closed its connections: a database in use cannot be copied.
    """
    fill(server.create_database(name))
    return name


@contextmanager
def temporary_database(server: PostgresServer, template: str | None = None) -> Iterator[str]:
    """The URL of a new database, a copy of `template` if there is one; dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    try:
        yield server.create_database(name, template)
    finally:
        if server.alive:
            server.drop_database(name)


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    with running_nats() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    with temporary_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def session_redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_server(session_redis: RedisServer) -> RedisServer:
    with Redis.from_url(session_redis.url) as client:
        client.flushall()
    return session_redis


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server
