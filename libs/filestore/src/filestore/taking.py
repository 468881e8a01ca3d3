"""Taking a file from a person: looked at, stored as it streams in, and cleaned of places.

Called by inbox-core on what members are about to send, and by the widget's gateway on what its
visitors are. Bytes stream through. A picture is read again once it is whole, for its place to be
taken out: a few pictures at a time are in memory, and no slow sender keeps one of these turns.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import NamedTuple

from filestore.errors import BadImage, Refused
from filestore.filenames import safe_filename
from filestore.images import strip_location, strips
from filestore.sniff import HEAD_BYTES, sniff
from filestore.store import FileStore, Stored
from filestore.turns import Turns

PICTURES_AT_ONCE = 4
"""Held in memory whole, while their place is taken out of them."""
PLACED = frozenset({"image/heic", "image/heif", "image/avif", "image/tiff"})
"""Pictures that may tell where they were taken, and that we cannot clean."""


class Coming(NamedTuple):
    """A file on its way in. `declared`: the type its sender says it is."""

    chunks: AsyncIterator[bytes]
    declared: str | None
    filename: str | None


class Taken(NamedTuple):
    """A file that was taken. `filename` is harmless, None when it was given none."""

    stored: Stored
    mime_type: str
    filename: str | None


class Taker:
    """`max_bytes`: of one file. `refused`: types that are not taken, as the sniffer names them."""

    def __init__(self, files: FileStore, max_bytes: int, refused: Collection[str] = ()) -> None:
        self.files = files
        self.max_bytes = max_bytes
        self._refused = frozenset(refused)
        self._turns = Turns()
        self._pictures = asyncio.Semaphore(PICTURES_AT_ONCE)

    async def take(self, key: str, coming: Coming, who: str) -> Taken:
        """Store what `who` sends under `key`. Whatever goes wrong leaves nothing there.

        Raises TooLarge, Refused with a sentence for its sender, Crowded, TooManyAtOnce,
        Unavailable, and what the chunks raise.
        """
        with self._turns.take(who):
            head, chunks = await _head(coming.chunks)
            mime_type = sniff(head, coming.declared, coming.filename)
            self._check(head, mime_type)
            stored = await self.files.put(
                key, chunks, mime_type=mime_type, max_bytes=self.max_bytes
            )
            if strips(mime_type):
                stored = await self._cleaned(stored, mime_type)
        name = safe_filename(coming.filename, mime_type) if coming.filename else None
        return Taken(stored, mime_type, name)

    def _check(self, head: bytes, mime_type: str) -> None:
        if not head:
            raise Refused("The file is empty.")
        if mime_type in PLACED:
            raise Refused(
                f"A file of type {mime_type} may tell where it was taken; send it as JPEG or PNG."
            )
        if mime_type in self._refused:
            raise Refused(f"Files of type {mime_type} are not taken.")

    async def _cleaned(self, stored: Stored, mime_type: str) -> Stored:
        """The picture without its place, where it was stored with it."""
        try:
            async with self._pictures:
                picture = await self.files.read(stored.key, self.max_bytes)
                clean = await asyncio.to_thread(strip_location, picture, mime_type)
                return await self.files.put(
                    stored.key, clean, mime_type=mime_type, max_bytes=self.max_bytes
                )
        except BaseException as error:
            await self.files.delete(stored.key)
            if isinstance(error, BadImage):
                broken = "The picture is broken: it cannot be read as what it is."
                raise Refused(broken) from None
            raise


async def _head(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """What the sniffer needs, and everything from the beginning."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break

    async def again() -> AsyncIterator[bytes]:
        yield head
        async for chunk in chunks:
            yield chunk

    return head, again()
