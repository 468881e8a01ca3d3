"""The form before the chat, files both ways, stars afterwards, and who is not heard any more."""

import secrets

import pytest
from playwright.async_api import expect

from support.visits import Visits
from support.waiting import until_true

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d4944415478da63fcffff3f030005fe02fea735814a0000000049454e44ae426082"
)
MIB = 1024 * 1024


def line(words: str) -> str:
    return f"{words} {secrets.token_hex(4)}"


async def test_a_form_before_the_chat_makes_a_lead(visits: Visits) -> None:
    shop = await visits.channel(form="required", form_fields="name,email,phone")
    visitor = await visits.visitor(shop)
    tab = await visitor.tab(opened=False)
    await tab.launcher.click()
    form = tab.host.locator("form")
    await form.locator("[name=name]").fill("Inés")
    await form.locator("[name=email]").fill("no address")
    await form.get_by_role("button", name="Start chat").click()
    await expect(form.locator("[name=email]")).to_have_attribute("aria-invalid", "true")
    await expect(form.locator("[name=email]")).to_be_focused()
    await form.locator("[name=email]").fill("ines@example.com")
    await form.locator("[name=phone]").fill("+44 20 7946 0958")
    await form.get_by_role("button", name="Start chat").click()
    words = line("Do you deliver?")
    await tab.say(words)
    shown = await visits.world.appears(words)
    row = await visits.conversation(shown["conversation_id"])
    contact = row["contact"]
    assert contact["display_name"] == "Inés"
    assert contact["lead_status"] is not None
    assert {"ines@example.com", "+442079460958"} <= _values(contact)

    await visitor.reload(tab)  # nobody is asked twice
    await tab.open()
    assert await visitor.complaints() == []


def _values(found: object) -> set[str]:
    """Every text in an answer."""
    if isinstance(found, dict):
        return set().union(*(_values(one) for one in found.values()))
    if isinstance(found, list):
        return set().union(*(_values(one) for one in found))
    return {found} if isinstance(found, str) else set()


async def test_where_a_word_comes_from_is_told_without_its_secrets(visits: Visits) -> None:
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab(opened=False)
    address = f"{visitor.site.page(visitor.look)}&utm_source=news&token=hidden#top"
    await tab.page.goto(address)
    await tab.open()
    words = line("From where?")
    await tab.say(words)
    shown = await visits.world.appears(words)
    source = (await visits.conversation(shown["conversation_id"]))["source"]
    assert source["page_url"].startswith(f"{visitor.site.origin}/?")
    assert "utm_source=news" in source["page_url"]
    assert "hidden" not in str(source)
    assert "#top" not in source["page_url"]
    assert source["utm"]["utm_source"] == "news"
    assert source["language"] == "en-GB"
    assert source["ip"] == "127.0.0.0/24"
    assert source["device"]["browser"]


async def test_a_file_goes_up_with_progress_and_another_comes_down(visits: Visits) -> None:
    world, content = visits.world, secrets.token_bytes(6 * MIB)
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    hello = line("Look")
    await tab.say(hello)
    conversation = (await world.appears(hello))["conversation_id"]
    await tab.settles(hello)

    visitor.wire.slow(bytes_per_s=1.5 * MIB)
    await tab.attach("plan.pdf", "application/pdf", b"%PDF-1.7\n" + content)
    progress = tab.host.locator("progress")
    await expect(progress).to_be_visible()
    seen: set[float] = set()

    async def moves() -> bool:
        if await progress.count():
            seen.add(await progress.evaluate("one => one.value"))
        return len([one for one in seen if 0 < one < 1]) > 1

    await until_true(moves, 60)
    visitor.wire.mend()
    shown = await world.arrives(
        conversation, lambda one: any(part["kind"] != "text" for part in one["parts"])
    )
    [part] = shown["parts"]
    assert part["media"]["filename"] == "plan.pdf"
    stored = await world.becomes(
        shown["id"], lambda one: one["parts"][0]["media"]["state"] == "ready"
    )
    file_id = stored["parts"][0]["media"]["file_id"]
    assert await world.inbox.download(file_id) == b"%PDF-1.7\n" + content

    file = await world.inbox.upload(PNG, "image/png", "lamp.png")
    await world.inbox.reply(
        conversation, [{"type": "file", "file_id": file["id"]}], secrets.token_hex(8)
    )
    await tab.holds("lamp.png")
    image = tab.host.locator(".file img")

    async def painted() -> bool:
        width: int = await image.evaluate("one => one.naturalWidth")
        return width == 1

    await until_true(painted, 60)
    assert await visitor.complaints() == []


