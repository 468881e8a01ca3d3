"""The demo site: what its pages hold, how strict the second is, whom it proves."""

import re
from collections.abc import AsyncIterator

import aiohttp
import jwt
import pytest

from chassis.http import listener
from sluice_local.site.server import FILES, Site
from sluice_local.site.settings import SiteSettings

SECRET = "a secret of thirty-two characters or more"
GATEWAY = "http://127.0.0.1:18083"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:")


@pytest.fixture
async def site() -> AsyncIterator[aiohttp.ClientSession]:
    settings = SiteSettings.model_validate({"gateway": GATEWAY, "secret": SECRET})
    async with (
        listener(Site(settings).app(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("path", "marks"), [("/", ['lang="en"']), ("/rtl", ['lang="ar"', 'dir="rtl"', "dark"])]
)
async def test_a_page_has_the_widget_and_nothing_inline(
    site: aiohttp.ClientSession, path: str, marks: list[str]
) -> None:
    async with site.get(path) as answer:
        page = await answer.text()
    assert f'<script async src="{GATEWAY}/widget/v1/loader.js" data-channel="demo-site"' in page
    assert INLINE.search(page) is None
    assert "{" not in page
    assert all(mark in page for mark in marks)


async def test_the_second_page_allows_what_the_widget_needs_and_nothing_unsafe(
    site: aiohttp.ClientSession,
) -> None:
    async with site.get("/rtl") as answer:
        rules = dict(
            rule.strip().partition(" ")[::2]
            for rule in answer.headers["Content-Security-Policy"].split(";")
        )
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == GATEWAY
    assert rules["connect-src"] == f"{GATEWAY} ws://127.0.0.1:18083"
    assert rules["style-src"] == "'self'"
    assert rules["img-src"] == f"'self' {GATEWAY}"
    assert not [rule for rule in rules.values() if "unsafe" in rule or "*" in rule]


@pytest.mark.parametrize("name", FILES)
async def test_its_files_are_there(site: aiohttp.ClientSession, name: str) -> None:
    async with site.get(f"/{name}") as answer:
        assert answer.status == 200
        assert answer.content_type == FILES[name]


@pytest.mark.parametrize("name", ["../server.py", "..%2Fserver.py", "shop.html", "secret"])
async def test_nothing_else_is(site: aiohttp.ClientSession, name: str) -> None:
    async with site.get(f"/{name}") as answer:
        assert answer.status == 404


async def test_a_proof_names_the_customer_and_is_the_secret_s(site: aiohttp.ClientSession) -> None:
    async with site.get("/proof", params={"user": "anna"}) as answer:
        told = await answer.json()
    claims = jwt.decode(told["jwt"], SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["name"]) == ("customer-1001", "Anna Lind")
    assert claims["jti"]


async def test_strangers_get_no_proof(site: aiohttp.ClientSession) -> None:
    async with site.get("/proof", params={"user": "nobody"}) as answer:
        assert answer.status == 404
