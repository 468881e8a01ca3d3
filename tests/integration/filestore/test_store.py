"""What every store does: one suite over a folder, memory and S3."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from filestore.errors import BadKey, Missing, OutOfRange, TooLarge
from filestore.keys import key_for
from filestore.places import PART_BYTES
from filestore.store import FileStore
from support.waiting import within

KEY = key_for(UUID(int=1), "media", UUID(int=2), datetime(2026, 11, 21, tzinfo=UTC))
DIGITS = b"0123456789"
LARGE = bytes(range(256)) * (2 * PART_BYTES // 256) + b"end"
"""Of several parts."""


class SourceBroke(OSError):
    """What a caller's stream raises; of a family the store raises too."""


async def in_chunks(data: bytes, size: int = 1_000_003) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def breaking(data: bytes) -> AsyncIterator[bytes]:
    async for chunk in in_chunks(data):
        yield chunk
    raise SourceBroke


async def put(store: FileStore, data: bytes | AsyncIterator[bytes], limit: int = 1 << 30) -> None:
    await store.put(KEY, data, mime_type="image/png", max_bytes=limit)


def count(operation: str, outcome: str) -> float:
    labels = {"operation": operation, "outcome": outcome}
    return REGISTRY.get_sample_value("sluice_filestore_total", labels) or 0


@pytest.mark.parametrize("data", [b"", b"x", LARGE], ids=["empty", "small", "parts"])
async def test_what_is_put_can_be_read(store: FileStore, data: bytes) -> None:
    stored = await store.put(KEY, in_chunks(data), mime_type="image/png", max_bytes=len(data))
    assert stored == (KEY, len(data), hashlib.sha256(data).hexdigest())
    assert await store.read(KEY, len(data)) == data
    assert (await store.head(KEY)).size == len(data)


async def test_bytes_are_put_like_a_stream(store: FileStore) -> None:
    await put(store, DIGITS)
    opened = await store.get(KEY)
    assert opened[:3] == (10, 0, 10)
    assert b"".join([chunk async for chunk in opened.chunks]) == DIGITS


async def test_a_put_replaces(store: FileStore) -> None:
    await put(store, LARGE)
    await put(store, DIGITS)
    assert await store.read(KEY, 100) == DIGITS


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 3, b"012"),
        (2, 5, b"234"),
        (4, None, b"456789"),
        (9, None, b"9"),
        (8, 500, b"89"),
        (0, 10, DIGITS),
    ],
)
async def test_a_range(store: FileStore, start: int, end: int | None, expected: bytes) -> None:
    await put(store, DIGITS)
    opened = await store.get(KEY, start, end)
    assert opened[:3] == (10, start, start + len(expected))
    assert b"".join([chunk async for chunk in opened.chunks]) == expected


@pytest.mark.parametrize(("data", "start"), [(DIGITS, 10), (DIGITS, 99), (b"", 1)])
async def test_a_range_behind_the_end_names_the_size(
    store: FileStore, data: bytes, start: int
) -> None:
    await put(store, data)
    with pytest.raises(OutOfRange) as refused:
        await store.get(KEY, start)
    assert refused.value.size == len(data)


@pytest.mark.parametrize(("start", "end"), [(-1, None), (3, 3), (3, 2)])
async def test_what_is_no_range_is_refused(store: FileStore, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="range"):
        await store.get(KEY, start, end)


async def test_a_missing_file_is_missing(store: FileStore) -> None:
    before = count("get", "missing")
    with pytest.raises(Missing):
        await store.get(KEY)
    with pytest.raises(Missing):
        await store.get(KEY, 2, 5)
    with pytest.raises(Missing):
        await store.head(KEY)
    assert not await store.exists(KEY)
    assert count("get", "missing") == before + 2


async def test_deleting_twice_is_well(store: FileStore) -> None:
    await put(store, DIGITS)
    assert await store.exists(KEY)
    await store.delete(KEY)
    await store.delete(KEY)
    assert not await store.exists(KEY)


async def test_a_file_too_large_to_read_is_not_read(store: FileStore) -> None:
    await put(store, DIGITS)
    with pytest.raises(TooLarge, match="10 bytes"):
        await store.read(KEY, 9)


