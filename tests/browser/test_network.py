"""Networks go, servers die, proxies let no socket through: every word arrives once."""

import secrets
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.async_api import expect

from browser.outcome import shown_order, word_of
from support.faults import Faults
from support.tab import Tab
from support.visits import Visits
from support.waiting import until_true

WORDS = ("first", "second", "third")


def lines() -> list[str]:
    return [f"{word} {secrets.token_hex(4)}" for word in WORDS]


async def has(visits: Visits, words: list[str]) -> None:
    """Returns when this is what the team is shown of their writer, in this order and once.

    The last word may be stored a moment before another: places in a thread go by the time of
    writing. Fails with what is there instead.
    """
    shown = await visits.world.appears(words[-1])
    found: list[str] = []

    async def all_there() -> bool:
        thread = shown_order(await visits.world.stored(shown["conversation_id"]))
        found[:] = [word_of(one) for one in thread if one["direction"] == "inbound"]
        return len(found) >= len(words)

    with suppress(AssertionError):
        await until_true(all_there)
    assert found == words


async def said_all(tab: Tab, words: list[str]) -> None:
    for word in words:
        await tab.say(word)


async def test_in_airplane_mode_words_wait_and_arrive_in_order(visits: Visits) -> None:
    world, words, hello = visits.world, lines(), f"Hello {secrets.token_hex(4)}"
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(hello)
    conversation = (await world.appears(hello))["conversation_id"]
    await tab.settles(hello)

    await visitor.goes_offline()
    await said_all(tab, words)
    await expect(tab.host.get_by_role("status")).to_contain_text("You are offline")
    assert [row.state for row in await tab.rows()] == ["sent", *["sending"] * len(words)]
    answer = f"Are you there? {secrets.token_hex(4)}"
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))

    await visitor.comes_back()
    await tab.settles(hello, *words)
    await tab.shows(answer)
    await has(visits, [hello, *words])
    await expect(tab.host.get_by_text("You are offline")).to_be_hidden()


async def test_words_written_offline_outlive_their_page(visits: Visits) -> None:
    words, hello = lines(), f"Hello {secrets.token_hex(4)}"
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(hello)
    await tab.settles(hello)
    await visitor.goes_offline()
    await said_all(tab, words)
    await tab.page.close()
    await visitor.comes_back()
    again = await visitor.tab(opened=False)  # nobody has to open the panel for it
    await has(visits, [hello, *words])
    await again.open()
    await again.settles(hello, *words)


@pytest.mark.parametrize("program", ["widget-gateway", "nats"])
async def test_a_program_is_killed_while_they_talk(
    visits: Visits, faults: Faults, program: str
) -> None:
    world, words, hello = visits.world, lines(), f"Hello {secrets.token_hex(4)}"
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(hello)
    conversation = (await world.appears(hello))["conversation_id"]
    await tab.say(words[0])
    await faults.strike(program, shared=False)
    await said_all(tab, words[1:])
    answer = f"Still here {secrets.token_hex(4)}"
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await tab.settles(hello, *words)
    await tab.shows(answer)
    await has(visits, [hello, *words])


async def test_behind_a_proxy_without_sockets_it_polls(visits: Visits) -> None:
    world, words = visits.world, lines()
    visitor = await visits.visitor(await visits.channel())
    visitor.wire.refuse_sockets()
    tab = await visitor.tab()
    await said_all(tab, words)
    conversation = (await world.appears(words[-1]))["conversation_id"]
    await tab.settles(*words)
    answer = f"By post {secrets.token_hex(4)}"
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await tab.shows(answer)
    assert visitor.wire.sockets == 0
    await has(visits, words)


@pytest.mark.parametrize("how", ["drop", "swallow"])
async def test_a_line_that_breaks_or_falls_silent_is_replaced(visits: Visits, how: str) -> None:
    world, words = visits.world, lines()
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(words[0])
    conversation = (await world.appears(words[0]))["conversation_id"]
    breaks: dict[str, Callable[[], None]] = {
        "drop": visitor.wire.drop,
        "swallow": visitor.wire.swallow,
    }
    breaks[how]()
    await said_all(tab, words[1:])
    answer = f"Unheard {secrets.token_hex(4)}"
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    visitor.wire.mend()
    await tab.settles(*words)
    await tab.shows(answer)
    await has(visits, words)
