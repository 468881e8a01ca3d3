"""Files on their way out: read from the filestore, handed to the platform once, then named by id.

Asked by sender.py before it takes a command's claim: an upload may be repeated without harm, so a
crash in it costs no certainty. Ids are remembered in the bucket `uploads`, under a hash of what
was handed over; one that the platform no longer knows is forgotten and the file handed over anew.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter

from adapter.deliver.call import CannotSend, Handed, refused
from bus.errors import BusError
from bus.ports import Bucket
from contracts.capabilities import Capabilities
from contracts.commands import SendCommand
from contracts.parts import Media, Problem
from filestore.errors import Permanent, TooLarge, Unavailable
from filestore.filenames import safe_filename
from filestore.store import FileStore
from metagraph.errors import GraphError, NotSent
from metagraph.media import Upload
from metagraph.taxonomy import RULES

BUCKET = "uploads"
STORED = "file:"
LINK = "https://"
AT_ONCE = 4
"""Files in memory: the largest have 100 MB."""
ANY_TYPE = "application/octet-stream"

STALE = frozenset({"media", "content"})
"""Kinds of errors that may mean: the id in the message is unknown by now."""

UPLOADS = Counter("sluice_uploads_total", "Files that messages needed, by how", ("outcome",))

log = structlog.get_logger()

Hand = Callable[[Upload], Awaitable[str]]
"""The platform's own upload: the id of the file. Raises CannotSend or NotSent."""


class Uploads:
    """One for a channel type in a process."""

    def __init__(self, bucket: Bucket, files: FileStore, can: Capabilities) -> None:
        self._bucket = bucket
        self._files = files
        self._can = can
        self._room = asyncio.Semaphore(AT_ONCE)
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ready(self, command: SendCommand, hand: Hand) -> Handed | None:
        """The file of the command's part, such that a message can name it; None: it has none.

        Raises CannotSend, NotSent, and Retryable when the bucket is away.
        """
        part = command.data.part
        if part.media is None:
            return None
        if part.media.ref.startswith(LINK):
            UPLOADS.labels("link").inc()
            return Handed(link=part.media.ref)
        if not part.media.ref.startswith(STORED):
            raise refused("The file is neither stored here nor a link.")
        if not part.media.ref.startswith(f"{STORED}{command.data.workspace_id}/"):
            raise refused("The file is another workspace's.")
        limit = self._can.media.get(part.kind)
        if limit is None:
            raise refused(f"This channel takes no files of the kind {part.kind}.")
        key = _key(command, part.media)
        lock = self._one_at_a_time.setdefault(key, asyncio.Lock())
        async with lock:
            known = await self._bucket.get(key)
            if known is not None:
                UPLOADS.labels("remembered").inc()
                return Handed(id=known.value.decode(), key=key)
            return Handed(id=await self._hand(part.media, limit.max_bytes, key, hand))

    async def forgotten(self, file: Handed | None, error: GraphError) -> bool:
        """Whether an error may be about a remembered id; then it is remembered no more."""
        if file is None or file.key is None or error.kind not in STALE:
            return False
        UPLOADS.labels("forgotten").inc()
        await self._bucket.delete(file.key)
        return True

    async def _hand(self, media: Media, max_bytes: int, key: str, hand: Hand) -> str:
        async with self._room:
            content = await self._read(media.ref.removeprefix(STORED), max_bytes)
            mime_type = media.mime_type or ANY_TYPE
            name = safe_filename(media.filename, mime_type)
            external_id = await hand(Upload(name, mime_type, content))
        UPLOADS.labels("uploaded").inc()
        try:
            await self._bucket.put(key, external_id.encode())
        except BusError as error:  # the next message uploads it again
            log.warning("upload_not_remembered", why=type(error).__name__)
        return external_id

    async def _read(self, key: str, max_bytes: int) -> bytes:
        try:
            return await self._files.read(key, max_bytes)
        except TooLarge:
            raise refused("The file is larger than the channel takes.") from None
        except Permanent:
            gone = Problem(kind="media", message="The file is no longer stored.")
            raise CannotSend(gone) from None
        except Unavailable:
            rule = replace(RULES["transient"], sentence="The file could not be read for sending.")
            raise NotSent(rule, "filestore_away") from None


def _key(command: SendCommand, media: Media) -> str:
    """What was handed over, to whom, and as what. Without a known hash the place names the file."""
    what = (
        command.channel,
        command.account,
        command.data.part.kind,
        media.sha256 or media.ref,
        media.mime_type or ANY_TYPE,
    )
    return hashlib.sha256("\n".join(what).encode()).hexdigest()
