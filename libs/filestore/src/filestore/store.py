"""The store itself: put, get, read, head, exists, delete; copy, folders and clear.

Called by inbox-core (uploads, downloads, purges), by the adapters' media role (what platforms
hold) and by deliver (what is to be uploaded to them).

    store = open_store(settings.files_url, settings.files_options)
    stored = await store.put(key, response.content.iter_any(), mime_type=mime, max_bytes=limit)
    opened = await store.get(key)
    async for chunk in opened.chunks: ...
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from obstore.store import ObjectStore

from filestore.errors import Missing, OutOfRange, TooLarge, Unavailable
from filestore.keys import check_key
from filestore.outcomes import counted, reading, writing
from filestore.places import Place

CHUNK_BYTES = 256 * 1024
"""The least a chunk of a download has, but the last. Memory yields a file as one chunk."""

SLICE_BYTES = 1024 * 1024


class Stored(NamedTuple):
    """A file that is stored now. `size` in bytes, `sha256` in hexadecimal."""

    key: str
    size: int
    sha256: str


class Head(NamedTuple):
    """What a store knows of a file. Its type and name are the caller's to remember."""

    size: int
    modified_at: datetime


class Opened(NamedTuple):
    """A file being read. `size` is the whole file's; the chunks are its bytes `start` to `end`."""

    size: int
    start: int
    end: int
    chunks: AsyncIterator[bytes]


class FileStore:
    """Files by key. Made by `filestore.opening.open_store`; needs no closing."""

    def __init__(self, store: ObjectStore, place: Place) -> None:
        self._store = store
        self._place = place

    async def put(
        self, key: str, chunks: AsyncIterator[bytes] | bytes, *, mime_type: str, max_bytes: int
    ) -> Stored:
        """Store a file, replacing what the key held. A reader sees the old file or the new one.

        When the stream fails its error passes as it is and nothing is stored; a stream that stalls
        is the caller's to time out. Only a put cancelled while it completes may be stored all the
        same. Raises TooLarge, BadKey, Unavailable.
        """
        digest, size = hashlib.sha256(), 0
        with counted("put"):
            check_key(key)
            async with (
                _closing(chunks) as source,
                self._place.writer(key, mime_type) as writer,
            ):
                async for chunk in source:
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge(f"more than {max_bytes} bytes")
                    digest.update(chunk)
                    with writing():
                        await writer.write(chunk)
        return Stored(key, size, digest.hexdigest())

    async def get(self, key: str, start: int = 0, end: int | None = None) -> Opened:
        """Open a file, or its bytes from `start` to before `end`, cut off at the file's own end.

        The chunks raise Unavailable when the store goes away meanwhile. Raises Missing, OutOfRange,
        BadKey, Unavailable; ValueError for a range that is none.
        """
        if start < 0 or (end is not None and end <= start):
            raise ValueError("a range begins at 0 or later and ends behind its begin")
        with counted("get"):
            check_key(key)
            if start == 0 and end is None:
                with reading():
                    found = await self._store.get_async(key)
            else:
                end = await self._cut(key, start, end)
                with reading():
                    found = await self._store.get_async(key, options={"range": (start, end)})
            chunks = _streamed(found.stream(min_chunk_size=CHUNK_BYTES))
            return Opened(found.meta["size"], *found.range, chunks)

    async def read(self, key: str, max_bytes: int) -> bytes:
        """A whole file. Raises TooLarge before it reads, and what `get` raises."""
        opened = await self.get(key)
        if opened.size > max_bytes:
            raise TooLarge(f"{opened.size} bytes; {max_bytes} are allowed")
        return b"".join([chunk async for chunk in opened.chunks])

    async def head(self, key: str) -> Head:
        """Size and age. Raises Missing, BadKey, Unavailable.

        A bucket that is not there looks like a missing file here, the answer having no body to say
        so; `get` and `put` tell the two apart.
        """
        with counted("head"):
            check_key(key)
            return await self._head(key)

    async def exists(self, key: str) -> bool:
        """Whether there is a file. Raises BadKey, Unavailable."""
        try:
            await self.head(key)
        except Missing:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove a file; well if there is none. Raises BadKey, Unavailable."""
        with counted("delete"):
            check_key(key)
            try:
                with reading():
                    await self._store.delete_async(key)
            except Missing:
                return

    async def copy(self, key: str, to: str) -> None:
        """The same file under another key too, without its bytes passing through here.

        A reader of `to` sees what was there before, or the whole file. Raises Missing, BadKey,
        Unavailable.
        """
        with counted("copy"):
            await self._place.copy(check_key(key), check_key(to))

    async def folders(self, under: str) -> Sequence[str]:
        """The folders right under one, in order, each with the whole way to it.

        Meant for folders of few. Raises BadKey, Unavailable.
        """
        with counted("list"):
            check_key(under)
            with reading():
                found = await self._store.list_with_delimiter_async(prefix=under)
            return sorted(str(one).rstrip("/") for one in found["common_prefixes"])

    async def clear(self, folder: str) -> None:
        """Remove a folder with every file in it; well if there is none. Raises BadKey, Unavailable.

        Nobody may be writing into it.
        """
        with counted("clear"):
            await self._place.clear(check_key(folder))

    async def sweep(self) -> int:
        """Remove what killed writers left in a folder, an hour after; how many files. Cheap."""
        return await self._place.sweep()

    async def _head(self, key: str) -> Head:
        with reading():
            meta = await self._store.head_async(key)
        return Head(meta["size"], meta["last_modified"])

    async def _cut(self, key: str, start: int, end: int | None) -> int:
        """Where the range ends. Asked for first: each store refuses a bad range in its own way."""
        size = (await self._head(key)).size
        if start >= size:
            raise OutOfRange(f"begins at {start} of {size} bytes", size)
        return size if end is None else min(end, size)


@asynccontextmanager
async def _closing(chunks: AsyncIterator[bytes] | bytes) -> AsyncIterator[AsyncIterator[bytes]]:
    """The chunks; a generator is closed with the block, not when it is collected some day."""
    source = _sliced(chunks) if isinstance(chunks, bytes) else chunks
    try:
        yield source
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


async def _sliced(data: bytes) -> AsyncIterator[bytes]:
    """In slices: hashing a hundred megabytes at once would hold everybody else up."""
    for at in range(0, len(data), SLICE_BYTES):
        yield data[at : at + SLICE_BYTES]


async def _streamed(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream with our errors. A file that was removed meanwhile is cut short, not Missing."""
    with counted("stream"):
        try:
            with reading():
                async for chunk in stream:
                    yield chunk
        except Missing:
            raise Unavailable("the file went away while it was read") from None
