"""One file from a link into the filestore, checked on its way: size, type, digest.

Called by handler.py. The bytes are never whole in memory, and what fails a check is not stored:
the store shows a file only when its last byte was taken.
"""

import base64
import binascii
import re
from collections.abc import AsyncIterator

from prometheus_client import Histogram

from adapter.media.incoming import Incoming, incoming
from adapter.media.limits import PROGRAMS, Limits
from adapter.media.links import Link
from contracts.parts import Media, StoredFile
from contracts.subjects import MIB
from filestore.filenames import safe_filename
from filestore.sniff import HEAD_BYTES, sniff
from filestore.store import FileStore
from metagraph.download import Downloader
from metagraph.fates import DownloadError

SIZES = Histogram(
    "sluice_media_bytes",
    "Sizes of files copied from platforms, by the first half of their type",
    ["family"],
    buckets=(16 * 1024, 128 * 1024, MIB // 2, 2 * MIB, 8 * MIB, 32 * MIB, 128 * MIB),
)
FAMILIES = frozenset({"image", "audio", "video", "text"})

HEX = re.compile(r"[0-9A-Fa-f]{64}")
DIGEST_BYTES = 32


class Mismatch(Exception):
    """The bytes are not those the platform says the digest of.

    The link was right, most likely, and the way was not: another try, not another link.
    """

    reason = "checksum"
    refetch = False


class BlockedType(Exception):
    """Of a type that is never stored."""


class Copier:
    """Copies files of one platform. `limits` are the platform's."""

    def __init__(self, downloader: Downloader, store: FileStore, limits: Limits) -> None:
        self._downloader = downloader
        self._store = store
        self._limits = limits

    async def copy(self, link: Link, media: Media, token: str, key: str) -> StoredFile:
        """Store what lies at `link` under `key`, in place of what was there.

        Raises DownloadError, Mismatch, BlockedType, and the store's Unavailable.
        """
        declared = media.mime_type or link.mime_type
        max_bytes = self._limits.max_bytes(declared, media.filename)
        if (link.size or 0) > max_bytes:
            raise DownloadError("too_large")
        bearer = token if link.takes_token else None
        async with incoming(
            lambda sink: self._downloader.fetch(
                link.url, token=bearer, max_bytes=max_bytes, sink=sink
            )
        ) as coming:
            named = media.filename or link.filename
            mime_type = sniff(await coming.head(HEAD_BYTES), declared, named)
            if mime_type in PROGRAMS:
                raise BlockedType(mime_type)
            expected = digest_of(media.sha256) or digest_of(link.sha256)
            stored = await self._store.put(
                key, _verified(coming, expected), mime_type=mime_type, max_bytes=max_bytes
            )
        _observe(mime_type, stored.size)
        return StoredFile(
            key=stored.key,
            mime_type=mime_type,
            size=stored.size,
            sha256=stored.sha256,
            filename=safe_filename(named, mime_type),
        )


def digest_of(text: str | None) -> bytes | None:
    """A SHA-256 as platforms write it, in hexadecimal or base64; None: no digest."""
    if text is None:
        return None
    if HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        found = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == DIGEST_BYTES else None


async def _verified(coming: Incoming, expected: bytes | None) -> AsyncIterator[bytes]:
    """The bytes; raises Mismatch after the last, before the store makes a file of them."""
    async for piece in coming.rest():
        yield piece
    if expected is not None and coming.result.sha256 != expected:
        raise Mismatch


def _observe(mime_type: str, size: int) -> None:
    family = mime_type.partition("/")[0]
    SIZES.labels(family if family in FAMILIES else "other").observe(size)
