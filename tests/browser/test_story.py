"""What the widget is for: somebody asks, the team answers, both see that the other has read it."""

import re
import secrets

from playwright.async_api import expect

from support.visits import Visits


def line(words: str) -> str:
    """A text nobody else has written."""
    return f"{words} {secrets.token_hex(4)}"


async def test_a_question_its_answer_and_both_are_seen_to_be_read(visits: Visits) -> None:
    world, question, answer = visits.world, line("Do you have ladders?"), line("We do!")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(question)
    asked = await world.appears(question)
    await tab.settles(question)

    conversation = asked["conversation_id"]
    reply = await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    shown = await tab.shows(answer)
    assert shown.by == "user"
    await world.becomes(reply["id"], lambda one: one["delivery"]["state"] == "read")

    await world.inbox.ask(
        "PUT", f"{visits.thread_path(conversation)}/read", {"up_to_seq": asked["seq"]}
    )
    await tab.until(lambda rows: rows[0].seen, "says that the team has read it")
    assert await tab.texts() == [question, answer]
    assert await visitor.complaints() == []


async def test_a_page_loaded_anew_shows_everything_at_once(visits: Visits) -> None:
    world = visits.world
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    words = [line("One"), line("Two")]
    for word in words:
        await tab.say(word)
    conversation = (await world.appears(words[1]))["conversation_id"]
    answer = line("Three")
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await tab.shows(answer)
    before = await tab.rows()

    visitor.wire.hold_sockets()  # what is painted now was kept by the page
    await visitor.reload(tab)
    await tab.open()
    await tab.shows(answer)
    assert visitor.wire.sockets == 0
    visitor.wire.mend()
    await tab.shows(answer)
    assert [row.words for row in await tab.rows()] == [row.words for row in before]
    last = line("Four")
    await tab.say(last)
    await tab.settles(*words, last)
    assert await tab.texts() == [*words, answer, last]
    assert await visitor.complaints() == []


async def test_two_tabs_show_the_same_over_one_socket(visits: Visits) -> None:
    world = visits.world
    visitor = await visits.visitor(await visits.channel())
    first = await visitor.tab()
    one, two, three, answer = line("One"), line("Two"), line("Three"), line("Four")
    await first.say(one)
    second = await visitor.tab()
    await second.shows(one)
    await second.say(two)
    await first.shows(two)
    await first.say(three)
    conversation = (await world.appears(three))["conversation_id"]
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    for tab in (first, second):
        await tab.shows(answer)
        assert await tab.texts() == [one, two, three, answer]
    await visits.world.until(visitor.has_one_socket)

    await first.page.close()  # whichever held it, the other one goes on
    last = line("Five")
    await second.say(last)
    await world.appears(last)
    await visits.world.until(visitor.has_one_socket)
    assert await visitor.complaints() == []


async def test_an_answer_to_a_closed_panel_is_counted_on_the_launcher(visits: Visits) -> None:
    world, question, answer = visits.world, line("Anyone?"), line("Here!")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(question)
    asked = await world.appears(question)
    await tab.box.press("Escape")
    await expect(tab.panel).to_be_hidden()
    reply = await world.inbox.reply(asked["conversation_id"], answer, secrets.token_hex(8))
    await expect(tab.launcher).to_have_accessible_name(re.compile("^Open chat, 1 "))
    assert (await world.appears(answer))["delivery"]["state"] != "read"
    await tab.open()
    await tab.shows(answer)
    await world.becomes(reply["id"], lambda one: one["delivery"]["state"] == "read")
    await tab.box.press("Escape")
    await expect(tab.launcher).to_have_accessible_name("Open chat")


async def test_each_side_sees_that_the_other_writes(visits: Visits) -> None:
    world, question = visits.world, line("Hello?")
    visitor = await visits.visitor(await visits.channel())
    tab = await visitor.tab()
    await tab.say(question)
    conversation = (await world.appears(question))["conversation_id"]
    await tab.settles(question)
    path = visits.thread_path(conversation)
    await world.inbox.ask("POST", f"{path}/typing", {"on": True})
    await expect(tab.host.get_by_text("is writing…")).to_be_visible()

    await world.screen.open(conversation)
    await world.screen.subbed.get()
    await tab.box.press_sequentially("I wonder whether it is red or", delay=150)  # over 3 s

    async def told() -> bool:
        return any(
            frame["t"] == "eph"
            and frame["type"] == "typing"
            and (frame["data"]["conv"], frame["data"]["who"]) == (conversation, "contact")
            for frame in world.frames
        )

    await world.until(told)
