"""What waits to be sent on one socket: a bounded queue, and a task only while something waits."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType

QUEUE_FRAMES = 512
QUEUE_BYTES = 1024 * 1024
"""What may wait for a client that reads slowly; one frame alone may be larger."""
WRITE_S = 20.0
"""For one frame to be taken by the socket; whoever reads less is cut off."""

Send = Callable[[bytes, WSMsgType], Awaitable[None]]


class Outbox:
    """`send` raises ConnectionError or RuntimeError for a socket that is gone.

    `stuck` is called once, when a frame was not taken in time.
    """

    __slots__ = ("_bytes", "_send", "_stuck", "_task", "_waiting", "_write_s")

    def __init__(self, send: Send, stuck: Callable[[], None], write_s: float = WRITE_S) -> None:
        self._send = send
        self._stuck = stuck
        self._write_s = write_s
        self._waiting: list[tuple[bytes, WSMsgType]] = []
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Nothing waits, and nothing is being sent."""
        return self._task is None

    def put(self, frame: bytes, kind: WSMsgType = WSMsgType.TEXT) -> bool:
        """False: the client reads too slowly, and the frame was not taken."""
        if self._waiting and (
            len(self._waiting) >= QUEUE_FRAMES or self._bytes + len(frame) > QUEUE_BYTES
        ):
            return False
        self._waiting.append((frame, kind))
        self._bytes += len(frame)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return True

    async def empty(self) -> None:
        """Returns when everything was taken, or cannot be any more."""
        task = self._task
        if task is not None:
            await asyncio.wait({task})

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._bytes = 0

    async def _run(self) -> None:
        try:
            while self._waiting:
                frames, self._waiting, self._bytes = self._waiting, [], 0
                for frame, kind in frames:
                    async with asyncio.timeout(self._write_s):
                        await self._send(frame, kind)
        except TimeoutError:
            self.clear()
            self._stuck()
        except (ConnectionError, RuntimeError):
            self.clear()  # the socket is gone; whoever reads it learns that by itself
        finally:
            self._task = None
