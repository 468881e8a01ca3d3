"""What a message may be made of, over REST: files, menus, quotations, and what a channel lacks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from contracts.capabilities import TextLimit
from contracts.parts import rfc3339
from support.capable import capable
from support.rest import Answer, Rest, add_file
from support.seeds import add_conversation

CHOICE = {
    "type": "buttons",
    "text": "Which?",
    "buttons": [{"id": "a", "title": "One"}, {"id": "b", "title": "Two"}],
}
TEMPLATE = {"type": "template", "name": "hello", "language": "de"}


@pytest.fixture
async def thread(rest: Rest) -> UUID:
    return await add_conversation(rest.admin, rest.workspace, rest.channel, "hi", "there")


async def send(rest: Rest, thread: UUID, *parts: dict[str, Any], **more: Any) -> Answer:
    return await rest.post(f"/conversations/{thread}/messages", {"parts": parts, **more})


async def commands(rest: Rest) -> list[Any]:
    rows = await rest.admin.fetch("SELECT body FROM outbox WHERE lane = 'commands' ORDER BY id")
    return [command["data"] for row in rows for command in orjson.loads(row["body"])]


async def message_of(rest: Rest, thread: UUID, seq: int) -> str:
    found = await rest.admin.fetchval(
        "SELECT id FROM messages WHERE conversation_id = $1 AND seq = $2", thread, seq
    )
    return str(found)


async def test_a_file_is_sent_by_its_key_and_shown_by_its_id(rest: Rest, thread: UUID) -> None:
    file = await add_file(rest, rest.workspace, b"\xff\xd8\xff\xe0", "image/jpeg")
    answer = await send(
        rest, thread, {"type": "file", "file_id": str(file)}, {"type": "text", "text": "Look"}
    )
    assert answer.status == 201, answer.body
    [part] = answer.json["parts"]
    assert (part["kind"], part["text"]) == ("image", "Look")
    assert (part["media"]["state"], part["media"]["file_id"]) == ("ready", str(file))
    [command] = await commands(rest)
    media = command["part"]["media"]
    assert media["ref"].startswith(f"file:{rest.workspace}/upload/")
    assert (media["mime_type"], media["size"], media["filename"]) == ("image/jpeg", 4, "words.txt")
    assert media["sha256"]
    assert "state" not in media


async def test_a_link_is_fetched_by_the_platform(rest: Rest, thread: UUID) -> None:
    url = "https://files.example/cat.jpg?size=1"
    answer = await send(rest, thread, {"type": "file", "url": url, "kind": "image"})
    assert answer.json["parts"][0]["media"]["url"] == url
    assert (await commands(rest))[0]["part"]["media"]["ref"] == url


async def test_a_menu_the_channel_lacks_becomes_words_and_says_so(rest: Rest, thread: UUID) -> None:
    rest.parts.book.note(capable(buttons=None, list=None))
    answer = await send(rest, thread, CHOICE)
    [part] = answer.json["parts"]
    assert (part["kind"], part["text"]) == ("text", "Which?\n\n1. One\n2. Two")
    assert part["degraded"] == [{"from": "buttons", "why": "This channel has no buttons."}]
    [command] = await commands(rest)
    assert command["part"] == {"kind": "text", "text": part["text"]}


async def test_a_quotation_is_by_the_platforms_name(rest: Rest, thread: UUID) -> None:
    quoted = await message_of(rest, thread, 1)
    answer = await send(rest, thread, {"type": "text", "text": "yes"}, reply_to=quoted)
    assert answer.json["reply_to"] == f"wamid.{quoted}"
    assert (await commands(rest))[0]["reply_to"] == f"wamid.{quoted}"


async def test_a_quotation_the_channel_lacks_is_dropped_and_said(rest: Rest, thread: UUID) -> None:
    rest.parts.book.note(capable(replies=False))
    quoted = await message_of(rest, thread, 1)
    answer = await send(rest, thread, {"type": "text", "text": "yes"}, reply_to=quoted)
    assert (answer.status, answer.json["reply_to"]) == (201, None)
    assert [note["from"] for note in answer.json["parts"][0]["degraded"]] == ["reply"]


REFUSED: list[Any] = [
    ([{"type": "file", "file_id": str(uuid4())}], {}, {}, "/parts/0/file_id"),
    ([{"type": "text", "text": "hi"}], {"reply_to": str(uuid4())}, {}, "/reply_to"),
    ([{"type": "platform", "message": {"a": 1}}], {}, {"kinds": ()}, "/parts/0"),
    ([CHOICE, TEMPLATE], {}, {"templates": False}, "/parts/1"),
]


@pytest.mark.parametrize(("parts", "more", "lacks", "pointer"), REFUSED)
async def test_what_cannot_go_names_the_place(
    rest: Rest, thread: UUID, parts: Any, more: Any, lacks: Any, pointer: str
) -> None:
    rest.parts.book.note(capable(**lacks))
    answer = await send(rest, thread, *parts, **more)
    assert (answer.status, answer.json["code"]) == (409, "not_sendable")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert await commands(rest) == []


async def test_a_text_of_too_many_pieces_is_refused(rest: Rest, thread: UUID) -> None:
    rest.parts.book.note(capable(text=TextLimit(max=10)))
    answer = await rest.post(f"/conversations/{thread}/messages", {"text": "too long " * 200})
    assert (answer.status, answer.json["code"]) == (409, "not_sendable")
    assert "100" in answer.json["detail"]


async def test_a_message_of_another_conversation_is_not_quoted(rest: Rest, thread: UUID) -> None:
    other = await add_conversation(rest.admin, rest.workspace, rest.channel, "else")
    quoted = await message_of(rest, other, 1)
    answer = await send(rest, thread, {"type": "text", "text": "yes"}, reply_to=quoted)
    assert answer.json["errors"][0]["pointer"] == "/reply_to"


async def test_a_closed_window_is_shown_and_refuses(rest: Rest, thread: UUID) -> None:
    row = f"/conversations/{thread}"
    assert (await rest.get(row)).json["reply_window"] == {"state": "open", "closes_at": None}
    wrote = datetime.now(UTC) - timedelta(days=30)
    await rest.admin.execute("UPDATE identities SET last_inbound_at = $1", wrote)
    window = (await rest.get(row)).json["reply_window"]
    assert window["state"] == "template_only"
    assert window["closes_at"] == rfc3339(wrote + timedelta(days=7))
    [listed] = (await rest.get("/conversations")).json["items"]
    assert listed["reply_window"] == window
    answer = await send(rest, thread, {"type": "text", "text": "hello?"})
    assert (answer.status, answer.json["code"]) == (409, "window_closed")
    assert answer.json["current"]["reply_window"] == window
    sent = await send(rest, thread, TEMPLATE)
    assert sent.status == 201
    assert sent.json["delivery"]["state"] == "sending"
