"""Files over HTTP: what is taken, as what, and that a browser never runs one."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import aiohttp
import pytest
from aiohttp import ClientError, web

from adapter.deliver.buckets import LocalBuckets
from chassis.http import listener
from filestore.opening import open_store
from support.rigs import make_rig
from support.waiting import eventually, until_true
from support.widget import NO_LIMITS, Answered, Gate, WidgetWorld, widget_world
from vault.signing import Signer
from widget_gateway.doors.calls import Call
from widget_gateway.doors.rim import gateway_app
from widget_gateway.files.shelf import Shelf
from widget_gateway.files.upload import EACH_ADDRESS, UploadDoor
from widget_gateway.limits import Limiter
from widget_gateway.peers import Peer
from widget_gateway.site.channels import Channel
from widget_gateway.site.config import parse
from widget_gateway.visitor import Visitor

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
EXIF = b"Exif\0\0MM\0*GPS of somebody's home"
SCAN = bytes.fromhex("ffda0008010100003f00") + b"\x12\x34" + bytes.fromhex("ffd9")
PHOTO = JPEG + b"\xff\xe1" + (len(EXIF) + 2).to_bytes(2, "big") + EXIF + SCAN
PROGRAM = b"MZ" + bytes(200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
LIMIT = 64 * 1024
BINARY = "application/octet-stream"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[WidgetWorld]:
    rig = await make_rig("memory", tmp_path)
    async with widget_world(rig, files=open_store(str(tmp_path / "files"))) as world:
        yield world
    await rig.close()


@pytest.fixture
async def gate(world: WidgetWorld) -> AsyncIterator[Gate]:
    async with world.gateway(max_upload_bytes=LIMIT) as gate:
        yield gate


@pytest.fixture
async def token(gate: Gate) -> str:
    found: str = (await gate.session())["token"]
    return found


def shelf_of(world: WidgetWorld) -> Shelf:
    """As the gateway has its own."""
    signer = Signer(world.visitor_ring.active_first())
    return Shelf(world.files, signer, time.time, None)


def channel_of(world: WidgetWorld) -> Channel:
    site = parse(world.config)
    return Channel(world.channel_id, world.workspace_id, world.account, site, world.secret)


def visitor_of(visitor_id: str) -> Visitor:
    return Visitor(UUID(int=1), visitor_id, "session", 0, 1)


async def sent(gate: Gate, session: dict[str, Any], answered: Answered) -> str:
    """The address of an upload once a message has taken it."""
    shelf = shelf_of(gate.world)
    visitor = visitor_of(session["visitor"]["id"])
    file = await shelf.opened(channel_of(gate.world), visitor, answered.json["file"])
    assert file is not None
    return gate.url + shelf.address(file.key, file.filename, file.mime_type, file.size)


async def get(gate: Gate, address: str, **headers: str) -> Answered:
    async with gate.http.get(address, headers=headers) as response:
        return Answered(response.status, await response.read(), response.headers)


async def upload(
    gate: Gate, token: str, data: Any, name: str | None = "a.bin", mime_type: str = BINARY
) -> Answered:
    query = "" if name is None else f"?name={quote(name, safe='')}"
    headers = {"Content-Type": mime_type}
    return await gate.ask("POST", f"/files{query}", token=token, data=data, headers=headers)


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("data", "said", "name", "mime_type", "kind"),
    [
        (PHOTO, "text/html", "holiday.jpg", "image/jpeg", "image"),
        (b"%PDF-1.7 ...", "image/png", "a.png", "application/pdf", "document"),
        (b"just words", "", "notes.txt", "text/plain", "document"),
        (SVG, "image/svg+xml", "logo.svg", BINARY, "document"),
        (SVG, "image/png", "logo.png", BINARY, "document"),
        (HTML, "text/html", "index.html", BINARY, "document"),
        (HTML, "image/jpeg", "photo.jpg", BINARY, "document"),
        (b"alert(1)", "text/javascript", "app.js", BINARY, "document"),
        (b"OggS" + bytes(100), "audio/ogg", "voice.ogg", "audio/ogg", "audio"),
    ],
    ids=["jpeg", "pdf", "text", "svg", "svg as png", "html", "html as jpeg", "script", "voice"],
)
async def test_a_file_is_what_its_bytes_say(
    gate: Gate, data: bytes, said: str, name: str, mime_type: str, kind: str
) -> None:
    session = await gate.session()
    answered = await upload(gate, session["token"], data, name, said or BINARY)
    assert answered.status == 201, answered.body
    told = answered.json
    assert (told["mime_type"], told["kind"]) == (mime_type, kind)

    shown = await get(gate, await sent(gate, session, answered))
    assert shown.status == 200
    assert len(shown.body) == told["size"]
    assert shown.headers["Content-Type"].partition(";")[0] == mime_type
    disposition = "inline" if kind in {"image", "audio"} else "attachment"
    assert shown.headers["Content-Disposition"].startswith(disposition)
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["Cache-Control"].startswith("private, max-age=")
    assert shown.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_picture_comes_without_its_place(gate: Gate) -> None:
    session = await gate.session()
    answered = await upload(gate, session["token"], PHOTO, "home.jpg", "image/jpeg")
    shown = await get(gate, await sent(gate, session, answered))
    assert shown.body == JPEG + SCAN


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_refused"),
        (PHOTO[:30], "file_refused"),
        (bytes.fromhex("0000001866747970") + b"heic" + bytes(50), "file_refused"),
        (PROGRAM, "file_refused"),
        (b"a" * (LIMIT + 1), "too_large"),
    ],
    ids=["empty", "broken picture", "heic", "program", "too large"],
)
async def test_what_is_refused_leaves_nothing(
    gate: Gate, token: str, tmp_path: Path, data: bytes, code: str
) -> None:
    answered = await upload(gate, token, data)
    assert answered.code == code
    assert answered.headers["Access-Control-Allow-Origin"]
    assert stored(tmp_path) == []


async def test_a_stream_that_grows_too_large_is_cut_off(
    gate: Gate, token: str, tmp_path: Path
) -> None:
    async def growing() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"a" * (LIMIT // 8)

    answered = await upload(gate, token, growing())
    assert answered.status == 413
    assert stored(tmp_path) == []


async def test_an_upload_that_breaks_off_leaves_nothing(
    gate: Gate, token: str, tmp_path: Path
) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"a" * 20_000
        raise ConnectionResetError

    with pytest.raises((ClientError, ConnectionError)):
        await upload(gate, token, breaking())

    async def nothing_left() -> bool:
        return stored(tmp_path) == []

    await until_true(nothing_left)


async def test_an_upload_that_stands_still_is_given_up(world: WidgetWorld, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    buckets = LocalBuckets(loop.time, share=1.0)
    limiter = Limiter(buckets, buckets)
    door = UploadDoor(world.files, LIMIT, shelf_of(world), limiter, silent_s=0.2)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await door.upload(Call(request, channel_of(world), Peer(None), visitor_of("v")))

    app = gateway_app()
    app.router.add_post("/", answer)
    done = asyncio.Event()

    async def standing() -> AsyncIterator[bytes]:
        yield b"a" * 20_000
        await done.wait()

    async with (
        listener(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as http,
        http.post(f"http://127.0.0.1:{port}/", data=standing()) as response,
    ):
        assert (await response.json(content_type=None))["code"] == "too_slow"
        done.set()
    assert stored(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\boot\\photo.txt", "photo.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ('"; filename=evil.html', "_; filename=evil.html"),
        ("\r\nSet-Cookie: a=b", "Set-Cookie_ a=b.txt"),
        ("x" * 5000 + ".txt", "x" * 146 + ".txt"),
        ("", "file.txt"),
        (None, "file.txt"),
    ],
)
async def test_names_are_made_harmless(
    gate: Gate, tmp_path: Path, name: str | None, shown: str
) -> None:
    session = await gate.session()
    answered = await upload(gate, session["token"], b"just words", name, "text/plain")
    assert answered.status == 201, answered.body
    assert answered.json["name"] == shown
    await get(gate, await sent(gate, session, answered))
    assert all(path.name.count("-") == 4 for path in stored(tmp_path))


async def test_an_upload_needs_a_session_and_an_allowed_page(gate: Gate, token: str) -> None:
    assert (await gate.ask("POST", "/files", data=b"x")).code == "session_refused"
    foreign = await gate.ask("POST", "/files", token=token, data=b"x", origin="https://e.example")
    assert foreign.code == "foreign_origin"


async def test_uploads_of_an_address_are_counted(world: WidgetWorld) -> None:
    async with world.gateway(limits={"uploads": (2, 0.001)}) as gate:
        token = (await gate.session())["token"]
        answers = [await upload(gate, token, b"words") for _ in range(3)]
    assert [one.status for one in answers] == [201, 201, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("asked", "status", "body", "place"),
    [
        ("bytes=0-", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_ranges(
    gate: Gate, asked: str, status: int, body: bytes | None, place: str | None
) -> None:
    session = await gate.session()
    answered = await upload(gate, session["token"], b"0123456789")
    address = await sent(gate, session, answered)
    part = await get(gate, address, Range=asked)
    assert part.status == status
    assert body is None or part.body == body
    assert part.headers.get("Content-Range") == place


async def test_a_browser_takes_what_it_has(gate: Gate) -> None:
    session = await gate.session()
    address = await sent(gate, session, await upload(gate, session["token"], b"words"))
    first = await get(gate, address)
    again = await get(gate, address, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("word", ["x", "A" * 3000, "..%2F..%2Fetc%2Fpasswd"])
async def test_a_made_up_address_holds_nothing(gate: Gate, word: str) -> None:
    answered = await get(gate, f"{gate.url}/widget/v1/files/{word}")
    assert answered.status == 404


async def test_a_file_that_was_purged_is_gone(gate: Gate) -> None:
    session = await gate.session()
    address = await sent(gate, session, await upload(gate, session["token"], b"words"))
    await gate.world.files.clear(f"{gate.world.workspace_id}/media")
    assert (await get(gate, address)).code == "gone"


async def test_one_address_leaves_turns_to_others(world: WidgetWorld) -> None:
    """However many visitors it makes, and however slowly they send."""
    done = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"a" * 20_000
        await done.wait()

    async with world.gateway(limits=NO_LIMITS, trusted_proxies=("127.0.0.1",)) as gate:
        each = {"X-Forwarded-For": "203.0.113.7"}
        tokens = [(await gate.session())["token"] for _ in range(4)]
        sent = [
            asyncio.create_task(gate.ask("POST", "/files", token=token, data=slow(), headers=each))
            for token in tokens
            for _ in range(8)
        ]
        await eventually(lambda: sum(one.done() for one in sent) == len(sent) - EACH_ADDRESS)
        other = {"X-Forwarded-For": "203.0.113.8"}
        words = await gate.ask("POST", "/files", token=tokens[3], data=b"words", headers=other)
        assert words.status == 201
        done.set()
        answers = [(await one).status for one in sent]
    assert [answers.count(201), answers.count(429)] == [EACH_ADDRESS, 8]
