"""One stack a folder: a lock the kernel lets go of, however its holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluice_local.errors import AlreadyRunning


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises AlreadyRunning, naming the process that does."""
    path = folder / "lock"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "?"
            raise AlreadyRunning(
                f"a stack runs in {folder} already (process {holder}): stop it first, or give"
                " this one a folder and ports of its own (SLUICE_LOCAL_FOLDER, …)"
            ) from None
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
