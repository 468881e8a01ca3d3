"""The pages that `make run` serves, as a person meets them: words in and out, and no complaint."""

import secrets

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page

from support.outside import Outside
from support.visitor import NETWORK_WORDS

PAGES = ("shop", "right-to-left")
WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', event =>
    window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


async def opened(browser: Browser, world: Outside, name: str, heard: list[str]) -> Page:
    """A page in a profile of its own; `heard` gets what it complains of."""
    page = await (await browser.new_context()).new_page()
    await page.add_init_script(WATCH)

    def listen(message: ConsoleMessage) -> None:
        network = message.text.startswith(NETWORK_WORDS)  # logging out cuts what is on its way
        if message.type in {"error", "warning"} and not network:
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    await page.goto(world.stack.widget.pages[name])
    return page


@pytest.mark.parametrize("name", PAGES)
async def test_a_visitor_of_a_page_is_answered(
    chromium: Browser, world: Outside, name: str
) -> None:
    question, answer = f"ok {secrets.token_hex(4)}", f"yes {secrets.token_hex(4)}"
    heard: list[str] = []
    page = await opened(chromium, world, name, heard)
    try:
        await page.locator("sluice-widget button").last.click()
        form = page.locator("sluice-widget form.ask button.main")
        box = page.locator("sluice-widget textarea")
        await form.or_(box).first.wait_for()
        if await form.count():  # it asks who they are, and may be left empty
            await form.first.click()
        await box.fill(question)
        await box.press("Enter")
        shown = await world.appears(question)
        await world.inbox.reply(shown["conversation_id"], answer, secrets.token_hex(8))
        await page.locator("sluice-widget .text", has_text=answer).wait_for()
        assert await page.evaluate("window.broken") == []
        assert heard == []
    finally:
        await page.context.close()


async def test_the_shop_proves_who_has_logged_in_and_forgets_who_logs_out(
    chromium: Browser, world: Outside
) -> None:
    heard: list[str] = []
    page = await opened(chromium, world, "shop", heard)
    told = page.locator("#told")
    try:
        await page.get_by_role("button", name="Log in as Anna").click()
        await told.get_by_text("You are Anna Lind.").wait_for()
        await page.get_by_role("button", name="Log out").click()
        await told.get_by_text("You are not logged in.").wait_for()
        await page.get_by_role("button", name="Log in as Bilal").click()
        await told.get_by_text("You are Bilal Haddad.").wait_for()
        assert heard == []
    finally:
        await page.context.close()
