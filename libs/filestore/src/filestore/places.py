"""Where bytes are written: straight into a bucket, or into a folder by way of a staging folder.

Made by `open_store`, used by the store's `put`. Everything else is the same for both and goes
through obstore. A folder gets more than obstore's own LocalStore gives: files only we may read
whatever the umask, bytes on the disk before success is said, and leftovers of killed writers in
one place where they can be swept.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import obstore
from obstore.store import LocalStore, ObjectStore
from typing_extensions import override

from filestore.outcomes import STORE_ERRORS, reading, writing

PART_BYTES = 8 * 1024 * 1024
PARTS_AT_ONCE = 2
"""A put holds at most `PART_BYTES * (PARTS_AT_ONCE + 1)` in memory; smaller files are one request.
Ten thousand parts, what S3 takes, are 80 GB."""

PAGE = 1000
"""Files removed by one request, as many as S3 takes."""

STAGING = ".staging"
STALE_S = 3600.0
"""A staged file nobody has written to for so long belongs to a writer that is gone."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class Writer(Protocol):
    """What is written to, chunk by chunk. Leaving its block by an error leaves nothing behind."""

    async def write(self, chunk: bytes, /) -> int: ...


class Place(Protocol):
    """Where files are written."""

    def writer(self, key: str, mime_type: str) -> AbstractAsyncContextManager[Writer]:
        """The file appears under its key when the block ends well, whole, and only then."""
        ...

    async def copy(self, key: str, to: str) -> None:
        """The file is under `to` as well, whole. Raises Missing, Unavailable."""
        ...

    async def clear(self, folder: str) -> None:
        """Remove a folder of keys and everything in it."""
        ...

    async def sweep(self) -> int:
        """Remove what killed writers left; how many files that were."""
        ...


class Bucket(Place):
    """A bucket of a cloud, or memory. Uploads become visible when they are completed.

    A writer that is killed leaves parts of an upload that nobody sees and that are paid for: give
    the bucket a lifecycle rule that aborts incomplete uploads after a day.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @override
    @asynccontextmanager
    async def writer(self, key: str, mime_type: str) -> AsyncIterator[Writer]:
        async with _written(self._store, key, mime_type) as writer:
            yield writer

    @override
    async def copy(self, key: str, to: str) -> None:
        with reading():
            await obstore.copy_async(self._store, key, to)

    @override
    async def clear(self, folder: str) -> None:
        with reading():
            async for page in self._store.list(prefix=folder, chunk_size=PAGE):
                await self._store.delete_async([found["path"] for found in page])

    @override
    async def sweep(self) -> int:
        return 0


class Folder(Place):
    """A folder of this machine, or one mounted on several."""

    def __init__(self, root: Path, store: LocalStore) -> None:
        self._root = root
        self._store = store

    @override
    @asynccontextmanager
    async def writer(self, key: str, mime_type: str) -> AsyncIterator[Writer]:
        staged = f"{STAGING}/{uuid4().hex}"
        try:
            async with _written(self._store, staged, None) as writer:
                yield writer
            with writing():
                await asyncio.to_thread(self._settle, self._root / staged, self._root / key)
        finally:
            with suppress(OSError):
                (self._root / staged).unlink()

    @override
    async def copy(self, key: str, to: str) -> None:
        staged = f"{STAGING}/{uuid4().hex}"
        try:
            with reading():
                await asyncio.to_thread(os.link, self._root / key, self._root / staged)
            with writing():
                await asyncio.to_thread(self._settle, self._root / staged, self._root / to)
        finally:
            with suppress(OSError):
                (self._root / staged).unlink()

    @override
    async def clear(self, folder: str) -> None:
        with reading(), suppress(FileNotFoundError):
            await asyncio.to_thread(shutil.rmtree, self._root / folder)

    @override
    async def sweep(self) -> int:
        with writing():
            return await asyncio.to_thread(sweep_staging, self._root)

    def _settle(self, staged: Path, final: Path) -> None:
        """Make the file private and durable, then let it be seen."""
        staged.chmod(PRIVATE_FILE)
        _sync(staged)
        way = [folder for folder in final.parents if folder.is_relative_to(self._root)]
        for folder in reversed(way[:-1]):
            _make_private(folder)
        staged.replace(final)
        for folder in way:  # also those another writer has just made and not yet synced
            _sync(folder)


def prepare_folder(root: Path) -> None:
    """Create the folder and its staging, 0700 each. Raises OSError.

    An existing root keeps its mode: a mounted volume has the one it was given, and what we put
    into it is private by itself.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    _make_private(root)
    _make_private(root / STAGING)


def sweep_staging(root: Path) -> int:
    """Remove staged files that have not grown for STALE_S; how many."""
    swept = 0
    before = time.time() - STALE_S
    for staged in (root / STAGING).iterdir():
        with suppress(FileNotFoundError):  # its writer, or another sweep, was faster
            if staged.stat().st_mtime < before:
                staged.unlink()
                swept += 1
    return swept


@asynccontextmanager
async def _written(store: ObjectStore, key: str, mime_type: str | None) -> AsyncIterator[Writer]:
    """The writer of obstore. Its own `async with` would let a failing abort hide why we abort.

    Not `put_async` with an iterator: cancelled, that leaves an upload open on S3, and it makes a
    multipart upload of the smallest file.
    """
    writer = obstore.open_writer_async(
        store,
        key,
        attributes={"Content-Type": mime_type} if mime_type else None,
        buffer_size=PART_BYTES,
        max_concurrency=PARTS_AT_ONCE,
    )
    try:
        yield writer
    except BaseException as error:
        with suppress(*STORE_ERRORS):
            await writer.__aexit__(type(error), error, error.__traceback__)
        raise
    with writing():
        await writer.close()


def _make_private(folder: Path) -> None:
    """Make a folder if absent, 0700 whatever the umask."""
    try:
        folder.mkdir(PRIVATE_FOLDER)
    except FileExistsError:
        return
    folder.chmod(PRIVATE_FOLDER)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
