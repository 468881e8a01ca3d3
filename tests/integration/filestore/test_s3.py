"""What only a bucket does: types, open uploads, and a server that is away or has no bucket."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import pytest

from filestore.errors import TooLarge, Unavailable
from filestore.opening import open_store
from filestore.places import PART_BYTES
from filestore.store import FileStore
from support.waiting import eventually, within

KEY = "w/media/2026/11/one"
SECRET = "wJalrXUtnFEMI"

Act = Callable[[FileStore], Awaitable[object]]


class Answer(Protocol):
    @property
    def body(self) -> bytes: ...


class S3(Protocol):
    def open(self, bucket: str = ...) -> FileStore: ...

    async def type_of(self, key: str) -> object: ...

    def ask(self, method: str, target: str) -> Answer: ...


ACTS: dict[str, Act] = {
    "put": lambda store: store.put(KEY, b"x", mime_type="text/plain", max_bytes=1),
    "get": lambda store: store.get(KEY),
    "delete": lambda store: store.delete(KEY),
}


async def parts() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield bytes(PART_BYTES)


def open_uploads(s3: S3) -> int:
    return s3.ask("GET", "?uploads").body.count(b"<UploadId>")


async def test_the_bucket_knows_the_type(s3: S3) -> None:
    await s3.open().put(KEY, b"x", mime_type="image/png", max_bytes=1)
    assert await s3.type_of(KEY) == "image/png"


async def test_a_put_above_its_limit_leaves_no_upload_open(s3: S3) -> None:
    with pytest.raises(TooLarge):
        await s3.open().put(KEY, parts(), mime_type="video/mp4", max_bytes=2 * PART_BYTES)
    assert open_uploads(s3) == 0


async def test_a_cancelled_put_leaves_no_upload_open(s3: S3) -> None:
    reached = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        async for part in parts():
            yield part
        reached.set()
        await asyncio.Event().wait()

    store = s3.open()
    putting = asyncio.create_task(
        store.put(KEY, stalling(), mime_type="video/mp4", max_bytes=1 << 30)
    )
    await within(reached.wait())
    await eventually(lambda: open_uploads(s3) == 1)
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert open_uploads(s3) == 0


@pytest.mark.parametrize("act", ["put", "get"])
async def test_no_file_is_missing_where_there_is_no_bucket(s3: S3, act: str) -> None:
    with pytest.raises(Unavailable):
        await ACTS[act](s3.open("no-such-bucket"))


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://bucket/x", {"region": "x", "access_key_id": "a", "secret_access_key": SECRET}),
        ("az://account/box", {"account_name": "account", "sas_key": f"?sv=1&sig={SECRET}"}),
    ],
    ids=["s3", "azure"],
)
async def test_a_server_that_is_away_is_unavailable_and_no_secret_is_said(
    act: str, url: str, options: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = {"endpoint": f"http://127.0.0.1:{port}", "allow_http": "true"}
    with pytest.raises(Unavailable) as raised:
        await ACTS[act](open_store(url, options | away))
    assert SECRET not in repr(raised.value)
    assert raised.value.__cause__ is None
    assert os.linesep not in str(raised.value)
