"""What each platform does its own way, over real processes."""

import secrets
import time
from typing import Any

import pytest

from sluice_local.demo.asking import Refused
from support.outside import Outside

CHANNELS = ("whatsapp", "messenger", "instagram")
DAY_S = 86400


def line(words: str) -> str:
    """A text nobody else has written."""
    return f"{words} {secrets.token_hex(4)}"


@pytest.mark.parametrize(
    ("channel", "states"),
    [
        ("messenger", ["queued", "sending", "sent", "delivered", "read"]),
        ("instagram", ["queued", "sending", "sent", "read"]),
    ],
)
async def test_an_answer_is_read_and_its_echo_is_no_second_message(
    world: Outside, channel: str, states: list[str]
) -> None:
    """Messenger tells up to what time all was read, Instagram of each message."""
    person, answer = world.person(channel), line("On its way.")
    conversation = await world.begins(person)
    reply = await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await world.delivered(answer, "read")
    assert [entry["text"] for entry in await world.ledger_of(person)] == [answer]
    told = [
        frame["data"]["delivery"]["state"]
        for frame in world.frames
        if frame.get("id") == reply["id"]
    ]
    assert set(told) <= set(states)
    assert [states.index(state) for state in told] == sorted(states.index(one) for one in told)

    after = await world.begins(person)  # whatever the echo became is before this
    assert after == conversation
    stored = await world.stored(conversation)
    assert [one["id"] for one in stored if one["direction"] == "outbound"] == [reply["id"]]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_echo_may_overtake_the_answer_to_its_send(world: Outside, when: str) -> None:
    person = world.person("instagram")
    conversation = await world.begins(person)
    await world.emulator.echoes(when=when)
    try:
        answers = [line("One"), line("Two"), line("Three")]
        for answer in answers:
            await world.inbox.reply(conversation, answer, secrets.token_hex(8))
        for answer in answers:
            await world.delivered(answer, "read")
    finally:
        await world.emulator.echoes()
    await world.begins(person)
    stored = await world.stored(conversation)
    outbound = [one["parts"][0]["text"] for one in stored if one["direction"] == "outbound"]
    assert outbound == answers


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
async def test_a_person_gets_the_name_and_picture_the_platform_shows(
    world: Outside, channel: str
) -> None:
    person, name = world.person(channel), line("Inés")
    account = world.stack.channels[channel]
    await world.emulator.person(
        id=person, name=name, object=account.object, account=account.account
    )
    await world.begins(person)

    def named() -> dict[str, Any] | None:
        contacts = (dict(one.data) for one in world.screen.state.entities.values())
        return next((one for one in contacts if one.get("name") == name), None)

    contact = await world.waits_for(named)
    assert contact["display_name"] == name
    assert await world.inbox.download(contact["avatar_file_id"])


async def test_an_answer_to_a_story(world: Outside) -> None:
    person, words = world.person("instagram"), line("What a place!")
    story = {"id": "17900000000000001", "url": "https://scontent.cdninstagram.com/a.jpg"}
    mid = f"aWdf{secrets.token_hex(80)}"
    message = {"mid": mid, "text": words, "reply_to": {"story": story}}
    await world.does(person, message={"message": message})
    shown = await world.appears(words)
    [part] = shown["parts"]
    assert part["kind"] == "story_reply"
    assert (part["media"]["state"], part["media"]["url"]) == ("link", story["url"])


