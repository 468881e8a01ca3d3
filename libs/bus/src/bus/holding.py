"""Keeps messages ours while a handler works on them, and names how a handler is left.

Used by both consumers: `bus.consumer` for events, `bus.commanding` for commands.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bus.errors import Permanent
from bus.ports import Delivered, Subscription
from contracts.subjects import CONSUMERS

RETRY_S = (0.1, 5.0)
"""Bounds of the pause before the same work is tried again."""


class Stopping(Exception):
    """The consumer is being stopped: what is in hand goes back."""


@asynccontextmanager
async def holding(
    subscription: Subscription, messages: Sequence[Delivered], every_s: float
) -> AsyncIterator[None]:
    """While inside, each message's acknowledgement deadline is started anew in time."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(every_s)
            for message in messages:
                await subscription.working(message)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def renew_every_s(consumer: str) -> float:
    """A third of the consumer's acknowledgement deadline: two signals may be lost."""
    for row in CONSUMERS:
        if row.name == consumer:
            return row.ack_wait_s / 3
    raise Permanent(f"contracts.subjects knows no consumer {consumer}")


def pause_s(attempt: int, asked_s: float = 0.0) -> float:
    """Doubles from the lower bound to the upper, with jitter; `asked_s` is honoured within them."""
    lower, upper = RETRY_S
    ground = min(upper, max(asked_s, lower * float(1 << min(attempt, 10))))
    return ground * (0.5 + random.random() / 2)  # noqa: S311 # jitter, not a secret


async def sleep_or_stop(stopping: asyncio.Event, seconds: float) -> None:
    """Raises Stopping as soon as the consumer is being stopped."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
    raise Stopping
