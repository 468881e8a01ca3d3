"""A download seen from the other end: bytes to be taken, where the downloader hands them out.

Used by copying.py. The downloader runs a few pieces ahead and no further: a slow store slows the
download, and neither holds the file in memory.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from metagraph.filebody import Downloaded, Sink

PIECES_AHEAD = 8
"""Of 64 KiB, as the downloader reads them."""

Download = Callable[[Sink], Awaitable[Downloaded]]
"""Fetches a file into a sink."""


class Incoming:
    """A file that is coming. `result` is there once `rest` has ended."""

    def __init__(self, download: Download) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(PIECES_AHEAD)
        self._ahead = b""
        self._ended = False
        self._task = asyncio.ensure_future(download(self._put))
        self._task.add_done_callback(lambda _: self._pieces.put_nowait(None))

    async def head(self, size: int) -> bytes:
        """The first `size` bytes, or all when there are fewer. Raises what the download raises."""
        while len(self._ahead) < size:
            piece = await self._next()
            if piece is None:
                break
            self._ahead += piece
        return self._ahead[:size]

    async def rest(self) -> AsyncIterator[bytes]:
        """Everything, the head too. Raises what the download raises, after the bytes it gave."""
        if self._ahead:
            yield self._ahead
        while (piece := await self._next()) is not None:
            yield piece

    @property
    def result(self) -> Downloaded:
        """What the downloader says of the whole file."""
        return self._task.result()

    async def close(self) -> None:
        """Stop the download, wherever it is."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _put(self, piece: bytes) -> None:
        await self._room.acquire()
        self._pieces.put_nowait(piece)

    async def _next(self) -> bytes | None:
        """The next piece; None at the end, however often it is asked for."""
        if self._ended:
            return None
        piece = await self._pieces.get()
        if piece is None:
            self._ended = True
            self._task.result()
            return None
        self._room.release()
        return piece


@asynccontextmanager
async def incoming(download: Download) -> AsyncIterator[Incoming]:
    """Start a download; it does not outlive the block."""
    coming = Incoming(download)
    try:
        yield coming
    finally:
        await coming.close()
