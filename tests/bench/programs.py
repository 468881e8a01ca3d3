"""The processes that are measured, as deploy/local starts them: free ports, loopback, by pid.

Services get the environment that a local stack would give them; the two others are modules of this
package. Everything stops with its context.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.addresses import HOST
from sluice_local import plan, tasks
from sluice_local.facts import Facts
from sluice_local.secrets_file import Secrets
from sluice_local.servers.ports import answers, free_port
from sluice_local.servers.program import Program, Running
from sluice_local.settings import LocalSettings

TESTS = Path(__file__).resolve().parents[1]
STOP_S = 25.0
ASK_READY = f"GET /readyz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


@dataclass(frozen=True)
class Receiver:
    """A process that takes webhooks. `name` is how the report calls it."""

    name: str
    port: int
    running: Running

    @property
    def pid(self) -> int:
        """Raises RuntimeError when it has ended: its figures would be another's."""
        if self.running.pid is None:
            raise RuntimeError(f"{self.name} ended: see {self.running.program.log}")
        return self.running.pid


def facts(nats_url: str, postgres_url: str = "", redis_url: str | None = None) -> Facts:
    """Where everything is: ports and secrets are new. The bench sends words, no file is kept."""
    ports = {name: free_port() for name in LocalSettings.model_fields if name.endswith("_port")}
    settings = LocalSettings.model_validate(ports)
    return Facts(settings, Secrets(), nats_url, postgres_url, redis_url, files_url="memory:///")


def make_streams(facts: Facts, logs: Path) -> None:
    """`sluice bus apply`."""
    tasks.run("sluice", "bus", "apply", env=plan.streams_env(facts), log=logs / "setup.log")


@contextmanager
def service(
    name: str,
    roles: tuple[str, ...],
    facts: Facts,
    logs: Path,
    more: Mapping[str, str] | None = None,
) -> Iterator[Receiver]:
    """One of the services in some of its roles, ready. `more`: of its environment."""
    row = next(row for row in plan.SERVICES if row.name == name)
    env = {**plan.service_env(row, facts), "SLUICE_ROLES": json.dumps(roles), **(more or {})}
    program = Program(
        name=name, argv=(plan.script(name),), log=logs / f"{name}.log", env=env, stop_s=STOP_S
    )
    admin_port = row.admin_port(facts.settings)
    running = Running(program, lambda: answers(admin_port, ASK_READY, b" 200 "))
    with _kept(running):
        yield Receiver(name, row.port(facts.settings), running)


@contextmanager
def module(name: str, logs: Path, *arguments: str) -> Iterator[Receiver]:
    """`python -m bench.<name> PORT …`, ready when its port answers anything."""
    port = free_port()
    program = Program(
        name=name,
        argv=(sys.executable, "-m", f"bench.{name}", str(port), *arguments),
        log=logs / f"{name}.log",
        env={**plan.base_env(), "PYTHONPATH": str(TESTS)},
        stop_s=STOP_S,
    )
    with _kept(Running(program, lambda: answers(port, ASK_READY, b"HTTP/1.1"))) as running:
        yield Receiver(name, port, running)


@contextmanager
def _kept(running: Running) -> Iterator[Running]:
    try:
        running.start()
        yield running
    finally:
        running.stop()