@pytest.mark.parametrize("channel", CHANNELS)
async def test_emoji_go_both_ways(world: Outside, channel: str) -> None:
    person, question, answer = world.person(channel), line("Nice?"), line("Nice!")
    [asked] = await world.writes(person, question)
    shown = await world.appears(question)
    conversation = shown["conversation_id"]
    await world.inbox.react(conversation, shown["id"], "👍")
    reply = await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await world.delivered(answer, "read")

    async def reached() -> bool:
        bodies = [str(one["body"]) async for one in world.emulator.ledger()]
        return any(asked in body for body in bodies)

    await world.until(reached)
    [sent] = [one for one in await world.ledger_of(person) if one["text"] == answer]
    await world.does(person, reaction={"message_id": sent["wamid"], "emoji": "❤"})
    liked = await world.becomes(reply["id"], lambda one: bool(one["reactions"]))
    assert [one["emoji"] for one in liked["reactions"]] == ["❤"]
    ours = await world.becomes(shown["id"], lambda one: bool(one["reactions"]))
    assert [(one["by"], one["emoji"]) for one in ours["reactions"]] == [("us", "👍")]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_edit_shows_the_new_words(world: Outside, channel: str) -> None:
    person, before, after = world.person(channel), line("Tuseday"), line("Tuesday")
    [number] = await world.writes(person, before)
    shown = await world.appears(before)
    await world.does(person, edit={"message_id": number, "text": after})
    edited = await world.appears(after)
    assert (edited["id"], bool(edited["edited_at"])) == (shown["id"], True)


@pytest.mark.parametrize(
    ("channel", "days", "state", "possible"),
    [
        ("whatsapp", 2, "template_only", "Only a template may be sent"),
        ("messenger", 8, "closed", "Wait until the customer writes again"),
        ("instagram", 8, "closed", "Wait until the customer writes again"),
    ],
)
async def test_after_the_window_an_answer_is_refused_with_what_is_possible(
    world: Outside, channel: str, days: int, state: str, possible: str
) -> None:
    person, words = world.person(channel), line("Long ago")
    await world.does(person, text=words, timestamp=int(time.time()) - days * DAY_S)
    conversation = (await world.appears(words))["conversation_id"]
    row = world.screen.state.entities[conversation].data
    assert row["reply_window"]["state"] == state
    with pytest.raises(Refused, match=f"409 .*{possible}"):
        await world.inbox.reply(conversation, "Too late?", secrets.token_hex(8))
    assert await world.ledger_of(person) == []


async def test_after_a_day_a_person_still_answers_on_messenger(world: Outside) -> None:
    person, words, answer = world.person("messenger"), line("Two days ago"), line("Sorry!")
    await world.does(person, text=words, timestamp=int(time.time()) - 2 * DAY_S)
    conversation = (await world.appears(words))["conversation_id"]
    row = world.screen.state.entities[conversation].data
    assert row["reply_window"]["state"] == "human_agent"
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await world.delivered(answer, "read")
    [sent] = await world.ledger_of(person)
    assert (sent["body"]["messaging_type"], sent["body"]["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("whatsapp", {"type": "unsupported", "errors": [{"code": 131051, "title": "No."}]}),
        ("whatsapp", {"type": "hologram", "hologram": {"depth": 3}}),
        ("messenger", {"message": {"mid": "m_{id}", "attachments": [{"type": "hologram"}]}}),
        ("instagram", {"message": {"mid": "aWdf{id}", "is_unsupported": True}}),
    ],
)
async def test_what_nobody_understands_is_shown_as_that(
    world: Outside, channel: str, message: dict[str, Any]
) -> None:
    person = world.person(channel)
    conversation = await world.begins(person)
    if "message" in message:
        mid = message["message"]["mid"].format(id=secrets.token_hex(16))
        message = {"message": {**message["message"], "mid": mid}}
    await world.does(person, message=message)
    shown = await world.arrives(conversation, lambda one: one["kind"] == "unsupported")
    assert [part["kind"] for part in shown["parts"]] == ["unsupported"]


@pytest.mark.parametrize(("channel", "pieces"), [("whatsapp", 2), ("messenger", 3)])
async def test_a_long_answer_goes_in_pieces_and_is_one_message(
    world: Outside, channel: str, pieces: int
) -> None:
    person = world.person(channel)
    conversation = await world.begins(person)
    text = " ".join(f"{number:05}" for number in range(900))
    reply = await world.inbox.reply(conversation, text, secrets.token_hex(8))
    await world.becomes(reply["id"], lambda one: one["delivery"]["state"] == "read")
    ledger = await world.ledger_of(person)
    assert len(ledger) == pieces
    assert " ".join(entry["text"] for entry in ledger) == text
    outbound = [one for one in world.thread(conversation) if one["direction"] == "outbound"]
    assert [one["id"] for one in outbound] == [reply["id"]]
