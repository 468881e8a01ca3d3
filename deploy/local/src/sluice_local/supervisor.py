"""The programs of a stack while they run: started in order, started again when one dies, stopped.

One thread, no event loop: the kernel ties a program's life to the thread that started it
(program.py), and there is nothing to do at once but look.
"""

import time
from collections import deque
from collections.abc import Callable

from sluice_local.errors import KeepsDying
from sluice_local.progress import Progress
from sluice_local.servers.program import Running

LOOK_S = 0.05
RESTARTS = 5
WITHIN_S = 60.0
"""A program is started again at most RESTARTS times within this."""


class Supervisor:
    """Owns every started program. `changed` is called whenever a program has a new process."""

    def __init__(self, progress: Progress, changed: Callable[[], None] = lambda: None) -> None:
        self._progress = progress
        self._changed = changed
        self._running: list[Running] = []
        self._restarts: dict[str, deque[float]] = {}
        self._recovering: set[str] = set()

    def start(self, program: Running) -> None:
        """Start it, wait until it is ready. Raises DidNotStart; it is ours to stop either way."""
        self._running.append(program)
        program.start()

    def pids(self) -> dict[str, int]:
        """The processes there are, by name."""
        return {one.program.name: one.pid for one in self._running if one.pid is not None}

    def watch(self) -> None:
        """Look after them for ever; a signal's exception ends it. Raises KeepsDying."""
        while True:
            for program in self._running:
                self._look_after(program)
            time.sleep(LOOK_S)

    def _look_after(self, program: Running) -> None:
        name = program.program.name
        if not program.alive:
            self._start_again(program)
        elif name in self._recovering and program.ready:
            self._recovering.remove(name)
            self._progress.note(name, "is ready again")

    def _start_again(self, program: Running) -> None:
        """At once, as long as it does not keep dying. Raises KeepsDying."""
        name, now = program.program.name, time.monotonic()
        recent = self._restarts.setdefault(name, deque(maxlen=RESTARTS))
        while recent and now - recent[0] > WITHIN_S:
            recent.popleft()
        if len(recent) == RESTARTS:
            raise KeepsDying(
                f"{name} died {len(recent) + 1} times within {WITHIN_S:.0f} s, last with"
                f" {_told(program.status)}: see {program.program.log}"
            )
        recent.append(now)
        self._progress.note(name, f"died ({_told(program.status)}), is started again")
        program.spawn()
        self._recovering.add(name)
        self._changed()

    def stop(self) -> None:
        """Stop them, last started first. Each has its own deadline, then it is killed."""
        while self._running:
            self._running[-1].stop()  # still ours if an impatient person interrupts the wait
            self._running.pop()

    def kill(self) -> None:
        """End them at once."""
        while self._running:
            self._running.pop().kill()


def _told(status: int | None) -> str:
    if status is None:
        return "never started"
    return f"signal {-status}" if status < 0 else f"status {status}"
