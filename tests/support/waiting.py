"""Waiting for a condition, never for luck: poll it until a deadline that is generous on purpose."""

import asyncio
from collections.abc import Awaitable, Callable

EVERY_S = 0.02


async def until(condition: Callable[[], Awaitable[bool]], *, within_s: float = 30) -> None:
    """Return once `condition()` holds. Raises TimeoutError at the deadline."""
    async with asyncio.timeout(within_s):
        while not await condition():  # noqa: ASYNC110 - what it asks is in another process
            await asyncio.sleep(EVERY_S)
