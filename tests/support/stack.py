"""A whole local stack for tests: `sluice-local` itself, on free ports, in a folder of its own.

stack      one for the session; leave it as you found it
own_stack  one for a test that breaks things
"""

import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sluice_local.servers.ports import free_port
from sluice_local.settings import LocalSettings, variable
from sluice_local.stack_file import StackFile

START_S = 180.0
STOP_S = 120.0


class LocalStack:
    """A running `sluice-local`. `output` is what a person would see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        ports = {
            variable(field): str(free_port())
            for field in LocalSettings.model_fields
            if field.endswith("_port")
        }
        self._env = {
            "PATH": os.defpath,
            "HOME": str(folder),
            variable("folder"): str(folder),
            **ports,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def file(self) -> Path:
        return self.folder / "stack.json"

    def read(self) -> StackFile:
        """Where everything is now: the processes in it change when one is started again."""
        return StackFile.model_validate_json(self.file.read_bytes())

    def start(self) -> StackFile:
        """Returns when everything is ready."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [Path(sysconfig.get_path("scripts")) / "sluice-local"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        process = self._process
        wait_for(lambda: self.file.exists() or process.poll() is not None, START_S)
        assert process.poll() is None, self.output.read_text()
        return self.read()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status; 0 is a clean stop."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(STOP_S)

    def kill_one(self, name: str) -> None:
        """Kill -9 one process by its name and wait until another took its place."""
        pid = self.read().processes[name]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.read().processes.get(name, pid) != pid, STOP_S)


def is_running(pid: int) -> bool:
    """Not gone, and not a corpse that nobody has collected."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], bool], within_s: float) -> None:
    """Blocking; the deadline is ten times what is expected, for slow machines."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@contextmanager
def running_stack() -> Iterator[LocalStack]:
    folder = Path(tempfile.mkdtemp(prefix="sluice-stack-"))
    stack = LocalStack(folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    with running_stack() as stack:
        yield stack


@pytest.fixture
def own_stack() -> Iterator[LocalStack]:
    with running_stack() as stack:
        yield stack
