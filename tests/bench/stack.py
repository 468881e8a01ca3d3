"""A stack to measure the whole way through: servers, streams, tables, a workspace, ingest-whatsapp.

Used by storage.py, to_screen.py and history.py: each starts inbox-core beside it in the roles it
measures.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import programs
from bench.programs import Receiver
from sluice_local import plan, tasks
from sluice_local.facts import DATABASE, Facts
from sluice_local.servers.postgres import PostgresServer
from sluice_local.servers.redis import redis_program
from sluice_local.stack_file import StackFile, stack_file
from support.servers import running_nats, running_postgres, running_redis


@dataclass(frozen=True)
class Stack:
    """What runs, and what is known of it. `ingest` only receives."""

    facts: Facts
    file: StackFile
    postgres: PostgresServer
    ingest: Receiver
    logs: Path

    def count(self, table: str) -> int:
        """Rows of a table, as its owner sees them."""
        return int(self.postgres.sql(f"SELECT count(*) FROM {table}", DATABASE))  # noqa: S608 - a table of ours


@contextmanager
def running_stack(logs: Path) -> Iterator[Stack]:
    """Everything but inbox-core, ready; stopped at the end."""
    with ExitStack() as servers:
        nats = servers.enter_context(running_nats())
        postgres = servers.enter_context(running_postgres())
        redis = servers.enter_context(running_redis()) if redis_program() else None
        url = postgres.create_database(DATABASE)
        facts = programs.facts(nats.url, url, redis.url if redis else None)
        programs.make_streams(facts, logs)
        log = logs / "setup.log"
        tasks.run("inbox-core-admin", "migrate", env=plan.migrate_env(facts), log=log)
        seeded = tasks.run("inbox-core-admin", "seed", env=plan.seed_env(facts), log=log)
        ingest = servers.enter_context(
            programs.service("ingest-whatsapp", ("receive",), facts, logs)
        )
        yield Stack(facts, stack_file(facts, tasks.seeded(seeded), {}), postgres, ingest, logs)
