"""Files come into the store whole and checked, or a person learns why they did not."""

import base64
import shutil
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapter.media.handler import key_of
from adapter.media.limits import Limits
from bus.commanding import Done, Later
from contracts.commands import MediaCommand
from contracts.parts import Media
from integration.adapter.stage import PNG, Names, Stage, delivered, media_command
from metagraph.budget import ErrorBudget
from metagraph.download import Downloader

DIGEST = base64.b64encode(sha256(PNG).digest()).decode()
GONE = "999"


def dead_link(stage: Stage, number: str) -> str:
    return f"{stage.emulator.url}/_media/{number}?ext=1&hash=old"


async def failed(stage: Stage, command: MediaCommand, deliveries: int = 1, **parts: Any) -> str:
    """The kind of the problem a command ends with."""
    handler = stage.media(command.channel, **parts)
    assert await handler.handle(command, delivered(command, deliveries)) == Done()
    [result] = stage.media_results()
    assert result.data.file is None
    assert result.data.problem is not None
    assert stage.stored() == []
    return result.data.problem.kind


async def waits(stage: Stage, command: MediaCommand, deliveries: int = 1, **parts: Any) -> float:
    """How long a command is given back for; nobody is told anything."""
    handler = stage.media(command.channel, **parts)
    verdict = await handler.handle(command, delivered(command, deliveries))
    assert isinstance(verdict, Later)
    assert stage.published == []
    assert stage.stored() == []
    return verdict.delay_s


async def test_a_file_of_whatsapp_is_copied(stage: Stage) -> None:
    media = Media(ref=stage.file(), mime_type="image/jpeg", sha256=DIGEST, filename="../Me.exe")
    command = media_command(media)
    assert await stage.media().handle(command, delivered(command)) == Done()
    [result] = stage.media_results()
    data, file = command.data, result.data.file
    assert result.id == f"whatsapp:1001:media:{data.message_id}.0.1"
    assert (result.data.workspace_id, result.data.message_id) == (
        data.workspace_id,
        data.message_id,
    )
    assert file is not None
    assert file.key == key_of(data, command.time)
    assert (file.mime_type, file.size, file.sha256) == (
        "image/png",
        len(PNG),
        sha256(PNG).hexdigest(),
    )
    assert "/" not in (file.filename or "/")
    assert await stage.store.read(file.key, 10**6) == PNG


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
async def test_a_file_of_a_page_is_copied_from_its_link(stage: Stage, channel: str) -> None:
    command = media_command(Media(ref=stage.cdn(stage.file()) + "?oh=signed"), channel)
    await stage.media(channel).handle(command, delivered(command))
    [result] = stage.media_results()
    assert result.channel == channel
    assert result.data.file is not None
    assert result.data.file.mime_type == "image/png"
    assert result.data.file.filename == "file.png"


async def test_a_page_gives_its_bearer_to_no_place_of_files(stage: Stage) -> None:
    """Not even to one that would take it: the link is signed, and all it needs."""
    seen: list[str | None] = []

    async def give(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=PNG)

    app = web.Application()
    app.router.add_get("/file", give)
    async with TestServer(app) as server:
        origin = [str(server.make_url("")).rstrip("/")]
        command = media_command(Media(ref=f"{origin[0]}/file"), "messenger")
        async with Downloader(allowed=origin, takes_token=origin) as downloader:
            handler = stage.media("messenger", downloader=downloader)
            await handler.handle(command, delivered(command))
    assert seen == [None]
    assert stage.media_results()[0].data.file is not None


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 3_000_000])
async def test_files_of_every_size_come_whole(stage: Stage, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    number = stage.file(b"x" + content[:size], "application/x-strange")
    command = media_command(Media(ref=number))
    await stage.media().handle(command, delivered(command))
    [result] = stage.media_results()
    assert result.data.file is not None
    assert await stage.store.read(result.data.file.key, 10**7) == b"x" + content[:size]


@pytest.mark.parametrize(
    "hint",
    ["{dead}", "https://evil.example/x", "not a link", "{origin}/_cdn/999"],
)
async def test_a_hint_that_leads_nowhere_costs_a_new_link_and_nothing_else(
    stage: Stage, hint: str
) -> None:
    number = stage.file()
    url = hint.format(dead=dead_link(stage, number), origin=stage.emulator.url)
    command = media_command(Media(ref=number, url=url))
    await stage.media().handle(command, delivered(command))
    [result] = stage.media_results()
    assert result.data.file is not None


async def test_a_link_that_expires_at_once_is_asked_for_once_more(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file()))
    stage.befall("file", do="http", status=401)
    await stage.media().handle(command, delivered(command))
    [result] = stage.media_results()
    assert result.data.file is not None


async def test_a_link_that_always_expires_is_the_end(stage: Stage) -> None:
    stage.befall("file", do="http", status=404, times=10)
    assert await failed(stage, media_command(Media(ref=stage.file()))) == "expired"
    assert stage.emulator.script.pending() == 8


async def test_a_page_has_one_link_only(stage: Stage) -> None:
    command = media_command(Media(ref=stage.cdn(GONE)), "messenger")
    assert await failed(stage, command) == "expired"


async def test_damaged_on_the_way_comes_again(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file(), sha256=DIGEST))
    stage.befall("file", do="http", status=200, body="damaged")
    assert await waits(stage, command) < 10
    await stage.media().handle(command, delivered(command, 2))
    [result] = stage.media_results()
    assert result.data.file is not None


async def test_a_hint_that_leads_to_other_bytes_is_one_that_leads_nowhere(stage: Stage) -> None:
    other = stage.cdn(stage.file(b"other bytes"))
    command = media_command(Media(ref=stage.file(), sha256=DIGEST, url=other))
    await stage.media().handle(command, delivered(command))
    [result] = stage.media_results()
    assert result.data.file is not None


