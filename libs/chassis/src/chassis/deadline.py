"""`asyncio.timeout` for hot paths: thousands a second, each over before its time is. Used by rims.

The same meaning at less than half the cost: it is entered without a coroutine and asks for the
running loop once, which is a system call before Python 3.12.
"""

import asyncio
from types import TracebackType


class Deadline:
    """`with Deadline(3.0): await …` raises TimeoutError when the time is over. For one use."""

    __slots__ = ("_over", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = False
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_later(self._seconds, self._expire)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if self._timer is not None:
            self._timer.cancel()
        # Who else has cancelled the task has the last word, as with asyncio's own.
        interrupted = self._over and task is not None and task.uncancel() == 0
        if interrupted and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _expire(self) -> None:
        if self._task is not None:
            self._over = True
            self._task.cancel()
