"""Waiting for a condition, never for luck: poll it until a deadline that is generous on purpose."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

EVERY_S = 0.01

T = TypeVar("T")


async def eventually(true: Callable[[], bool], within_s: float = 15.0) -> None:
    """Wait for a condition; fails when it does not come true in time."""

    async def ask() -> bool:
        return true()

    await until_true(ask, within_s)


async def until_true(true: Callable[[], Awaitable[bool]], within_s: float = 15.0) -> None:
    """Wait for an answer of yes; fails when it does not come in time."""
    deadline = time.monotonic() + within_s
    while not await true():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(EVERY_S)


async def within(work: Awaitable[T], seconds: float = 15.0) -> T:
    """The result; fails when it takes longer."""
    async with asyncio.timeout(seconds):
        return await work
