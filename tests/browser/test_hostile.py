"""Text is text, whatever stands in it: both sides read exactly what was written, nothing runs."""

import secrets

import pytest
from playwright.async_api import expect

from support.visits import Visits

MEGABYTE = 1024 * 1024
LAID_OUT_MS = 150_000
"""Chromium takes some fifteen seconds for each layout of a line of a megabyte."""
HOSTILE = {
    "markup": "<b>bold</b> &amp; &lt;i&gt; <h1>big</h1>",
    "script": "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>",
    "svg": "<svg onload=window.hacked=1><iframe srcdoc='<script>top.hacked=1</script>'>",
    "template": "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1} </textarea>",
    "javascript link": "javascript:window.hacked=1 and JaVaScRiPt:alert(1) data:text/html,<p>",
    "link": "see https://example.com/?a=1&b=<2>, or mailto:a@example.com.",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇺🇦 ☺️ 🫠",
    "right to left": "abc \u202egnp.exe\u202c \u2067שלום\u2069 العربية \u200f!",  # noqa: RUF001 - Hebrew
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg",
    "combining": "Z̸̢̛͇a̶l̵g̷o e\u0301 \u1112\u1161\u11ab",
    "long word": "x" * 5000,
    "lines": "one\n\n  two\n\tthree   four",
    "quotes": "'; DROP TABLE messages; -- \" \\ \\u0041 %s {0}",
}
ELEMENTS = """row => [...row.querySelectorAll('.text *')].map(
    one => `${one.localName} ${one.getAttribute('href')}`)"""


@pytest.fixture(params=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    """Somewhat different every time, for the stack remembers."""
    return f"{HOSTILE[request.param]} {secrets.token_hex(4)}"


async def test_hostile_words_are_words_both_ways(visits: Visits, text: str) -> None:
    world = visits.world
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(text)
    asked = await world.appears(text)
    assert [part["text"] for part in asked["parts"]] == [text]
    answer = f"{text} back"
    await world.inbox.reply(asked["conversation_id"], answer, secrets.token_hex(8))
    await tab.shows(answer)
    assert await tab.texts() == [text, answer]

    for row in await tab.host.locator("[data-key]").all():
        for made in await row.evaluate(ELEMENTS):
            name, _, href = made.partition(" ")
            assert name == "a"
            assert href.startswith(("https://example.com", "mailto:"))
    assert await tab.page.evaluate("window.hacked") is None
    wide = await tab.panel.evaluate("panel => panel.scrollWidth > panel.clientWidth")
    assert not wide
    assert await visitor.complaints() == []


async def test_a_megabyte_of_text_arrives_whole(visits: Visits) -> None:
    unit = "0123456789 äöü\n"
    mark = secrets.token_hex(8)
    text = (mark + unit * (MEGABYTE // len(unit))).encode()[:MEGABYTE].decode(errors="ignore")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(text)
    asked = await visits.world.appears(text)
    assert asked["parts"][0]["text"] == text
    await tab.settles(text)
    assert await visitor.complaints() == []


async def test_more_than_a_megabyte_is_refused_in_words(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.write("x" * (MEGABYTE + 1))
    await tab.box.press("Enter")
    alert = tab.host.get_by_role("alert")
    await expect(alert).to_contain_text("too long", timeout=LAID_OUT_MS)
    assert await tab.rows() == []
    await tab.say("Short, then")
    await tab.settles("Short, then")
