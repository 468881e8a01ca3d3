"""Files over real processes: copied in, shown, downloaded, sent out, and gone when taken back."""

import secrets
from hashlib import sha256
from typing import Any

import pytest

from sluice_local.demo.asking import Refused
from sluice_local.demo.tiny import document, picture, voice
from support.outside import Outside

CHANNELS = ("whatsapp", "messenger", "instagram")


def state_of(message: dict[str, Any]) -> str | None:
    media = [part["media"] for part in message["parts"] if part.get("media")]
    return media[0]["state"] if media else None


def is_ready(message: dict[str, Any]) -> bool:
    return state_of(message) == "ready"


async def test_a_picture_with_words_is_shown_at_once_and_its_file_when_it_is_here(
    world: Outside,
) -> None:
    person, file = world.person(), picture(secrets.token_hex(8))
    caption = f"Look {secrets.token_hex(4)}"
    number = await world.has(file.content, file.mime_type)
    await world.does(person, media=[number], text=caption)

    message = await world.appears(caption, is_ready)
    [part] = message["parts"]
    assert part["kind"] == "image"
    assert (part["media"]["mime_type"], part["media"]["size"]) == ("image/png", len(file.content))
    assert await world.inbox.download(part["media"]["file_id"]) == file.content

    news = [frame for frame in world.frames if frame.get("id") == message["id"]]
    assert [frame["type"] for frame in news] == ["message.created", "message.media_changed"]
    assert [state_of(frame["data"]) for frame in news] == ["pending", "ready"]
    assert not any(number in str(frame) for frame in news)  # the platform's id stays inside


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
async def test_a_file_without_words(world: Outside, channel: str) -> None:
    person, file = world.person(channel), voice(secrets.token_hex(8))
    conversation = await world.begins(person)
    await world.does(person, media=[await world.has(file.content, file.mime_type)])
    message = await world.arrives(conversation, is_ready)
    [part] = message["parts"]
    assert (part["kind"], part["text"]) == ("audio", None)
    assert await world.inbox.download(part["media"]["file_id"]) == file.content


async def test_a_file_the_platform_lost_is_shown_as_failed(world: Outside) -> None:
    person, file = world.person("messenger"), document(secrets.token_hex(8))
    conversation = await world.begins(person)
    number = await world.has(file.content, file.mime_type, file.name)
    assert await world.emulator.purge(number)
    gone = f"{world.stack.emulator.url}/_cdn/{number}"
    lost = {"type": "file", "payload": {"url": gone}}
    mid = f"m_{secrets.token_hex(16)}"
    await world.does(person, message={"message": {"mid": mid, "attachments": [lost]}})
    message = await world.arrives(conversation, lambda one: state_of(one) == "failed")
    assert message["parts"][0]["media"]["problem"]["message"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_is_taken_back_is_deleted_with_its_file(world: Outside, channel: str) -> None:
    person, file = world.person(channel), picture(secrets.token_hex(8))
    conversation = await world.begins(person)
    number = await world.does(person, media=[await world.has(file.content, file.mime_type)])
    shown = await world.arrives(conversation, is_ready)
    file_id = shown["parts"][0]["media"]["file_id"]

    await world.does(person, unsend=number)
    await world.becomes(shown["id"], lambda one: one["deleted_at"] and not one["parts"])
    with pytest.raises(Refused, match=r"410|404"):
        await world.inbox.download(file_id)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_picture_we_send_arrives_byte_by_byte(world: Outside, channel: str) -> None:
    person, file = world.person(channel), picture(secrets.token_hex(8))
    conversation = await world.begins(person)
    kept = await world.inbox.upload(file.content, file.mime_type, "Grüße.png")
    parts = [{"type": "file", "file_id": kept["id"]}]
    sent = await world.inbox.reply(conversation, parts, secrets.token_hex(8))
    assert is_ready(sent)
    await world.becomes(sent["id"], lambda one: one["delivery"]["state"] == "read")
    [entry] = await world.ledger_of(person)
    assert entry["sha256"] == kept["sha256"] == sha256(file.content).hexdigest()
    assert [one["id"] for one in world.thread(conversation) if one["direction"] == "outbound"] == [
        sent["id"]
    ]
