"""Uploads and downloads: streamed, bounded, sniffed, and harmless in a browser."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from aiohttp import ClientError

from filestore.errors import Unavailable
from filestore.store import FileStore, Opened
from filestore.taking import PICTURES_AT_ONCE, Coming
from filestore.turns import EACH
from inbox_core.domain.actors import Actor
from support.backends import MAX_UPLOAD
from support.rest import Answer, Rest, add_file
from support.seeds import add_conversation, add_workspace

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
EXIF = b"Exif\0\0MM\0*GPS of somebody's home"
SCAN = bytes.fromhex("ffda0008010100003f00") + b"\x12\x34" + bytes.fromhex("ffd9")
PHOTO = JPEG + b"\xff\xe1" + (len(EXIF) + 2).to_bytes(2, "big") + EXIF + SCAN


async def upload(
    rest: Rest, body: bytes, mime_type: str = "text/plain", name: str = "a.txt", **headers: str
) -> Answer:
    token = {"Authorization": f"Bearer {rest.people['support'].token}"}
    path = f"/v1/workspaces/{rest.workspace}/files?filename={name}"
    return await rest.raw("POST", path, body, {**token, "Content-Type": mime_type, **headers})


async def download(rest: Rest, file: Any, **headers: str) -> Answer:
    return await rest.get(f"/files/{file}", headers=headers)


async def stored(rest: Rest) -> int:
    count: int = await rest.admin.fetchval("SELECT count(*) FROM files")
    return count


async def test_what_goes_up_comes_down(rest: Rest) -> None:
    body = b"some words " * 10_000
    made = await upload(rest, body, name="My%20words.txt")
    assert made.status == 201, made.body
    assert (made.json["filename"], made.json["mime_type"]) == ("My words.txt", "text/plain")
    assert (made.json["size"], made.json["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    answer = await download(rest, made.json["id"])
    assert (answer.status, answer.body) == (200, body)
    headers = answer.headers
    assert headers["Content-Type"] == "text/plain"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment")
    same = await download(rest, made.json["id"], **{"If-None-Match": headers["ETag"]})
    assert (same.status, same.body) == (304, b"")


SNIFFED: list[Any] = [
    (b"%PDF-1.7 words", "image/png", "application/pdf", "attachment"),
    (b"<script>alert(1)</script>", "text/html", "application/octet-stream", "attachment"),
    (b"\x89PNG\r\n\x1a\n", None, None, None),
    (b"OggS\0\2" + bytes(30), "audio/ogg; codecs=opus", "audio/ogg", "inline"),
]


@pytest.mark.parametrize(("body", "declared", "mime_type", "shown"), SNIFFED)
async def test_what_it_is_counts_not_what_it_is_said_to_be(
    rest: Rest, body: bytes, declared: str | None, mime_type: str | None, shown: str | None
) -> None:
    made = await upload(rest, body, declared or "image/png", "x")
    if mime_type is None:
        assert (made.status, made.json["code"]) == (422, "file_refused")
        return
    assert made.json["mime_type"] == mime_type
    answer = await download(rest, made.json["id"])
    assert answer.headers["Content-Type"] == mime_type
    assert answer.headers["Content-Disposition"].startswith(shown or "")


async def test_a_picture_does_not_tell_where_it_was_taken(rest: Rest) -> None:
    made = await upload(rest, PHOTO, "image/jpeg", "me.jpg")
    assert made.json["mime_type"] == "image/jpeg"
    answer = await download(rest, made.json["id"])
    assert answer.body.startswith(b"\xff\xd8")
    assert b"GPS" not in answer.body
    assert made.json["sha256"] == hashlib.sha256(answer.body).hexdigest()


REFUSED: list[Any] = [
    (b"", "text/plain", 422, "file_refused"),
    (b"x" * (MAX_UPLOAD + 1), "text/plain", 413, "body_too_large"),
    (PHOTO + bytes(MAX_UPLOAD), "image/jpeg", 413, "body_too_large"),
    (bytes(4) + b"ftypheic" + bytes(40), "image/heic", 422, "file_refused"),
]


@pytest.mark.parametrize(("body", "mime_type", "status", "code"), REFUSED)
async def test_what_is_not_taken(
    rest: Rest, body: bytes, mime_type: str, status: int, code: str
) -> None:
    answer = await upload(rest, body, mime_type)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert await stored(rest) == 0


async def test_a_body_of_unknown_length_is_bounded_too(rest: Rest) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_UPLOAD // 1000 + 2):
            yield b"x" * 1000

    headers = {"Authorization": f"Bearer {rest.people['owner'].token}"}
    url = f"{rest.base}/v1/workspaces/{rest.workspace}/files"
    async with rest.client.post(url, data=endless(), headers=headers) as response:
        assert response.status == 413
    assert await stored(rest) == 0


@asynccontextmanager
async def unfinished(rest: Rest, begun: bytes, uploads: int) -> AsyncIterator[None]:
    """Uploads by the owner that have begun, and go no further while the block lasts."""
    owner, backend = rest.people["owner"], rest.parts.backend
    actor = Actor("token", str(owner.token_id), owner.name, str(owner.id))
    asked_for_more: asyncio.Queue[None] = asyncio.Queue()
    ends = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield begun
        asked_for_more.put_nowait(None)
        await ends.wait()

    async def send() -> None:
        incoming = Coming(body(), None, None)
        await backend.uploads.take(
            backend.store, rest.workspace, incoming, actor, datetime.now(UTC)
        )

    tasks = [asyncio.create_task(send()) for _ in range(uploads)]
    try:
        async with asyncio.timeout(20):
            for _ in tasks:
                await asked_for_more.get()
        yield
    finally:
        ends.set()
        await asyncio.gather(*tasks)


async def test_slow_senders_of_pictures_are_in_nobodys_way(rest: Rest) -> None:
    """Which turns there are to clean pictures in, their senders do not hold while they dawdle."""
    async with unfinished(rest, PHOTO + bytes(20_000), PICTURES_AT_ONCE), asyncio.timeout(10):
        made = await upload(rest, PHOTO, "image/jpeg")
    assert made.status == 201


async def test_one_person_uploads_a_few_files_at_a_time(rest: Rest) -> None:
    async with unfinished(rest, b"words " * 2000, EACH):
        headers = {"Authorization": f"Bearer {rest.people['owner'].token}"}
        path = f"/v1/workspaces/{rest.workspace}/files"
        refused = await rest.raw("POST", path, b"words", headers)
        assert (refused.status, refused.json["code"]) == (429, "too_many_requests")
        assert refused.headers["Retry-After"] == "1"
        assert (await upload(rest, b"words")).status == 201  # somebody else's
    assert (await rest.raw("POST", path, b"words", headers)).status == 201


async def test_a_broken_picture_leaves_nothing_behind(rest: Rest) -> None:
    answer = await upload(rest, JPEG, "image/jpeg")
    assert (answer.status, answer.json["code"]) == (422, "file_refused")
    assert [one async for page in rest.parts.files._store.list() for one in page] == []  # noqa: SLF001 - nothing else can see bytes without a row


RANGES: list[Any] = [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
    ("bytes=7-", 206, b"789", "bytes 7-9/10"),
    ("bytes=-2", 206, b"89", "bytes 8-9/10"),
    ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=-0", 416, None, "bytes */10"),
    ("bytes=5-2", 200, b"0123456789", None),
    ("bytes=0-1,3-4", 200, b"0123456789", None),
    ("lines=1-2", 200, b"0123456789", None),
]


@pytest.mark.parametrize(("asked", "status", "body", "place"), RANGES)
async def test_a_part_of_a_file(
    rest: Rest, asked: str, status: int, body: bytes | None, place: str | None
) -> None:
    file = await add_file(rest, rest.workspace, b"0123456789")
    answer = await download(rest, file, Range=asked)
    assert answer.status == status
    assert answer.headers.get("Content-Range") == place
    assert body is None or answer.body == body
    changed = await download(rest, file, Range=asked, **{"If-Range": '"another"'})
    assert (changed.status, changed.body) == (200, b"0123456789")


async def test_the_same_upload_again_is_one_file(rest: Rest) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await upload(rest, b"words", **key)
    again = await upload(rest, b"words", **key)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await upload(rest, b"other words", **key)).json["code"] == "idempotency_key_reused"
    assert await stored(rest) == 1


async def test_a_file_of_others_is_not_found_and_a_deleted_one_is_gone(rest: Rest) -> None:
    theirs = await add_file(rest, await add_workspace(rest.admin, "Theirs"))
    assert (await download(rest, theirs)).status == 404
    assert (await download(rest, UUID(int=1))).status == 404
    mine = await add_file(rest, rest.workspace)
    key = await rest.admin.fetchval("SELECT key FROM files WHERE id = $1", mine)
    await rest.parts.files.delete(key)
    assert (await download(rest, mine)).json["code"] == "gone"
    await rest.admin.execute("UPDATE files SET purge_at = now()")
    assert (await download(rest, mine)).status == 410


async def test_an_upload_has_a_day_to_be_sent_and_stays_from_then_on(rest: Rest) -> None:
    sent, left = [(await upload(rest, words)).json["id"] for words in (b"one", b"two")]
    thread = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    body = {"parts": [{"type": "file", "file_id": sent}]}
    assert (await rest.post(f"/conversations/{thread}/messages", body)).status == 201
    kept, due = await rest.admin.fetch("SELECT purge_at - now() AS left FROM files ORDER BY id")
    assert kept["left"] is None
    assert timedelta(hours=24) < due["left"] < timedelta(hours=26)
    await rest.admin.execute("UPDATE files SET purge_at = purge_at - interval '24 hours 5 minutes'")
    assert [(await download(rest, file)).status for file in (sent, left)] == [200, 410]
    body = {"parts": [{"type": "file", "file_id": left}]}
    refused = await rest.post(f"/conversations/{thread}/messages", body)
    assert refused.json["errors"][0]["pointer"] == "/parts/0/file_id"


async def test_a_file_without_a_name_gets_one_when_it_is_saved(rest: Rest) -> None:
    token = {"Authorization": f"Bearer {rest.people['owner'].token}"}
    path = f"/v1/workspaces/{rest.workspace}/files"
    made = await rest.raw("POST", path, b"%PDF-1.7", {**token, "Content-Type": "application/pdf"})
    assert made.json["filename"] is None
    answer = await download(rest, made.json["id"])
    assert "file.pdf" in answer.headers["Content-Disposition"]


class BreaksOff:
    """A store that goes away while a file is read."""

    async def get(self, key: str, start: int, end: int | None) -> Opened:  # noqa: ARG002 - the store's shape
        async def chunks() -> AsyncIterator[bytes]:
            yield b"wo"
            raise Unavailable("gone")

        return Opened(5, 0, 5, chunks())


async def test_a_file_that_breaks_off_is_never_taken_for_whole(rest: Rest) -> None:
    file = await add_file(rest, rest.workspace)
    uploads = rest.parts.backend.uploads
    uploads.files = cast(FileStore, BreaksOff())
    with pytest.raises(ClientError):
        await download(rest, file)
    assert (await rest.get("/conversations")).status == 200
