"""The servers: durable, loopback only, with passwords, started again with what they held."""

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest
from redis import Redis

from sluice_local.errors import DidNotStart
from sluice_local.servers import ports
from sluice_local.servers.nats import NatsServer
from sluice_local.servers.orphans import working_in
from sluice_local.servers.postgres import PostgresServer
from sluice_local.servers.program import Program, Running
from sluice_local.servers.redis import RedisServer
from support.stack import wait_for


def listens_only_on_loopback(pid: int | None) -> bool:
    connections = psutil.Process(pid).net_connections("inet")
    listening = [c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN]
    return bool(listening) and set(listening) == {"127.0.0.1"}


async def test_nats_keeps_what_it_acknowledged_through_a_kill(nats_server: NatsServer) -> None:
    client = await nats.connect(nats_server.url)
    stream = client.jetstream()
    await stream.add_stream(name="T", subjects=["t.>"])
    await stream.publish("t.a", b"kept")
    await client.close()
    nats_server.kill()
    assert nats_server.pid is None
    nats_server.start()
    client = await nats.connect(nats_server.url)
    assert (await client.jetstream().get_msg("T", 1)).data == b"kept"
    assert client.max_payload == 8 * 1024 * 1024
    await client.close()


def test_nats_wants_its_password_and_listens_on_loopback(nats_server: NatsServer) -> None:
    with socket.create_connection(("127.0.0.1", nats_server.port), timeout=10) as stranger:
        stranger.sendall(b"CONNECT {}\r\nPING\r\n")
        with stranger.makefile("rb") as answers:
            assert b"Authorization Violation" in answers.read()
    assert listens_only_on_loopback(nats_server.pid)


def test_nats_syncs_every_write(nats_server: NatsServer) -> None:
    config = Path(nats_server.program.argv[-1])
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert '"sync_interval": "always"' in config.read_text()


async def test_postgres_keeps_what_it_committed_through_a_kill(
    own_postgres: PostgresServer,
) -> None:
    url = own_postgres.create_database("kept")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
    await connection.close()
    await asyncio.to_thread(own_postgres.kill)
    own_postgres.restart()
    assert own_postgres.sql("SELECT n FROM t", "kept") == "7"
    copy = own_postgres.create_database("copy", template="kept")
    connection = await asyncpg.connect(copy)
    assert await connection.fetchval("SELECT n FROM t") == 7
    await connection.close()
    assert own_postgres.stop() == 0


async def test_postgres_wants_its_password_and_syncs(postgres_server: PostgresServer) -> None:
    wrong = postgres_server.database_url("postgres", password="guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    for setting, value in {"fsync": "on", "synchronous_commit": "on"}.items():
        assert postgres_server.sql(f"SHOW {setting}") == value
    assert postgres_server.sql("SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid"
                               " WHERE rolname = 'postgres'") == "t"  # fmt: skip
    assert listens_only_on_loopback(postgres_server.pid)


def test_postgres_is_not_run_by_root_and_its_data_is_closed(
    postgres_server: PostgresServer,
) -> None:
    process = psutil.Process(postgres_server.pid)
    assert 0 not in process.uids()
    assert process.uids().effective == (os.geteuid() or postgres_server.data.stat().st_uid)
    assert stat.S_IMODE(postgres_server.data.stat().st_mode) == 0o700
    assert not (postgres_server.home / "password.init").exists()


async def test_an_empty_database_of_ones_own(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname='public'") == 0
    )
    await connection.close()


def test_redis_wants_its_password(redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as client:
        client.set("a", "1")
        assert client.get("a") == b"1"
    assert ports.answers(redis_server.port, b"GET a\r\n", b"NOAUTH")
    assert listens_only_on_loopback(redis_server.pid)


def test_redis_restarts_on_its_port(own_redis: RedisServer) -> None:
    first = own_redis.pid
    own_redis.restart()
    assert own_redis.pid not in (None, first)


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    broken = Program("broken", ("/bin/sh", "-c", "echo no such luck; exit 3"), tmp_path / "b.log")
    with pytest.raises(DidNotStart, match=r"broken ended \(3\)\n    no such luck"):
        Running(broken, ready=lambda: False).start()


async def test_postgres_comes_back_when_only_its_first_process_is_killed(
    own_postgres: PostgresServer,
) -> None:
    """Its backends live on for a moment and would keep a new one from starting."""
    connection = await asyncpg.connect(own_postgres.url)
    pid = own_postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not own_postgres.alive, 10)
    own_postgres.start()
    assert own_postgres.sql("SELECT 1") == "1"
    connection.terminate()


async def test_postgres_comes_back_when_it_is_killed_again_while_it_recovers(
    own_postgres: PostgresServer,
) -> None:
    """The process that recovers is in no group of the first one, and does not notice its end."""
    connection = await asyncpg.connect(own_postgres.url)
    await connection.execute("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1e6)")
    connection.terminate()
    for _ in range(3):
        pid = own_postgres.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not own_postgres.alive, 10)
        own_postgres.spawn()
        wait_for(lambda: len(working_in(own_postgres.data)) > 1 or not own_postgres.alive, 10)
    own_postgres.wait_ready()
    assert own_postgres.sql("SELECT max(n) FROM t") == "1000000"