@pytest.mark.parametrize("limit", [9, PART_BYTES, len(LARGE) - 1])
@pytest.mark.parametrize("before", [None, DIGITS], ids=["nothing", "something"])
async def test_a_put_above_its_limit_changes_nothing(
    store: FileStore, limit: int, before: bytes | None
) -> None:
    if before is not None:
        await put(store, before)
    counted = count("put", "too_large")
    with pytest.raises(TooLarge):
        await put(store, in_chunks(LARGE), limit)
    assert count("put", "too_large") == counted + 1
    await still(store, before)


@pytest.mark.parametrize("data", [b"", DIGITS, LARGE], ids=["at once", "soon", "in parts"])
@pytest.mark.parametrize("before", [None, DIGITS], ids=["nothing", "something"])
async def test_a_stream_that_breaks_changes_nothing(
    store: FileStore, data: bytes, before: bytes | None
) -> None:
    if before is not None:
        await put(store, before)
    counted = count("put", "aborted")
    with pytest.raises(SourceBroke):
        await put(store, breaking(data))
    assert count("put", "aborted") == counted + 1
    await still(store, before)


async def test_a_cancelled_put_changes_nothing_and_ends_its_stream(store: FileStore) -> None:
    reached, closed = asyncio.Event(), asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        try:
            async for chunk in in_chunks(LARGE):
                yield chunk
            reached.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    putting = asyncio.create_task(put(store, stalling()))
    await within(reached.wait())
    assert not await store.exists(KEY)
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert closed.is_set()
    await still(store, None)


async def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(store: FileStore) -> None:
    await put(store, DIGITS)
    seen: list[bytes] = []

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in in_chunks(LARGE, PART_BYTES):
            seen.append(await store.read(KEY, 100))
            yield chunk

    await put(store, watched())
    assert seen == [DIGITS] * 3
    assert await store.read(KEY, len(LARGE)) == LARGE


async def test_two_puts_of_one_key_leave_one_of_them_whole(store: FileStore) -> None:
    other = b"z" * len(LARGE)
    await asyncio.gather(put(store, in_chunks(LARGE)), put(store, in_chunks(other)))
    assert await store.read(KEY, len(LARGE)) in {LARGE, other}


async def test_no_key_leaves_the_store(store: FileStore) -> None:
    for key in ("../x", "/etc/passwd", ".staging/x", "a//b", ""):
        with pytest.raises(BadKey):
            await store.put(key, b"x", mime_type="text/plain", max_bytes=1)
        with pytest.raises(BadKey):
            await store.get(key)
        with pytest.raises(BadKey):
            await store.head(key)
        with pytest.raises(BadKey):
            await store.delete(key)


async def still(store: FileStore, before: bytes | None) -> None:
    """The key holds what it held."""
    if before is None:
        assert not await store.exists(KEY)
    else:
        assert await store.read(KEY, len(before)) == before


async def test_a_copy_is_whole_and_outlives_what_it_was_made_of(store: FileStore) -> None:
    await put(store, b"bytes")
    await store.copy(KEY, "w/elsewhere/2")
    await store.copy(KEY, "w/elsewhere/2")
    await store.delete(KEY)
    assert await store.read("w/elsewhere/2", 100) == b"bytes"
    assert not await store.exists(KEY)


async def test_what_is_not_there_is_not_copied(store: FileStore) -> None:
    with pytest.raises(Missing):
        await store.copy(KEY, "w/elsewhere/2")
    assert not await store.exists("w/elsewhere/2")


async def test_folders_are_listed_and_cleared(store: FileStore) -> None:
    assert await store.folders("days") == []
    for key in ("days/1/a/x", "days/1/b", "days/2/c", "days-of-others/1/d"):
        await store.put(key, b"bytes", mime_type="text/plain", max_bytes=10)
    assert await store.folders("days") == ["days/1", "days/2"]

    await store.clear("days/1")
    await store.clear("days/1")
    assert await store.folders("days") == ["days/2"]
    assert await store.exists("days/2/c")
    assert await store.exists("days-of-others/1/d")


@pytest.mark.parametrize("folder", ["..", ".staging", "", "days/", "/days"])
async def test_only_folders_of_keys_are_cleared(store: FileStore, folder: str) -> None:
    with pytest.raises(BadKey):
        await store.clear(folder)
    with pytest.raises(BadKey):
        await store.folders(folder)
