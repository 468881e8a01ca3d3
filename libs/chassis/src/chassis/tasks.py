"""Background tasks under supervision: one that fails is logged, counted and started again.

Called by lifecycle.py. The pause between starts doubles up to a bound and begins anew once a
task has run for a while; a task that keeps failing makes the process not alive, so that whoever
watches it starts a fresh one.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from chassis.health import Health
from chassis.metrics import TASK_CRASHES

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class RestartPolicy:
    """Seconds and counts. `settled_s`: a run this long forgets the failures before it."""

    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    settled_s: float = 60.0
    fatal_after: int = 5


class SupervisedTask:
    """One piece of work for the life of the process. `stop` asks it to end, then insists."""

    def __init__(
        self, name: str, work: Work, health: Health, policy: RestartPolicy, stop: Work | None
    ) -> None:
        self._name = name
        self._work = work
        self._health = health
        self._policy = policy
        self._ask_to_stop = stop
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._keep_running(), name=name)

    async def stop(self) -> None:
        """With a `stop` of its own the work ends by itself; else it is cancelled where it waits."""
        self._stopping.set()
        try:
            if self._ask_to_stop is not None:
                await self._ask_to_stop()
                await asyncio.shield(self._task)
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            try:
                await self._work()
            except Exception:
                if loop.time() - began >= self._policy.settled_s:
                    failures = 0
                failures += 1
                TASK_CRASHES.labels(self._name).inc()
                log.exception("task_crashed", task=self._name, failures=failures)
            else:
                if not self._stopping.is_set():
                    log.warning("task_finished", task=self._name)
                return
            if failures >= self._policy.fatal_after:
                self._health.fail(f"task {self._name} failed {failures} times in a row")
            if await self._stopped_within(self._pause_s(failures)):
                return

    async def _stopped_within(self, pause_s: float) -> bool:
        try:
            async with asyncio.timeout(pause_s):
                return await self._stopping.wait()
        except TimeoutError:
            return False

    def _pause_s(self, failures: int) -> float:
        policy = self._policy
        doubled = policy.first_pause_s * 2.0 ** min(failures - 1, 16)
        return min(policy.longest_pause_s, doubled) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads restarts, no secret
