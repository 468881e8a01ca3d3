"""Pieces of a file on its way in, and the patience there is with its sender. Used by upload.py.

A turn is held for as long as an upload takes, so each has to get on: what comes buys time at
LEAST_PACE, and no more of it than a slow line needs to recover. Waiting for us is not counted.
"""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from widget_gateway.problems import Problem

SILENT_S = 15.0
"""Between two pieces of a file."""
LEAST_PACE = 8 * 1024
"""Bytes a second that a sender has to keep up."""
BEHIND_S = 20.0
"""How far a sender may fall behind that."""
WHOLE_S = 600.0
"""From its first byte to its last: 25 MiB by 45 KB a second."""


async def pieces(content: StreamReader, silent_s: float = SILENT_S) -> AsyncIterator[bytes]:
    """A body as it comes. Raises Problem when it trickles, or breaks off."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + WHOLE_S
    patience_s = BEHIND_S
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout_at(min(ends, began + min(silent_s, patience_s))):
                piece = await content.readany()
        except TimeoutError:
            raise Problem("too_slow") from None
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
            raise Problem("malformed", "The body ended early.") from None
        if not piece:
            return
        waited_s = loop.time() - began
        patience_s = min(BEHIND_S, patience_s - waited_s + len(piece) / LEAST_PACE)
        yield piece
