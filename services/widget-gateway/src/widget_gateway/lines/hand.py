"""What a line has in hand for its client: what is under way, and what was acknowledged.

Made with the line; requests.py fills it, the line empties it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from widget_gateway.lines.receipts import Receipts

AT_ONCE = 4
"""Requests of one line that wait for the bus or for inbox-core."""

Work = Callable[[], Coroutine[Any, Any, None]]


class Hand:
    """`receipts`: from the first acknowledgement on. `typed_at` by the loop's clock."""

    __slots__ = ("_tasks", "receipts", "typed_at")

    def __init__(self) -> None:
        self.receipts: Receipts | None = None
        self.typed_at = float("-inf")
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, work: Work) -> bool:
        """In a task, so that the line goes on reading. False: too many are under way."""
        if len(self._tasks) >= AT_ONCE:
            return False
        task = asyncio.create_task(work())
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)
        return True

    async def settled(self) -> None:
        """Returns when nothing is under way."""
        if self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """Tell what was acknowledged; what is under way goes its way. Never raises."""
        if self.receipts is not None:
            await self.receipts.close()
