"""The life of a process: parts start in order and stop in reverse, each within a deadline.

    def main() -> None:
        settings = load(Settings)
        logs.configure(SERVICE, settings.log_level)
        lifecycle.run(SERVICE, settings, lambda life: build(life, settings))

    async def build(life: Lifecycle, settings: Settings) -> None:
        bus = await life.start("bus", lambda: connect(settings.nats_url), stop=lambda b: b.close())
        app = build_app(bus.publisher)
        life.supervise("deliver", loop.run, stop=loop.stop)
        await life.enter("http", listener(app, settings.http_host, settings.http_port))

When `build` returns, the process is ready; on SIGTERM or SIGINT it is unready at once and the
parts stop. A start that fails stops what runs already and exits with status 1.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from chassis.health import Check, Health
from chassis.redaction import describe
from chassis.tasks import RestartPolicy, SupervisedTask, Work

START_S = 60.0
STOP_S = 8.0
"""Of one part; the whole has `shutdown_deadline_s`."""

log = structlog.get_logger()
T = TypeVar("T")


class StartFailed(Exception):
    """A part did not start; names it. The cause is chained."""


@dataclass(frozen=True)
class _Part:
    name: str
    stop: Callable[[], Awaitable[object]]
    stop_s: float


class Lifecycle:
    """The parts of one process, in the order they started."""

    def __init__(self, health: Health | None = None) -> None:
        self.health = health or Health()
        self._parts: list[_Part] = []

    async def start(
        self,
        name: str,
        start: Callable[[], Awaitable[T]],
        stop: Callable[[T], Awaitable[object]] | None = None,
        *,
        start_s: float = START_S,
        stop_s: float = STOP_S,
    ) -> T:
        """Start a part and answer it; `stop` gets it back at the end. Raises StartFailed."""
        try:
            async with asyncio.timeout(start_s):
                thing = await start()
        except Exception as error:
            raise StartFailed(f"{name} did not start: {describe(error)}") from error
        if stop is not None:
            self._parts.append(_Part(name, lambda: stop(thing), stop_s))
        log.debug("part_started", part=name)
        return thing

    async def enter(
        self,
        name: str,
        manager: AbstractAsyncContextManager[T],
        *,
        start_s: float = START_S,
        stop_s: float = STOP_S,
    ) -> T:
        """Start a part that is an async context manager. Raises StartFailed."""

        async def leave(_thing: T) -> None:
            await manager.__aexit__(None, None, None)

        return await self.start(name, manager.__aenter__, leave, start_s=start_s, stop_s=stop_s)

    def supervise(
        self,
        name: str,
        work: Work,
        stop: Work | None = None,
        *,
        policy: RestartPolicy | None = None,
        stop_s: float = STOP_S,
    ) -> None:
        """Run `work` in the background for the life of the process (tasks.py).

        `stop` asks it to end by itself, for work that must finish what it has in hand; without
        one it is cancelled. Either way it is over before the parts started earlier stop.
        """
        task = SupervisedTask(name, work, self.health, policy or RestartPolicy(), stop)
        self._parts.append(_Part(name, task.stop, stop_s))

    def add_check(self, name: str, check: Check) -> None:
        """Make readiness depend on a condition of this process (health.py)."""
        self.health.add_check(name, check)

    async def stop(self, deadline_s: float) -> bool:
        """Stop every part, last started first; True when each did so in its time."""
        self.health.draining = True
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline_s
        clean = True
        while self._parts:
            part = self._parts.pop()
            clean &= await _stop(part, min(part.stop_s, max(0.0, end - loop.time())))
        return clean


async def _stop(part: _Part, deadline_s: float) -> bool:
    try:
        async with asyncio.timeout(deadline_s):
            await part.stop()
    except TimeoutError:
        log.warning("part_stop_overdue", part=part.name, deadline_s=round(deadline_s, 1))
        return False
    except Exception:
        log.exception("part_stop_failed", part=part.name)
        return False
    log.debug("part_stopped", part=part.name)
    return True
