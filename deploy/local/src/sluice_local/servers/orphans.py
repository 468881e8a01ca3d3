"""Processes that outlived the one that started them, found by the folder they work in.

Used by postgres.py: each of its processes is a session of its own, so no group names them all.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

POLL_S = 0.01
PROC = Path("/proc")


def end_all_working_in(folder: Path, within_s: float) -> None:
    """SIGKILL to every process whose working folder this is; returns when there is none left.

    Does nothing where there is no /proc: they notice by themselves, sooner or later.
    """
    deadline = time.monotonic() + within_s
    while (found := working_in(folder)) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_S)


def working_in(folder: Path) -> list[int]:
    """Their process ids, as far as we may look."""
    wanted = folder.resolve()
    found = []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == wanted:
                found.append(int(process.name))
    return found
