"""Lifecycle: start in order, stop in reverse, each within its deadline; tasks that start again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from chassis.http import PortTaken, listener
from chassis.lifecycle import Lifecycle, StartFailed
from chassis.tasks import RestartPolicy

QUICK = RestartPolicy(first_pause_s=0.001, longest_pause_s=0.002, fatal_after=3)


def part(diary: list[str], name: str) -> Callable[[], Awaitable[str]]:
    async def start() -> str:
        diary.append(f"+{name}")
        return name

    return start


def stopper(diary: list[str]) -> Callable[[str], Awaitable[None]]:
    async def stop(name: str) -> None:
        diary.append(f"-{name}")

    return stop


async def test_parts_stop_in_reverse() -> None:
    diary: list[str] = []
    life = Lifecycle()

    @asynccontextmanager
    async def context() -> AsyncIterator[int]:
        diary.append("+context")
        yield 7
        diary.append("-context")

    assert await life.start("one", part(diary, "one"), stopper(diary)) == "one"
    assert await life.enter("context", context()) == 7
    await life.start("two", part(diary, "two"), stopper(diary))
    assert await life.stop(5)
    assert life.health.not_ready() == "draining"
    assert diary == ["+one", "+context", "+two", "-two", "-context", "-one"]


async def test_a_part_that_does_not_start_is_named() -> None:
    async def refuse() -> None:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(StartFailed, match="bus did not start: ConnectionRefusedError: nobody"):
        await Lifecycle().start("bus", refuse)


async def test_a_part_that_takes_for_ever_to_start_is_given_up() -> None:
    with pytest.raises(StartFailed, match="bus did not start: TimeoutError"):
        await Lifecycle().start("bus", asyncio.Event().wait, start_s=0.01)


@pytest.mark.parametrize("fault", ["hang", "raise"])
async def test_a_part_that_does_not_stop_keeps_none_of_the_others(fault: str) -> None:
    diary: list[str] = []
    life = Lifecycle()

    async def bad_stop(_name: str) -> None:
        if fault == "raise":
            raise RuntimeError("broken")
        await asyncio.Event().wait()

    await life.start("one", part(diary, "one"), stopper(diary))
    await life.start("bad", part(diary, "bad"), bad_stop, stop_s=0.01)
    assert not await life.stop(5)
    assert diary == ["+one", "+bad", "-one"]


async def test_a_crashed_task_starts_again_and_is_fatal_when_it_never_recovers() -> None:
    life = Lifecycle()
    attempts = 0
    failed_for_good = asyncio.Event()

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        if life.health.not_alive():
            failed_for_good.set()
        raise ValueError("poison")

    life.supervise("loop", work, policy=QUICK)
    async with asyncio.timeout(10):
        await failed_for_good.wait()
    assert attempts == 4
    assert life.health.not_alive() == "task loop failed 3 times in a row"
    assert await life.stop(5)


async def test_a_task_asked_to_stop_finishes_what_it_has_in_hand() -> None:
    life = Lifecycle()
    asked, begun = asyncio.Event(), asyncio.Event()
    diary: list[str] = []

    async def work() -> None:
        begun.set()
        await asked.wait()
        await asyncio.sleep(0)
        diary.append("finished")

    async def stop() -> None:
        asked.set()

    life.supervise("consumer", work, stop)
    await begun.wait()
    assert await life.stop(5)
    assert diary == ["finished"]


async def test_a_task_without_a_stop_is_cancelled() -> None:
    life = Lifecycle()
    begun = asyncio.Event()
    diary: list[str] = []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            diary.append("cancelled")

    life.supervise("watcher", work)
    await begun.wait()
    assert await life.stop(5)
    assert diary == ["cancelled"]


async def test_a_taken_port_names_the_port_and_the_setting() -> None:
    async with listener(web.Application(), "127.0.0.1", 0) as port:
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken: set SLUICE_X"):
            async with listener(web.Application(), "127.0.0.1", port, setting="SLUICE_X"):
                pass
