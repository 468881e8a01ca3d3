"""`GET /widget/v1/files/{handle}`: a file somebody was shown. The address is the right to it.

A browser shows pictures, sound and video in place, and runs nothing: all else is a download. No
cookie, token or origin is asked for, so that `<img>` and `<video>` work on any site; what a site's
script could read by it, the site shows already.
"""

from collections.abc import Callable, Mapping

import structlog
from aiohttp import web

from chassis.metrics import count
from filestore.errors import FileStoreError, Missing, OutOfRange, Retryable
from filestore.serving import headers_of, names, read_range
from filestore.store import FileStore, Opened
from widget_gateway.doors.rim import refusal
from widget_gateway.files.shelf import Shelf, Shown
from widget_gateway.problems import Problem

OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
}

log = structlog.get_logger()


class DownloadDoor:
    """Built in main(). `clock`: seconds since the epoch."""

    def __init__(self, files: FileStore, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._files = files
        self._shelf = shelf
        self._clock = clock

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The bytes, or a range of them."""
        shown = self._shelf.shown(request.match_info["handle"])
        if shown is None:
            raise Problem("not_found")
        headers = self._headers(shown)
        if names(request.headers.get("If-None-Match"), headers["ETag"]):
            return web.Response(status=304, headers=headers)
        try:
            part = await self._part(request, shown, headers["ETag"])
            opened = await self._files.get(shown.key, *(part or (0, None)))
        except OutOfRange as error:
            answer = refusal(Problem("range_not_satisfiable"))
            answer.headers.update({**OPEN, "Content-Range": f"bytes */{error.size}"})
            return answer
        except Missing:
            raise Problem("gone") from None
        except Retryable:
            raise Problem("unavailable") from None
        if part is not None:
            place = f"bytes {opened.start}-{opened.end - 1}/{opened.size}"
            headers = {**headers, "Content-Range": place}
        status = 200 if part is None else 206
        return await _streamed(request, status, headers, shown.mime_type, opened)

    async def _part(
        self, request: web.Request, shown: Shown, tag: str
    ) -> tuple[int, int | None] | None:
        asked = request.headers.get("Range")
        if asked is None:
            return None
        size = shown.size
        if size is None:
            size = (await self._files.head(shown.key)).size
        return read_range(asked, request.headers.get("If-Range"), tag, size)

    def _headers(self, shown: Shown) -> Mapping[str, str]:
        """What a key holds never changes: the name of its last step is tag enough."""
        tag = f'"{shown.key.rpartition("/")[2]}"'
        left_s = max(0, shown.until - int(self._clock()))
        return {
            **headers_of(shown.name, shown.mime_type, tag),
            **OPEN,
            "Cache-Control": f"private, max-age={left_s}, immutable",
        }


async def _streamed(
    request: web.Request, status: int, headers: Mapping[str, str], mime_type: str, opened: Opened
) -> web.StreamResponse:
    """The file as it is read.

    One that breaks off breaks the connection: nobody shall take what came for the whole.
    """
    response = web.StreamResponse(status=status, headers=headers)
    response.content_type = mime_type
    response.content_length = opened.end - opened.start
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for chunk in opened.chunks:
            await response.write(chunk)
        await response.write_eof()
    except (OSError, FileStoreError) as error:
        count("visitor_file", "broke_off")
        log.warning("download_broke_off", why=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    return response
