"""Reading the answer that is a file: is it one, and its bytes, piece by piece. For download.py."""

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import hdrs

from metagraph.fates import DownloadError

HEAD = 4096
CHUNK = 64 * 1024

EXPIRED = frozenset({401, 403, 404, 410})
"""A link past its time is answered like a wrong one."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429})

Sink = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came whole: its bytes went to the sink.

    `sha256` is the digest, `declared_type` what the server calls it, `head` the first HEAD bytes.
    """

    size: int
    sha256: bytes
    declared_type: str | None
    head: bytes

    @property
    def sha256_hex(self) -> str:
        """The digest as Graph's media answers write it."""
        return self.sha256.hex()

    @property
    def sha256_base64(self) -> str:
        """The digest as webhooks write it."""
        return base64.b64encode(self.sha256).decode()


def accept(response: aiohttp.ClientResponse, max_bytes: int) -> None:
    """Whether the answer is a file, as far as its head says."""
    status = response.status
    if status in EXPIRED:
        raise DownloadError("expired", str(status))
    if status in REDIRECTS:
        raise DownloadError("redirected", str(status))
    if status >= 500 or status in BUSY:  # noqa: PLR2004 - HTTP's own border
        raise DownloadError("busy", str(status))
    if status != 200:  # noqa: PLR2004
        raise DownloadError("refused", str(status))
    if response.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
        raise DownloadError("encoded")
    if (response.content_length or 0) > max_bytes:
        raise DownloadError("too_large")


async def drain(response: aiohttp.ClientResponse, max_bytes: int, sink: Sink) -> Downloaded:
    """The bytes to the sink, at most so many. Raises DownloadError."""
    size, digest, head = 0, hashlib.sha256(), b""
    async for chunk in _chunks(response):
        size += len(chunk)
        if size > max_bytes:
            raise DownloadError("too_large")
        digest.update(chunk)
        head = head if len(head) >= HEAD else (head + chunk)[:HEAD]
        await sink(chunk)
    declared = response.content_type if hdrs.CONTENT_TYPE in response.headers else None
    return Downloaded(size, digest.digest(), declared, head)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body in pieces; only what reading raises is turned, never what the sink does."""
    while True:
        try:
            chunk = await response.content.read(CHUNK)
        except (aiohttp.ClientError, aiohttp.ServerTimeoutError, OSError):
            raise DownloadError("interrupted") from None
        if not chunk:
            return
        yield chunk
