"""`run`: what a service's main() ends in.

It brings the event loop, the signals, the admin listener, the watchdog and the exit status.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

import structlog
import uvloop

from chassis import metrics
from chassis.admin import admin_app
from chassis.http import listener
from chassis.lifecycle import Lifecycle, StartFailed
from chassis.settings import ServiceSettings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_S = 2.0
"""What the watchdog adds to the shutdown deadline before it ends the process by force."""
GC_THRESHOLDS = (20_000, 50, 100)
"""Objects made before a young collection (700 by default), and how often older ones are seen to."""
EXIT_FAILED = 1
EXIT_FORCED = 70

log = structlog.get_logger()
Build = Callable[[Lifecycle], Awaitable[None]]


def run(service: str, settings: ServiceSettings, build: Build) -> NoReturn:
    """Run the parts that `build` starts until a signal, on uvloop; then exit.

    Status 0: asked to stop, and every part did in its time. 1: a part did not start or stop.
    70: the watchdog had to end it.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        clean = runner.run(_live(service, settings, build))
    sys.exit(0 if clean else EXIT_FAILED)


async def _live(service: str, settings: ServiceSettings, build: Build) -> bool:
    metrics.announce(service)
    life = Lifecycle()
    stopping = _on_signals()
    life.supervise("heartbeat", life.health.beat)
    started = await _start(life, settings, build, stopping)
    if started:
        _settle_memory()
        life.health.started = True
        log.info("service_started", roles=sorted(settings.roles), port=settings.http_port)
        await stopping.wait()
    log.info("service_stopping")
    watchdog = _watchdog(settings.shutdown_deadline_s + GRACE_S)
    clean = await life.stop(settings.shutdown_deadline_s)
    watchdog.cancel()
    log.info("service_stopped", clean=clean)
    return clean and (started or stopping.is_set())


async def _start(
    life: Lifecycle, settings: ServiceSettings, build: Build, stopping: asyncio.Event
) -> bool:
    """The admin listener first, so that probes see the start; a signal interrupts it."""
    admin = listener(
        admin_app(life.health), settings.admin_host, settings.admin_port,
        setting="SLUICE_ADMIN_PORT",
    )  # fmt: skip
    try:
        async with _interrupted_by(stopping):
            await life.enter("admin", admin)
            await build(life)
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise
        return False
    except StartFailed as failure:
        log.error("start_failed", reason=str(failure), exc_info=failure.__cause__)  # noqa: TRY400 - only the cause's frames say something
        return False
    except Exception:
        log.exception("start_failed")
        return False
    return True


def _settle_memory() -> None:
    """What the start has made stays: the collector need not look at it again, nor run so often.

    At thousands of requests a second its defaults cost every request some seven percent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


@asynccontextmanager
async def _interrupted_by(stopping: asyncio.Event) -> AsyncIterator[None]:
    """Cancel what runs inside when the event is set.

    Not a TaskGroup: the parts outlive the start.
    """
    inside = asyncio.current_task()

    async def interrupt() -> None:
        await stopping.wait()
        if inside is not None:
            inside.cancel()

    task = asyncio.create_task(interrupt())
    try:
        yield
    finally:
        inside = None
        task.cancel()


def _on_signals() -> asyncio.Event:
    """Set by the first signal; later ones change nothing, the deadline holds already."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _watchdog(after_s: float) -> threading.Timer:
    """A thread, for it must work when the event loop does not."""

    def force() -> None:
        os.write(2, b'{"event":"service_forced_down","level":"error"}\n')
        os._exit(EXIT_FORCED)

    timer = threading.Timer(after_s, force)
    timer.daemon = True
    timer.start()
    return timer
