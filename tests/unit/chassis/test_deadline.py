"""A deadline means what asyncio.timeout means; only its price differs."""

import asyncio

import pytest

from chassis.deadline import Deadline

LONG_S = 60.0


async def test_what_is_over_in_time_is_left_alone() -> None:
    with Deadline(LONG_S):
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_takes_too_long_is_interrupted_and_the_task_goes_on() -> None:
    with pytest.raises(TimeoutError), Deadline(0.01):
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_an_error_of_the_work_is_the_error() -> None:
    with pytest.raises(KeyError), Deadline(LONG_S):
        raise KeyError


async def test_a_cancelled_task_is_cancelled_not_late() -> None:
    inside = asyncio.Event()

    async def work() -> None:
        with Deadline(LONG_S):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_cancels_an_interrupted_task_has_the_last_word() -> None:
    async def work() -> None:
        with Deadline(0.01):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                task.cancel()
                raise

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task