@pytest.mark.parametrize(
    ("label", "digest"),
    [("the webhook's", base64.b64encode(bytes(32)).decode()), ("in hex", "00" * 32)],
)
async def test_damaged_twice_is_the_end(stage: Stage, label: str, digest: str) -> None:
    command = media_command(Media(ref=stage.file(), sha256=digest))
    await waits(stage, command)
    assert await failed(stage, command, deliveries=2) == "checksum", label


async def test_the_digest_of_the_link_counts_too(stage: Stage) -> None:
    stage.befall("file", do="http", status=200, body="damaged")
    await waits(stage, media_command(Media(ref=stage.file())))


async def test_larger_than_it_may_be(stage: Stage) -> None:
    small = Limits(other=10)
    assert await failed(stage, media_command(Media(ref=stage.file())), limits=small) == "too_large"


async def test_larger_than_it_may_be_and_nobody_said_so(stage: Stage) -> None:
    command = media_command(Media(ref=stage.cdn(stage.file())), "messenger")
    assert await failed(stage, command, limits=Limits(other=10)) == "too_large"


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("https://evil.example/x.png", "wrong_origin"),
        ("http://169.254.169.254/latest/meta-data", "wrong_origin"),
        ("file:///etc/passwd", "wrong_origin"),
        ("mid.123", "wrong_origin"),
    ],
)
async def test_links_that_lead_elsewhere(stage: Stage, ref: str, kind: str) -> None:
    assert await failed(stage, media_command(Media(ref=ref), "instagram")) == kind


async def test_a_redirect_that_leads_elsewhere(stage: Stage) -> None:
    away = {"Location": "http://127.0.0.1:1/"}
    stage.befall("file", do="http", status=302, headers=away, times=5)
    assert await failed(stage, media_command(Media(ref=stage.file()))) == "wrong_origin"


async def test_an_allowed_name_that_leads_inside(stage: Stage) -> None:
    command = media_command(Media(ref="https://cdn.example/x.png"), "messenger")
    async with Downloader(allowed=["https://cdn.example"], resolver=Names("10.0.0.1")) as inside:
        assert await failed(stage, command, downloader=inside) == "blocked_address"


async def test_a_program_is_not_stored(stage: Stage) -> None:
    number = stage.file(b"MZ\x90\x00" + bytes(300), "image/png")
    assert await failed(stage, media_command(Media(ref=number))) == "blocked_type"


async def test_what_is_its_owners_is_not_copied(stage: Stage) -> None:
    story = Media(ref=stage.cdn(stage.file()), policy="link")
    assert await failed(stage, media_command(story, "instagram")) == "not_copied"


async def test_gone_from_meta(stage: Stage) -> None:
    assert await failed(stage, media_command(Media(ref=GONE))) == "media"


async def test_nothing_is_asked_of_a_spent_budget(stage: Stage) -> None:
    budget = ErrorBudget(limit=2, reserve=1)
    assert await failed(stage, media_command(Media(ref=GONE)), budget=budget) == "media"
    stage.published.clear()
    stage.befall("media", do="error", code=131000)
    wait_s = await waits(stage, media_command(Media(ref=stage.file())), budget=budget)
    assert 3500 < wait_s < 4500
    assert stage.emulator.script.pending() == 1


PASSING: list[tuple[str, dict[str, Any]]] = [
    ("file", {"do": "http", "status": 503}),
    ("file", {"do": "http", "status": 429}),
    ("media", {"do": "error", "code": 131000}),
    ("media", {"do": "error", "code": 4}),
    ("media", {"do": "error", "code": 190}),
]


@pytest.mark.parametrize(("call", "fault"), PASSING, ids=str)
async def test_what_passes_is_waited_for_and_mends(
    stage: Stage, call: str, fault: dict[str, Any]
) -> None:
    command = media_command(Media(ref=stage.file()))
    stage.befall(call, **fault)
    first = await waits(stage, command)
    assert first >= 5
    stage.befall(call, **fault)
    assert await waits(stage, command, deliveries=4) > first
    await stage.media().handle(command, delivered(command, 5))
    assert stage.media_results()[0].data.file is not None


@pytest.mark.parametrize(("call", "fault"), PASSING, ids=str)
async def test_after_a_day_a_person_may_try_again(
    stage: Stage, call: str, fault: dict[str, Any]
) -> None:
    command = media_command(Media(ref=stage.file()), age=timedelta(hours=23, minutes=30))
    stage.befall(call, **fault)
    await failed(stage, command, deliveries=20)
    problem = stage.media_results()[0].data.problem
    assert problem is not None
    assert problem.retryable


async def test_even_a_late_command_is_tried_once(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file()), age=timedelta(days=2))
    await stage.media().handle(command, delivered(command))
    assert stage.media_results()[0].data.file is not None


async def test_past_its_time_nothing_is_asked(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file()), age=timedelta(days=8))
    assert await failed(stage, command) == "expired"


async def test_a_channel_that_is_not_there_is_waited_for(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file()))
    await stage.channel(enabled=False)
    assert await waits(stage, command) >= 60
    await stage.channel(version=2)
    await stage.media().handle(command, delivered(command, 2))
    assert stage.media_results()[0].data.file is not None


async def test_a_store_that_is_away_is_waited_for(stage: Stage) -> None:
    command = media_command(Media(ref=stage.file()))
    shutil.rmtree(stage.folder)
    stage.folder.write_bytes(b"")  # nothing can be put below what is no folder
    await waits(stage, command)
    stage.folder.unlink()
    (stage.folder / ".staging").mkdir(parents=True)
    await stage.media().handle(command, delivered(command, 2))
    assert stage.media_results()[0].data.file is not None
