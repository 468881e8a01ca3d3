"""Pages the widget has to stand on: strict policies, right to left, telephones, no mouse."""

import re
import secrets

import pytest
from playwright.async_api import expect

from support.visits import Visits

ARABIC = re.compile("[\u0600-\u06ff]{3}")
PHONE = {"viewport": {"width": 390, "height": 760}, "is_mobile": True, "has_touch": True}


def line(words: str) -> str:
    return f"{words} {secrets.token_hex(4)}"


async def test_a_page_right_to_left_under_a_strict_policy(visits: Visits) -> None:
    world, question, answer = visits.world, line("مرحبا"), line("أهلا")
    shop = await visits.channel()
    visitor = await visits.visitor(shop, direction="rtl", lang="ar", strict="1")
    tab = await visitor.tab(opened=False)
    launcher = tab.host.locator("[aria-expanded]")
    await expect(launcher).to_have_accessible_name(ARABIC)
    await launcher.click()
    box = tab.host.get_by_role("textbox")
    await box.fill(question)
    await box.press("Enter")
    conversation = (await world.appears(question))["conversation_id"]
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await tab.shows(answer)
    await tab.attach("a.txt", "text/plain", b"words")
    await tab.holds("a.txt")
    await tab.settled_all()
    assert await tab.host.evaluate("host => getComputedStyle(host.shadowRoot.querySelector("
                                   "'[role=dialog]')).direction") == "rtl"  # fmt: skip
    assert await visitor.complaints() == []


async def test_on_a_telephone_the_panel_is_the_screen(visits: Visits) -> None:
    words = line("On the go")
    visitor = await visits.visitor(await visits.channel(), browser=PHONE)
    tab = await visitor.tab(opened=False)
    await tab.launcher.tap()
    panel = await tab.panel.bounding_box()
    assert panel is not None
    assert (panel["x"], panel["y"]) == (0, 0)
    assert (panel["width"], panel["height"]) == (390, 760)
    await expect(tab.panel).to_have_attribute("aria-modal", "true")
    await tab.say(words)
    await visits.world.appears(words)
    await tab.settles(words)
    for _ in range(12):  # the focus stays in
        await tab.page.keyboard.press("Tab")
        assert await tab.panel.evaluate("panel => panel.matches(':focus-within')")
    await tab.panel.get_by_role("button", name="Close chat").tap()
    await expect(tab.panel).to_be_hidden()
    await expect(tab.launcher).to_be_visible()


async def test_a_whole_talk_without_a_mouse(visits: Visits) -> None:
    world, question, answer = visits.world, line("By keys"), line("Alone")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab(opened=False)
    await expect(tab.launcher).to_be_visible()
    keys = tab.page.keyboard
    for _ in range(10):
        if await tab.launcher.evaluate("one => one.matches(':focus')"):
            break
        await keys.press("Tab")
    await expect(tab.launcher).to_be_focused()
    await keys.press("Enter")
    await expect(tab.box).to_be_focused()
    await keys.type(question)
    await keys.press("Shift+Enter")
    await keys.type("second line")
    await keys.press("Enter")
    shown = await world.appears(f"{question}\nsecond line")
    await expect(tab.box).to_have_value("")
    await expect(tab.box).to_be_focused()
    await world.inbox.reply(shown["conversation_id"], answer, secrets.token_hex(8))
    await tab.shows(answer)
    await expect(tab.box).to_be_focused()  # an answer takes it from nobody
    await keys.press("Escape")
    await expect(tab.panel).to_be_hidden()
    await expect(tab.launcher).to_be_focused()
    assert await visitor.complaints() == []


async def test_what_the_page_does_to_its_own_text_stays_there(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    styles = await tab.box.evaluate(
        "box => [getComputedStyle(box).letterSpacing, getComputedStyle(box).textTransform]"
    )
    assert styles == ["normal", "none"]
    leaked = await tab.page.evaluate(
        "[...document.querySelectorAll('style, link[rel=stylesheet]')].length"
    )
    assert leaked == 1  # the page's own


@pytest.mark.parametrize("script", ["sluice.open()", "sluice.toggle()"])
async def test_a_page_opens_the_panel_by_itself(visits: Visits, script: str) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab(opened=False)
    await expect(tab.launcher).to_be_visible()
    await tab.page.evaluate(script)
    await expect(tab.panel).to_be_visible()
    await tab.page.evaluate("sluice.close()")
    await expect(tab.panel).to_be_hidden()


async def test_what_is_typed_in_the_chat_is_no_shortcut_of_the_page(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.page.evaluate(
        "window.addEventListener('keydown', event => event.preventDefault());"
        "window.addEventListener('keypress', event => event.preventDefault())"
    )
    await tab.box.press_sequentially("just a word")
    await expect(tab.box).to_have_value("just a word")


async def test_a_page_that_changes_its_body_keeps_the_chat(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    draft = line("Not yet")
    await tab.box.fill(draft)
    await tab.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    await expect(tab.box).to_be_visible()
    await expect(tab.box).to_have_value(draft)


async def test_the_focus_goes_back_to_the_button_of_the_page(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab(opened=False)
    await expect(tab.launcher).to_be_visible()
    await tab.page.evaluate(
        "const button = document.createElement('button');"
        "button.textContent = 'Talk to us';"
        "button.onclick = () => sluice.open();"
        "document.body.prepend(button)"
    )
    button = tab.page.get_by_role("button", name="Talk to us")
    await button.click()
    await expect(tab.box).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(button).to_be_focused()


async def test_a_draft_outlives_its_page(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    draft = line("Not yet")
    await tab.box.fill(draft)
    await visitor.reload(tab)
    await tab.open()
    await expect(tab.box).to_have_value(draft)
