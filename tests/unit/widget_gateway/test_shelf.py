"""Handles and addresses: whom they are for, how long they hold, and what nobody can make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.parts import StoredFile
from filestore.opening import open_store
from filestore.store import FileStore
from support.clock import Clock
from vault.signing import Signer
from widget_gateway.files.shelf import GOOD_S, PATH, SHOWN, Shelf
from widget_gateway.files.unsent import UnsentSweeper, sent_key, unsent_key
from widget_gateway.frames.said import FilePart
from widget_gateway.site.channels import Channel
from widget_gateway.site.config import parse
from widget_gateway.visitor import Visitor

SITE = parse({"origins": "https://shop.example"})
CHANNEL = Channel(uuid4(), uuid4(), "shop-front", SITE, "secret")
ANNA = Visitor(CHANNEL.id, "anna", "session", 0, 1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNER = Signer([b"k" * 32])


def upload_at(moment: datetime) -> UUID:
    """The name of an upload of then."""
    return UUID(
        int=(int(moment.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | uuid4().int & 0xFFFFFFFF
    )


async def put(files: FileStore, upload: UUID) -> StoredFile:
    """An upload as the door leaves it."""
    key = unsent_key(CHANNEL.workspace_id, upload)
    stored = await files.put(key, b"bytes", mime_type="text/plain", max_bytes=10)
    return StoredFile(
        key=sent_key(CHANNEL.workspace_id, upload),
        mime_type="text/plain",
        size=stored.size,
        sha256=stored.sha256,
        filename="я" * 120 + ".txt",
    )


@pytest.fixture
def files() -> FileStore:
    return open_store("memory:///")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(files: FileStore, clock: Clock) -> Shelf:
    return Shelf(files, SIGNER, clock, None)


async def test_a_handle_opens_for_who_uploaded_and_keeps_the_file(
    shelf: Shelf, files: FileStore
) -> None:
    file = await put(files, upload_at(NOON))
    handle = shelf.handle(CHANNEL, ANNA, file)
    FilePart(kind="file", file=handle)  # a frame takes it

    assert await shelf.opened(CHANNEL, ANNA, handle) == file
    assert await files.read(file.key, 10) == b"bytes"
    identified = replace(ANNA, session="another", user_id="u1")
    assert await shelf.opened(CHANNEL, identified, handle) == file


async def test_nobody_else_opens_it(shelf: Shelf, files: FileStore) -> None:
    file = await put(files, upload_at(NOON))
    handle = shelf.handle(CHANNEL, ANNA, file)
    others = [
        (CHANNEL, replace(ANNA, id="bert")),
        (replace(CHANNEL, id=uuid4()), ANNA),
    ]
    assert [await shelf.opened(*other, handle) for other in others] == [None, None]
    assert not await files.exists(file.key)


@pytest.mark.parametrize("made", ["", "x", "é", "A" * 5000, "../../etc/passwd"])
async def test_a_made_up_handle_is_none(shelf: Shelf, made: str) -> None:
    assert await shelf.opened(CHANNEL, ANNA, made) is None
    assert shelf.shown(made) is None


async def test_an_address_is_no_handle_and_a_handle_no_address(
    shelf: Shelf, files: FileStore
) -> None:
    file = await put(files, upload_at(NOON))
    address = shelf.address(file.key, file.filename, file.mime_type, file.size)
    assert await shelf.opened(CHANNEL, ANNA, address.removeprefix(PATH)) is None
    assert shelf.shown(shelf.handle(CHANNEL, ANNA, file)) is None


async def test_an_address_is_the_same_within_a_day_and_ends(shelf: Shelf, clock: Clock) -> None:
    clock.now = GOOD_S * 1000.0
    first = shelf.address("k", None, None, None)
    clock.forward(GOOD_S - 1)
    assert shelf.address("k", None, None, None) == first
    clock.forward(1)
    assert shelf.address("k", None, None, None) != first
    shown = shelf.shown(first.removeprefix(PATH))
    assert shown is not None
    assert (shown.key, shown.mime_type) == ("k", "application/octet-stream")
    clock.forward(GOOD_S)
    assert shelf.shown(first.removeprefix(PATH)) is None


def test_an_address_begins_with_the_origin_that_is_set(files: FileStore, clock: Clock) -> None:
    shelf = Shelf(files, SIGNER, clock, "https://chat.example")
    assert shelf.address("k", None, None, None).startswith(f"https://chat.example{PATH}")


async def test_uploads_nobody_sent_go_after_their_day(shelf: Shelf, files: FileStore) -> None:
    now = NOON
    sweeper = UnsentSweeper(files, lambda: now)
    sent, forgotten = await put(files, upload_at(NOON)), await put(files, upload_at(NOON))
    handles = [shelf.handle(CHANNEL, ANNA, file) for file in (sent, forgotten)]
    assert await shelf.opened(CHANNEL, ANNA, handles[0])

    now = NOON + timedelta(days=1)
    fresh = await put(files, upload_at(now))
    assert await sweeper.sweep() == 0
    now = NOON + timedelta(days=2)
    assert await sweeper.sweep() == 1
    assert await sweeper.sweep() == 0

    assert await shelf.opened(CHANNEL, ANNA, handles[1]) is None
    assert await shelf.opened(CHANNEL, ANNA, handles[0]) == sent
    assert await shelf.opened(CHANNEL, ANNA, shelf.handle(CHANNEL, ANNA, fresh)) == fresh


def test_an_address_holds_nothing_but_what_is_signed(shelf: Shelf) -> None:
    word = shelf.address("k", "a.txt", "text/plain", 5).removeprefix(PATH)
    flipped = word[:-2] + ("AA" if word[-2:] != "AA" else "BB")
    assert shelf.shown(flipped) is None
    assert Signer([b"z" * 32]).unwrap(SHOWN, word) is None
