"""Uploads: a file a person is about to send, stored once; and any file of a workspace, read again.

Bytes stream through. A picture is read again once it is whole, for its place to be taken out: a few
pictures at a time are in memory, and no slow sender keeps one of these turns. The row is written
after the bytes; a failure in between leaves bytes that nobody can name, which are taken back at
once where that is possible.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from filestore import errors
from filestore.filenames import safe_filename
from filestore.images import strip_location, strips
from filestore.keys import key_for
from filestore.sniff import HEAD_BYTES, sniff
from filestore.store import FileStore, Stored
from inbox_core.app.places import Places
from inbox_core.app.plan import Plan, new_id
from inbox_core.app.ports import Key, Store
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import FileRefused, Gone, NotFound, TooLarge
from inbox_core.domain.files import UNSENT, File

PICTURES_AT_ONCE = 4
"""Held in memory whole, while their place is taken out of them."""
PLACED = frozenset({"image/heic", "image/heif", "image/avif", "image/tiff"})
"""Pictures that may tell where they were taken, and that we cannot clean."""


class FileView(BaseModel):
    """A file of the workspace. `mime_type` is what it is, whatever it was said to be."""

    id: UUID
    filename: str | None
    mime_type: str
    size: int
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """`declared`: the type its sender says it is."""

    chunks: AsyncIterator[bytes]
    declared: str | None
    filename: str | None


class Uploads:
    """Built in main(). `max_bytes`: of one file."""

    def __init__(self, files: FileStore, max_bytes: int) -> None:
        self.files = files
        self.max_bytes = max_bytes
        self._pictures = asyncio.Semaphore(PICTURES_AT_ONCE)
        self._places = Places()

    async def take(
        self, store: Store, workspace_id: UUID, incoming: Incoming, actor: Actor, now: datetime
    ) -> FileView:
        """Store it.

        Raises TooLarge, FileRefused, TooManyRequests, Busy, and filestore's Unavailable.
        """
        with self._places.take(actor.label):
            return await self._take(store, workspace_id, incoming, actor, now)

    async def _take(
        self, store: Store, workspace_id: UUID, incoming: Incoming, actor: Actor, now: datetime
    ) -> FileView:
        head, rest = await _head(incoming.chunks)
        if not head:
            raise FileRefused("The file is empty.")
        mime_type = sniff(head, incoming.declared, incoming.filename)
        if mime_type in PLACED:
            raise FileRefused(
                f"A file of type {mime_type} may tell where it was taken; send it as JPEG or PNG."
            )
        file_id = new_id()
        stored = await self._put(key_for(workspace_id, "upload", file_id), mime_type, rest)
        file = File(
            id=file_id,
            workspace_id=workspace_id,
            key=stored.key,
            purpose="upload",
            mime_type=mime_type,
            size=stored.size,
            sha256=stored.sha256,
            created_at=now,
            filename=safe_filename(incoming.filename, mime_type) if incoming.filename else None,
            created_by=actor.label,
            purge_at=now + UNSENT,
        )
        try:
            await _write(store, file, actor, now)
        except BaseException:
            await self.files.delete(stored.key)
            raise
        return file_view(file)

    async def _put(self, key: str, mime_type: str, chunks: AsyncIterator[bytes]) -> Stored:
        try:
            stored = await self.files.put(
                key, chunks, mime_type=mime_type, max_bytes=self.max_bytes
            )
            return await self._cleaned(stored, mime_type) if strips(mime_type) else stored
        except errors.TooLarge:
            raise TooLarge(f"A file may have {self.max_bytes} bytes.") from None

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
            if isinstance(error, errors.BadImage):
                broken = "The picture is broken: it cannot be read as what it is."
                raise FileRefused(broken) from None
            raise


async def find_file(store: Store, key: Key, now: datetime) -> File:
    """Raises NotFound, and Gone for one that is to be purged."""
    async with store.begin(key[0]) as uow:
        file = (await uow.files([key])).get(key[1])
    if file is None:
        raise NotFound("There is no such file.")
    if file.is_gone(now):
        raise Gone("The file was deleted.")
    return file


def file_view(file: File) -> FileView:
    return FileView(
        id=file.id,
        filename=file.filename,
        mime_type=file.mime_type,
        size=file.size,
        sha256=file.sha256,
        created_at=file.created_at,
    )


async def _write(store: Store, file: File, actor: Actor, now: datetime) -> None:
    async with store.begin(file.workspace_id) as uow:
        plan = Plan(now, actor)
        plan.new_files[file.id] = file
        await uow.write(plan)


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
