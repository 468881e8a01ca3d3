"""The health of this process, and only of it: a broker that is away makes no process unready.

Were a global outage to turn every replica unready, the platform would get connection errors
instead of our own 503, and recovery would wait for probes. Written by lifecycle.py, read by
admin.py.
"""

import asyncio
import time
from collections.abc import Callable

from chassis.metrics import LOOP_LAG

TICK_S = 1.0
STALE_S = 10.0
"""Without a tick for so long the event loop counts as stuck."""

Check = Callable[[], str | None]
"""None when all is well, else the reason in a few words, without private data."""


class Health:
    """Alive: the loop ticks, nothing fatal happened. Ready: started, not draining, checks pass."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beat = clock()
        self._checks: dict[str, Check] = {}
        self.started = False
        self.draining = False
        self.fatal: str | None = None

    def add_check(self, name: str, check: Check) -> None:
        """Make readiness depend on a condition of this process: a full queue, a closed client."""
        self._checks[name] = check

    def fail(self, reason: str) -> None:
        """Not alive any more; the first reason stays."""
        self.fatal = self.fatal or reason

    def tick(self) -> None:
        self._beat = self._clock()

    async def beat(self) -> None:
        """Tick every second for ever, and measure how late each tick comes."""
        while True:
            due = self._clock() + TICK_S
            await asyncio.sleep(TICK_S)
            self.tick()
            LOOP_LAG.set(max(0.0, self._beat - due))

    def not_alive(self) -> str | None:
        """Why this process should be killed; None while it should not."""
        silent_s = self._clock() - self._beat
        if silent_s > STALE_S:
            return f"event loop silent for {silent_s:.0f} s"
        return self.fatal

    def not_ready(self) -> str | None:
        """Why this process should get no traffic; None when it may."""
        if self.draining:
            return "draining"
        if not self.started:
            return "starting"
        for name, check in self._checks.items():
            reason = check()
            if reason is not None:
                return f"{name}: {reason}"
        return None