async def test_what_a_file_says_it_is_counts_for_nothing(visits: Visits) -> None:
    """A page disguised as a picture is none: bytes to keep, that nothing draws or opens."""
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    hello = line("A picture, really")
    await tab.say(hello)
    conversation = (await visits.world.appears(hello))["conversation_id"]
    page = b"<!doctype html><script>parent.hacked = 1</script>"
    await tab.attach("cat.png", "image/png", page)
    shown = await visits.world.arrives(
        conversation, lambda one: any(part["kind"] != "text" for part in one["parts"])
    )
    [part] = shown["parts"]
    assert (part["kind"], part["media"]["mime_type"]) == ("document", "application/octet-stream")
    await tab.holds("cat.png")
    assert await tab.host.locator(".file img").count() == 0


@pytest.mark.parametrize("score", [2, 5])
async def test_stars_after_closing(visits: Visits, score: int) -> None:
    world, words, comment = visits.world, line("Thank you!"), line("Quick")
    visitor = await visits.visitor(await visits.channel(csat="on"))
    tab = await visitor.tab()
    await tab.say(words)
    conversation = (await world.appears(words))["conversation_id"]
    await tab.settles(words)
    assert await tab.host.locator("[data-score]").count() == 0
    await visits.close(conversation)
    await tab.host.locator(f'[data-score="{score}"]').check(force=True)
    await tab.host.locator("[name=comment]").fill(comment)
    await tab.host.get_by_role("button", name="Send rating").click()
    await expect(tab.host.get_by_text("Thank you for your rating")).to_be_visible()

    async def rated() -> bool:
        csat = (await visits.conversation(conversation))["csat"]
        return csat is not None and (csat["score"], csat["comment"]) == (score, comment)

    await world.until(rated)
    await visitor.reload(tab)
    await tab.open()
    await expect(tab.host.locator(f'[data-score="{score}"]')).to_be_checked()
    await expect(tab.host.get_by_text("Thank you for your rating")).to_be_visible()
    assert await visitor.complaints() == []


async def test_without_stars_nobody_is_asked(visits: Visits) -> None:
    words, more = line("Bye"), line("Hello again")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(words)
    conversation = (await visits.world.appears(words))["conversation_id"]
    await visits.close(conversation)
    await expect(tab.host.get_by_text("This conversation has ended")).to_be_visible()
    assert await tab.host.locator("[data-score]").count() == 0
    await tab.say(more)  # and it goes on
    await visits.world.appears(more)
    await tab.settles(words, more)


async def test_who_is_blocked_is_told_neutrally(visits: Visits) -> None:
    world, words = visits.world, line("Buy my pills")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(words)
    conversation = (await world.appears(words))["conversation_id"]
    await tab.settles(words)
    contact = (await visits.conversation(conversation))["contact"]["id"]
    await visits.block(contact)
    await expect(tab.host.get_by_text("The chat is not available right now.")).to_be_visible()
    await expect(tab.box).to_be_hidden()
    whole = await tab.host.evaluate("host => host.shadowRoot.textContent.toLowerCase()")
    assert "block" not in whole

    await visits.unblock(contact)
    await visitor.reload(tab)
    await tab.open()
    again = line("Sorry")
    await tab.say(again)
    await world.appears(again)
    assert await visitor.complaints() == []
