"""Receipts: how far a client has got and read, told to inbox-core once a second at most.

Made by a line with its first acknowledgement. What cannot be told while the bus is away is told
when it is back, if the line still lives then; a client says its place again in its next session.
"""

import asyncio
from collections.abc import Callable

from bus.batching import Batcher
from bus.errors import BusError
from chassis.metrics import count
from contracts import subjects
from widget_gateway.lines.marks import Mark, Marks
from widget_gateway.site.channels import CHANNEL

EVERY_S = 1.0
AGAIN_S = 5.0
"""After the bus could not take them."""

Encode = Callable[[Mark], bytes]


class Receipts:
    """`encode` makes the event of a mark."""

    __slots__ = ("_batcher", "_encode", "_marks", "_over", "_task")

    def __init__(self, batcher: Batcher, encode: Encode) -> None:
        self._batcher = batcher
        self._encode = encode
        self._marks = Marks()
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def note(self, mark: Mark) -> None:
        """Told at once if the last was long ago, else together with those of the next second."""
        self._marks.note(mark)
        if self._marks and self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Tell what waits. Never raises."""
        self._over.set()
        if self._task is not None:
            await self._task
        await self._tell()

    async def _run(self) -> None:
        """Until nothing waits."""
        try:
            while self._marks and not self._over.is_set():
                pause_s = EVERY_S if await self._tell() else AGAIN_S
                try:
                    async with asyncio.timeout(pause_s):
                        await self._over.wait()
                except TimeoutError:
                    continue
        finally:
            self._task = None

    async def _tell(self) -> bool:
        """Whether the bus has them."""
        marks = self._marks.take()
        if not marks:
            return True
        try:
            await self._batcher.publish(
                subjects.inbound(CHANNEL), [self._encode(mark) for mark in marks]
            )
        except BusError as error:
            count("visitor_receipt", "refused", type(error).__name__, len(marks))
            self._marks.untold(marks)
            return False
        count("visitor_receipt", "accepted", items=len(marks))
        return True
