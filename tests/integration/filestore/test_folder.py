"""What only a folder does: modes, staging, killed writers, a disk that refuses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from filestore.errors import TooLarge, Unavailable
from filestore.opening import open_store
from filestore.places import STAGING, STALE_S

KEY = "w/media/2026/11/one"
OLD = b"the file that was there"

KILLED = """
import asyncio, sys
from filestore.opening import open_store
from filestore.places import PART_BYTES

async def stalling():
    for _ in range(3):
        yield b"x" * PART_BYTES
    print("midway", flush=True)
    await asyncio.Event().wait()

store = open_store(sys.argv[1])
asyncio.run(store.put(sys.argv[2], stalling(), mime_type="video/mp4", max_bytes=1 << 40))
"""
"""A writer that has written three parts and waits for more."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture(params=[0o000, 0o077, 0o027], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def files_under(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def folders_under(root: Path) -> list[Path]:
    return [root, *(path for path in root.rglob("*") if path.is_dir())]


def make_volume(root: Path) -> None:
    root.mkdir()
    root.chmod(0o750)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def kill_midway(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root), KEY], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"midway\n"
        writer.kill()


@pytest.mark.usefixtures("umask")
async def test_nobody_else_may_read_whatever_the_umask(root: Path) -> None:
    store = open_store(str(root))
    await store.put(KEY, b"x", mime_type="text/plain", max_bytes=1)
    assert {mode_of(path) for path in folders_under(root)} == {0o700}
    assert mode_of(root / KEY) == 0o600


async def test_a_mounted_volume_keeps_its_mode(root: Path) -> None:
    make_volume(root)
    store = open_store(str(root))
    await store.put(KEY, b"x", mime_type="text/plain", max_bytes=1)
    assert mode_of(root) == 0o750
    assert mode_of(root / "w") == 0o700


async def test_nothing_but_the_file_remains(root: Path) -> None:
    store = open_store(str(root))
    await store.put(KEY, b"x" * (20 << 20), mime_type="video/mp4", max_bytes=20 << 20)
    with pytest.raises(TooLarge):
        await store.put("w/other", b"x" * (20 << 20), mime_type="video/mp4", max_bytes=1 << 20)
    assert files_under(root) == {KEY}
    await store.delete(KEY)
    assert files_under(root) == set()


async def test_a_killed_writer_shows_no_half_file(root: Path) -> None:
    kill_midway(root)
    store = open_store(str(root))
    assert not await store.exists(KEY)
    assert {Path(name).parts[0] for name in files_under(root)} == {STAGING}


async def test_a_killed_writer_leaves_the_old_file(root: Path) -> None:
    store = open_store(str(root))
    await store.put(KEY, OLD, mime_type="text/plain", max_bytes=100)
    kill_midway(root)
    assert await store.read(KEY, 100) == OLD


async def test_what_a_killed_writer_left_is_swept_when_it_is_old(root: Path) -> None:
    kill_midway(root)
    store = open_store(str(root))
    (left,) = (root / STAGING).iterdir()
    assert await store.sweep() == 0
    past = left.stat().st_mtime - STALE_S - 60
    os.utime(left, (past, past))
    assert await store.sweep() == 1
    assert files_under(root) == set()


async def test_opening_sweeps(root: Path) -> None:
    open_store(str(root))
    (root / STAGING / "left").touch()
    os.utime(root / STAGING / "left", (0, 0))
    open_store(str(root))
    assert files_under(root) == set()


async def test_a_store_that_went_away_is_unavailable(root: Path) -> None:
    store = open_store(str(root))
    (root / STAGING).rmdir()
    (root / STAGING).touch()  # root may write anywhere; where a folder is missing it may not
    with pytest.raises(Unavailable):
        await store.put(KEY, b"x", mime_type="text/plain", max_bytes=1)
    with pytest.raises(Unavailable):
        await store.put(KEY, b"x" * (20 << 20), mime_type="text/plain", max_bytes=20 << 20)
    assert not await store.exists(KEY)


async def test_a_file_in_the_way_of_a_folder_is_unavailable(root: Path) -> None:
    store = open_store(str(root))
    await store.put("w", b"x", mime_type="text/plain", max_bytes=1)
    with pytest.raises(Unavailable):
        await store.put("w/inner", b"x", mime_type="text/plain", max_bytes=1)
    assert files_under(root) == {"w"}


@pytest.mark.usefixtures("umask")
async def test_a_copy_is_as_private_as_the_file(root: Path) -> None:
    store = open_store(str(root))
    await store.put(KEY, b"bytes", mime_type="text/plain", max_bytes=10)
    await store.copy(KEY, "v/media/one")
    assert mode_of(root / "v/media/one") == 0o600
    assert {mode_of(folder) for folder in folders_under(root)} == {0o700}
    assert files_under(root) == {KEY, "v/media/one"}
