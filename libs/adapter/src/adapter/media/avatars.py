"""Pictures of people, copied into the filestore: a platform's link is never shown, it dies in days.

Used by profiles.py. Small enough to be held in memory, so that the key can be made of the content:
a picture that has not changed keeps its key.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from adapter.media.limits import AVATAR_BYTES
from chassis.metrics import count
from contracts.parts import StoredFile
from filestore.errors import FileStoreError
from filestore.filenames import safe_filename
from filestore.keys import key_for
from filestore.sniff import HEAD_BYTES, sniff
from filestore.store import FileStore
from metagraph.download import Downloader
from metagraph.fates import DownloadError

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""By their bytes. Nothing else is a picture, whatever it is called."""

STAGE = "avatar"
UUID_WITH_TIME = 7
NO_MONTH = datetime(2020, 1, 1, tzinfo=UTC)
"""For identities whose id holds no time: what matters is that it is always the same."""


class Avatars:
    """Fetches and keeps pictures. A picture is never worth an error: there is none, then."""

    def __init__(self, downloader: Downloader, store: FileStore) -> None:
        self._downloader = downloader
        self._store = store

    async def keep(self, url: str, workspace_id: UUID, identity_id: UUID) -> StoredFile | None:
        """The picture at `url`, a signed link that needs no bearer. None: not to be had."""
        content = bytearray()

        async def take(piece: bytes) -> None:
            content.extend(piece)

        try:
            found = await self._downloader.fetch(url, token=None, max_bytes=AVATAR_BYTES, sink=take)
            mime_type = sniff(bytes(content[:HEAD_BYTES]), found.declared_type, None)
            if mime_type not in PICTURES:
                count(STAGE, "failed", "no_picture")
                return None
            key = _key(workspace_id, identity_id, found.sha256_hex)
            stored = await self._store.put(
                key, bytes(content), mime_type=mime_type, max_bytes=AVATAR_BYTES
            )
        except DownloadError as error:
            count(STAGE, "failed", error.reason)
            return None
        except FileStoreError as error:
            count(STAGE, "failed", error.outcome)
            return None
        count(STAGE, "stored")
        return StoredFile(
            key=stored.key,
            mime_type=mime_type,
            size=stored.size,
            sha256=stored.sha256,
            filename=safe_filename(None, mime_type),
        )


def _key(workspace_id: UUID, identity_id: UUID, sha256: str) -> str:
    """Of the person and the content, in the month the person became known."""
    known_since = None if identity_id.version == UUID_WITH_TIME else NO_MONTH
    if known_since is None:
        known_since = datetime.fromtimestamp((identity_id.int >> 80) / 1000, UTC)
    return key_for(workspace_id, "avatar", uuid5(identity_id, sha256), known_since)
