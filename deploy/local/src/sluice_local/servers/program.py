"""A program we run: started, waited for, stopped, killed. Servers and services alike.

Blocking on purpose: tests use it from any event loop, or none; the supervisor calls it in
threads. A program that loses its parent is stopped by the kernel (Linux), so that a killed
supervisor or test run leaves nothing behind.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sluice_local.errors import DidNotStart
from sluice_local.servers.privileges import Account

POLL_S = 0.01
KILL_S = 10.0
ORPHANS_S = 2.0
LOG_BYTES = 8 * 1024 * 1024
"""A log longer than this at a start is put aside as `.1`, in place of the one before."""
QUOTED_LINES = 8

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run. `env` is the whole environment, nothing is inherited."""

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 15.0
    start_s: float = 60.0


class Running:
    """One program as a process, or several after one another: `restart` keeps everything else."""

    def __init__(self, program: Program, ready: Callable[[], bool]) -> None:
        self.program = program
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs or never did."""
        return self._process.poll() if self._process is not None else None

    @property
    def ready(self) -> bool:
        """Whether it can be used now."""
        return self.alive and self._ready()

    def spawn(self) -> None:
        """Start the process and return at once.

        Call it in the main thread: the kernel ties the process's life to the thread's.
        """
        program = self.program
        self._end_orphans()
        _put_aside(program.log)
        account = program.account
        with _open_log(program.log) as log:
            self._process = subprocess.Popen(
                program.argv,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is the supervisor's to handle
                preexec_fn=_die_with_parent(program.stop_signal),  # noqa: PLW1509 - one system call
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )

    def wait_ready(self) -> None:
        """Until it is ready. Raises DidNotStart with the end of its log."""
        deadline = time.monotonic() + self.program.start_s
        while not self._ready():
            if not self.alive:
                raise DidNotStart(f"{self.program.name} ended ({self.status}){self._last_words()}")
            if time.monotonic() > deadline:
                raise DidNotStart(
                    f"{self.program.name} was not ready within {self.program.start_s:.0f} s"
                    f"{self._last_words()}"
                )
            time.sleep(POLL_S)

    def start(self) -> None:
        """Start and wait until ready; what did not get ready is stopped. Raises DidNotStart."""
        self.spawn()
        try:
            self.wait_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self, number: signal.Signals | None = None) -> int | None:
        """Ask it to end, with its own signal or another, then insist; answers the exit status."""
        if self._process is None:
            return None
        if self.alive:
            self._process.send_signal(number or self.program.stop_signal)
            try:
                self._process.wait(self.program.stop_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode

    def kill(self) -> None:
        """SIGKILL to it and to what it started: as a power cut, but for the page cache."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()
        self._process.wait(KILL_S)

    def restart(self) -> None:
        """Stop if it runs, start, wait until ready."""
        self.stop()
        self.start()

    def _end_orphans(self) -> None:
        """What a killed process left running: Postgres' backends keep its memory in use."""
        if self._process is None:
            return
        deadline = time.monotonic() + ORPHANS_S
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, signal.SIGKILL)
                time.sleep(POLL_S)

    def _last_words(self) -> str:
        try:
            lines = self.program.log.read_text(errors="replace").splitlines()[-QUOTED_LINES:]
        except OSError:
            lines = []
        return "".join(f"\n    {line}" for line in lines) + f"\n  its log: {self.program.log}"


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _put_aside(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
