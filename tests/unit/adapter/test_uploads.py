"""Uploads: a file is handed over once, named by its id after that, and anew when that is gone."""

import asyncio
from uuid import UUID, uuid4

import pytest

from adapter.deliver.call import CannotSend, Handed
from adapter.deliver.uploads import BUCKET, Uploads
from bus.memory import MemoryBus
from contracts.commands import SendCommand
from contracts.parts import Part
from filestore.opening import open_store
from metagraph.errors import NotSent
from metagraph.media import Upload
from metagraph.taxonomy import RULES
from support.capable import capable
from support.delivery import FILE_KEY, WORKSPACE, command, file_part

THEIRS = f"{UUID(int=99)}/upload/cat"
REFUSED = NotSent(RULES["media"], "media", "131053")


class Platform:
    """Takes files and numbers them."""

    def __init__(self) -> None:
        self.taken: list[Upload] = []

    async def __call__(self, file: Upload) -> str:
        await asyncio.sleep(0)
        self.taken.append(file)
        return f"id-{len(self.taken)}"


class Desk:
    """Uploads over a bucket and a store of its own."""

    def __init__(self) -> None:
        self.files = open_store("memory:///")
        self.bucket = MemoryBus().bucket(BUCKET)
        self.platform = Platform()
        self.uploads = Uploads(self.bucket, self.files, capable())

    async def ready(self, asked: SendCommand) -> Handed | None:
        return await self.uploads.ready(asked, self.platform)


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.files.put(FILE_KEY, b"meow", mime_type="image/png", max_bytes=100)
    return desk


async def test_a_part_without_a_file_needs_none(desk: Desk) -> None:
    assert await desk.ready(command()) is None


async def test_a_link_goes_as_it_is(desk: Desk) -> None:
    ready = await desk.ready(command(file_part(ref="https://shop.example/cat.png")))
    assert ready == Handed(link="https://shop.example/cat.png")
    assert desk.platform.taken == []


async def test_a_file_is_handed_over_once(desk: Desk) -> None:
    first, second = [await desk.ready(command(file_part(sha256="aa"))) for _ in range(2)]
    assert desk.platform.taken == [Upload("cat.png", "image/png", b"meow")]
    assert first == Handed(id="id-1")
    assert second is not None
    assert (second.id, second.key is not None) == ("id-1", True)


async def test_two_at_the_same_time_hand_it_over_once(desk: Desk) -> None:
    both = [desk.ready(command(file_part(sha256="aa"))) for _ in range(2)]
    assert [one and one.id for one in await asyncio.gather(*both)] == ["id-1", "id-1"]


@pytest.mark.parametrize(
    "other",
    [
        command(file_part(sha256="bb")),
        command(file_part(sha256="aa"), account="another"),
        command(file_part(sha256="aa", mime_type="image/jpeg")),
        command(file_part("document", sha256="aa")),
    ],
    ids=["content", "account", "type", "kind"],
)
async def test_another_file_is_another_upload(desk: Desk, other: SendCommand) -> None:
    await desk.ready(command(file_part(sha256="aa")))
    assert await desk.ready(other) == Handed(id="id-2")


async def test_an_id_the_platform_forgot_is_forgotten_here(desk: Desk) -> None:
    fresh = await desk.ready(command(file_part()))
    assert not await desk.uploads.forgotten(fresh, REFUSED)
    known = await desk.ready(command(file_part()))
    assert not await desk.uploads.forgotten(known, NotSent(RULES["window"], "window", "131047"))
    assert await desk.uploads.forgotten(known, REFUSED)
    assert await desk.ready(command(file_part())) == Handed(id="id-2")


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (file_part(ref=f"file:{WORKSPACE}/upload/gone"), "media"),
        (file_part(ref=f"file:{WORKSPACE}/../../etc/passwd"), "media"),
        (file_part(ref="file:../../etc/passwd"), "content"),
        (file_part(ref=f"file:{THEIRS}"), "content"),
        (file_part(ref=f"file:{WORKSPACE}/../{THEIRS}"), "media"),
        (file_part(ref=f"file:{WORKSPACE}"), "content"),
        (file_part(ref="http://shop.example/cat.png"), "content"),
        (file_part(ref="1234567890"), "content"),
        (file_part("sticker"), "content"),
    ],
    ids=[
        "gone",
        "out of the store",
        "no key",
        "of another workspace",
        "of another by ours",
        "a whole workspace",
        "no https",
        "an inbound id",
        "a kind the channel lacks",
    ],
)
async def test_what_can_never_be_handed_over(desk: Desk, part: Part, kind: str) -> None:
    await desk.files.put(THEIRS, b"secret", mime_type="image/png", max_bytes=100)
    with pytest.raises(CannotSend) as cannot:
        await desk.ready(command(part))
    assert cannot.value.problem.kind == kind


async def test_a_file_above_the_channels_limit_is_never_read(desk: Desk) -> None:
    key = f"{WORKSPACE}/upload/{uuid4()}"
    size = capable().media["image"].max_bytes + 1
    await desk.files.put(key, bytes(size), mime_type="image/png", max_bytes=size)
    with pytest.raises(CannotSend, match="larger"):
        await desk.ready(command(file_part(ref=f"file:{key}")))
    assert desk.platform.taken == []


async def test_a_failed_upload_is_not_remembered(desk: Desk) -> None:
    async def fails(_file: Upload) -> str:
        raise REFUSED

    with pytest.raises(NotSent):
        await desk.uploads.ready(command(file_part()), fails)
    assert await desk.ready(command(file_part())) == Handed(id="id-1")
