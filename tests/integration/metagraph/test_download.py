"""A file is fetched whole, from where it may lie, or not at all."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from prometheus_client import REGISTRY
from typing_extensions import override

from metagraph.download import Downloader
from metagraph.fates import FATES, DownloadError, Reason
from metagraph.filebody import HEAD

TOKEN = "EAAG-token"
BYTES = bytes(range(256)) * 1000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Names(AbstractResolver):
    """Names that lead where a test wants; each look-up takes the next row, the last one stays."""

    def __init__(self, *rows: list[str]) -> None:
        self.rows = list(rows)
        self.asked: list[str] = []

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        row = self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for one in row
        ]

    @override
    async def close(self) -> None:
        pass


class Place:
    """A server of files: what it answers, and the requests it saw."""

    def __init__(self) -> None:
        self.origin = ""
        self.seen: list[web.Request] = []
        self.handler: Handler = self.give

    async def give(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=BYTES, content_type="image/png")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        return await self.handler(request)


async def place_of() -> tuple[Place, web.AppRunner]:
    place = Place()
    app = web.Application()
    app.router.add_get("/{any:.*}", place.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return place, runner


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place, runner = await place_of()
    yield place
    await runner.cleanup()


@pytest.fixture
async def elsewhere() -> AsyncIterator[Place]:
    place, runner = await place_of()
    yield place
    await runner.cleanup()


class Kept:
    """A sink."""

    def __init__(self) -> None:
        self.content = b""

    async def __call__(self, chunk: bytes) -> None:
        self.content += chunk


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("sluice_downloads_total", {"outcome": outcome}) or 0.0


async def failure(downloader: Downloader, url: str, max_bytes: int = 10**6) -> DownloadError:
    with pytest.raises(DownloadError) as error:
        await downloader.fetch(url, token=TOKEN, max_bytes=max_bytes, sink=Kept())
    shown = f"{error.value} {error.value.__dict__} {error.value.__cause__}"
    assert TOKEN not in shown
    assert "127.0.0.1" not in shown
    return error.value


async def test_a_file_comes_whole(place: Place) -> None:
    before, kept = counted("ok"), Kept()
    async with Downloader(allowed=[place.origin], takes_token=[place.origin]) as downloader:
        found = await downloader.fetch(
            f"{place.origin}/a?b=c%2Bd", token=TOKEN, max_bytes=len(BYTES), sink=kept
        )
    assert kept.content == BYTES
    digest = sha256(BYTES)
    assert (found.size, found.declared_type, found.head) == (len(BYTES), "image/png", BYTES[:HEAD])
    assert found.sha256_hex == digest.hexdigest()
    assert found.sha256_base64 == b64encode(digest.digest()).decode()
    [request] = place.seen
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["User-Agent"].startswith("Mozilla/5.0")
    assert request.query["b"] == "c+d"
    assert counted("ok") == before + 1


async def test_only_who_asks_for_the_bearer_gets_it(place: Place) -> None:
    async with Downloader(allowed=[place.origin]) as downloader:
        await downloader.fetch(place.origin, token=TOKEN, max_bytes=10**6, sink=Kept())
    assert "Authorization" not in place.seen[0].headers


async def chunked(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(BYTES[:1000])
    return response


async def broken(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"x")
    assert request.transport is not None
    request.transport.abort()
    return response


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def answer(status: int, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return handler


def packed() -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})

    return handler


@pytest.mark.parametrize(
    ("label", "handler", "max_bytes", "reason", "refetch", "retry"),
    [
        ("it says that it is too large", None, 100, "too_large", False, False),
        ("it is too large", chunked, 99_999, "too_large", False, False),
        ("it ends early", broken, 10**6, "interrupted", False, True),
        ("the connection is cut", cut, 10**6, "interrupted", False, True),
        ("unauthorized", answer(401), 10**6, "expired", True, False),
        ("forbidden", answer(403), 10**6, "expired", True, False),
        ("not found", answer(404), 10**6, "expired", True, False),
        ("gone", answer(410), 10**6, "expired", True, False),
        ("too many requests", answer(429), 10**6, "busy", False, True),
        ("unavailable", answer(503), 10**6, "busy", False, True),
        ("bad request", answer(400), 10**6, "refused", False, False),
        ("part of it", answer(206), 10**6, "refused", False, False),
        ("no file at all", answer(204), 10**6, "refused", False, False),
        ("compressed", packed(), 10**6, "encoded", False, False),
        ("a redirect to nowhere", answer(302), 10**6, "redirected", True, False),
        ("round and round", answer(302, Location="/x"), 10**6, "redirected", True, False),
        ("to a private place", answer(302, Location="http://10.0.0.1/"), 1, "wrong_origin", 0, 0),
        ("to a scheme", answer(307, Location="file:///etc/passwd"), 1, "wrong_origin", 0, 0),
    ],
)
async def test_what_is_no_file(
    place: Place,
    label: str,
    handler: Handler | None,
    max_bytes: int,
    reason: Reason,
    refetch: bool,  # noqa: FBT001 - a column of the table
    retry: bool,  # noqa: FBT001 - a column of the table
) -> None:
    place.handler = handler or place.handler
    before = counted(reason)
    async with Downloader(allowed=[place.origin], takes_token=[place.origin]) as downloader:
        error = await failure(downloader, place.origin, max_bytes)
    assert (error.reason, error.refetch, error.retry) == (reason, bool(refetch), bool(retry)), label
    assert (error.delay_s > 0) is error.retry
    assert error.sentence == FATES[reason].sentence
    assert counted(reason) == before + 1


async def test_a_redirect_is_checked_and_takes_no_bearer_along(
    place: Place, elsewhere: Place
) -> None:
    place.handler = answer(302, Location=f"{elsewhere.origin}/file")
    both = [place.origin, elsewhere.origin]
    async with Downloader(allowed=both, takes_token=[place.origin]) as downloader:
        kept = Kept()
        await downloader.fetch(place.origin, token=TOKEN, max_bytes=10**6, sink=kept)
    assert kept.content == BYTES
    assert "Authorization" in place.seen[0].headers
    assert "Authorization" not in elsewhere.seen[0].headers
    async with Downloader(allowed=[place.origin]) as downloader:
        assert (await failure(downloader, place.origin)).reason == "wrong_origin"
    assert len(elsewhere.seen) == 1


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "https://evil.example/", "http://user:word@{host}/", "{origin}x", "",
     "ftp://{host}/", "http://[::1]/", "http://[/", "http://2130706433/", "http://localhost/"],
)  # fmt: skip
async def test_what_is_not_on_the_list_is_not_asked(place: Place, url: str) -> None:
    url = url.format(host=place.origin.removeprefix("http://"), origin=place.origin)
    async with Downloader(allowed=[place.origin]) as downloader:
        assert (await failure(downloader, url)).reason == "wrong_origin"
    assert place.seen == []


@pytest.mark.parametrize(
    "row",
    [["127.0.0.1"], ["157.240.20.19", "127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"],
     ["::ffff:127.0.0.1"], ["::1"]],
)  # fmt: skip
async def test_a_name_that_leads_inside_is_blocked(place: Place, row: list[str]) -> None:
    port = place.origin.rsplit(":", 1)[1]
    listed = f"http://files.example:{port}"
    async with Downloader(allowed=[listed], resolver=Names(row)) as downloader:
        assert (await failure(downloader, listed)).reason == "blocked_address"
    assert place.seen == []


async def test_a_name_that_changes_its_mind_leads_nowhere(place: Place) -> None:
    """The address checked is the address used: one look-up for each connection, no second."""
    port = place.origin.rsplit(":", 1)[1]
    listed = f"http://files.example:{port}"
    names = Names(["192.0.2.1"], ["127.0.0.1"])
    async with Downloader(allowed=[listed], resolver=names, timeout_s=10) as downloader:
        assert (await failure(downloader, listed)).reason == "blocked_address"
        assert names.asked == ["files.example"]
        assert (await failure(downloader, listed)).reason == "blocked_address"
    assert place.seen == []


async def test_localhost_is_trusted_only_when_it_is_listed(place: Place) -> None:
    port = place.origin.rsplit(":", 1)[1]
    listed = f"http://localhost:{port}"
    async with Downloader(allowed=[listed], resolver=Names(["127.0.0.1"])) as downloader:
        kept = Kept()
        await downloader.fetch(listed, token=None, max_bytes=10**6, sink=kept)
    assert kept.content == BYTES


async def test_nobody_there_and_no_end() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    listed = f"http://127.0.0.1:{port}"
    async with Downloader(allowed=[listed]) as downloader:
        assert (await failure(downloader, listed)).reason == "unreachable"


async def test_a_file_takes_no_longer_than_it_may(place: Place) -> None:
    async def forever(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    place.handler = forever
    async with Downloader(allowed=[place.origin], timeout_s=0.1) as downloader:
        assert (await failure(downloader, place.origin)).reason == "timeout"


@pytest.mark.parametrize("raised", [RuntimeError("full"), TimeoutError("slow disk"), OSError("no")])
async def test_what_the_sink_raises_is_the_callers(place: Place, raised: Exception) -> None:
    async def sink(_: bytes) -> None:
        raise raised

    async with Downloader(allowed=[place.origin]) as downloader:
        with pytest.raises(type(raised)) as error:
            await downloader.fetch(place.origin, token=None, max_bytes=10**6, sink=sink)
    assert error.value is raised


def test_every_reason_has_a_fate() -> None:
    reasons: Any = Reason
    assert set(FATES) == set(reasons.__args__)
