"""Uploads: a file a person is about to send, stored once; and any file of a workspace, read again.

The row is written after the bytes; a failure in between leaves bytes that nobody can name, which
are taken back at once where that is possible.
"""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from contracts.parts import Time
from filestore import errors
from filestore.keys import key_for
from filestore.store import FileStore
from filestore.taking import Coming, Taken, Taker
from inbox_core.app.access import Busy, TooManyRequests
from inbox_core.app.plan import Plan, new_id
from inbox_core.app.ports import Key, Store
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import FileRefused, Gone, NotFound, TooLarge
from inbox_core.domain.files import UNSENT, File

AGAIN_S = 1.0
"""When to come back for whoever sends too many files at once."""


class FileView(BaseModel):
    """A file of the workspace. `mime_type` is what it is, whatever it was said to be."""

    id: UUID
    filename: str | None
    mime_type: str
    size: int
    sha256: str
    created_at: Time


class Uploads:
    """Built in main(). `max_bytes`: of one file."""

    def __init__(self, files: FileStore, max_bytes: int) -> None:
        self.files = files
        self.max_bytes = max_bytes
        self._taker = Taker(files, max_bytes)

    async def take(
        self, store: Store, workspace_id: UUID, coming: Coming, actor: Actor, now: datetime
    ) -> FileView:
        """Store it.

        Raises TooLarge, FileRefused, TooManyRequests, Busy, and filestore's Unavailable.
        """
        file_id = new_id()
        taken = await self._stored(key_for(workspace_id, "upload", file_id), coming, actor)
        file = File(
            id=file_id,
            workspace_id=workspace_id,
            key=taken.stored.key,
            purpose="upload",
            mime_type=taken.mime_type,
            size=taken.stored.size,
            sha256=taken.stored.sha256,
            created_at=now,
            filename=taken.filename,
            created_by=actor.label,
            purge_at=now + UNSENT,
        )
        try:
            await _write(store, file, actor, now)
        except BaseException:
            await self.files.delete(file.key)
            raise
        return file_view(file)

    async def _stored(self, key: str, coming: Coming, actor: Actor) -> Taken:
        try:
            return await self._taker.take(key, coming, actor.label)
        except errors.TooLarge:
            raise TooLarge(f"A file may have {self.max_bytes} bytes.") from None
        except errors.Refused as refused:
            raise FileRefused(str(refused)) from None
        except errors.TooManyAtOnce:
            raise TooManyRequests(AGAIN_S) from None
        except errors.Crowded as crowded:
            raise Busy(str(crowded)) from None


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
