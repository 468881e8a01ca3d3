"""What people do has each platform's shape, and sends for pages are checked as Graph does."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from yarl import URL

from metagraph.emulator import page_bodies, page_sends
from metagraph.emulator.accounts import MAX_ACCOUNTS, Account, Accounts
from metagraph.emulator.inbound import InboundRequest, posts
from metagraph.emulator.limits import Refused
from metagraph.emulator.media import Files
from metagraph.emulator.names import INSTAGRAM, PAGE, Platform
from metagraph.emulator.page_people import PageMessage
from metagraph.emulator.said import Shelf
from metagraph.emulator.whatsapp_people import InboundMessage

NOW = 1_800_000_000
FILES = Files()
CAT = FILES.put(b"cat", "image/jpeg")
SONG = FILES.put(b"song", "audio/ogg")
PAPER = FILES.put(b"paper", "application/pdf", "paper.pdf")
STICKER = FILES.put(b"sticker", "image/webp")
SHELF = Shelf(
    file=FILES.get,
    link=lambda number: URL(f"http://emulator/_media/{number}"),
    cdn=lambda number: URL(f"http://emulator/_cdn/{number}"),
)


@pytest.mark.parametrize(
    ("label", "said", "expected"),
    [
        ("text", {"text": "hi"}, {"type": "text", "text": {"body": "hi"}}),
        (
            "an image with words",
            {"text": "look", "media": [CAT.id]},
            {"type": "image", "image": {
                "id": CAT.id, "mime_type": "image/jpeg", "sha256": CAT.sha256_base64,
                "url": f"http://emulator/_media/{CAT.id}", "caption": "look"}},
        ),
        (
            "a voice note",
            {"media": [SONG.id], "voice": True},
            {"type": "audio", "audio": {
                "id": SONG.id, "mime_type": "audio/ogg", "sha256": SONG.sha256_base64,
                "url": f"http://emulator/_media/{SONG.id}", "voice": True}},
        ),
        (
            "a document",
            {"media": [PAPER.id]},
            {"type": "document", "document": {
                "id": PAPER.id, "mime_type": "application/pdf", "sha256": PAPER.sha256_base64,
                "url": f"http://emulator/_media/{PAPER.id}", "filename": "paper.pdf"}},
        ),
        (
            "a sticker",
            {"media": [STICKER.id]},
            {"type": "sticker", "sticker": {
                "id": STICKER.id, "mime_type": "image/webp", "sha256": STICKER.sha256_base64,
                "url": f"http://emulator/_media/{STICKER.id}", "animated": False}},
        ),
        (
            "a button of ours",
            {"quick_reply": {"payload": "yes", "title": "Yes"}},
            {"type": "interactive", "interactive": {
                "type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}},
        ),
        (
            "a button of a template",
            {"postback": {"payload": "stop"}},
            {"type": "button", "button": {"payload": "stop", "text": "stop"}},
        ),
        (
            "a reaction",
            {"reaction": {"message_id": "w", "emoji": "❤"}},
            {"type": "reaction", "reaction": {"message_id": "w", "emoji": "❤"}},
        ),
        (
            "a reaction taken back",
            {"reaction": {"message_id": "w"}},
            {"type": "reaction", "reaction": {"message_id": "w"}},
        ),
        (
            "an edit",
            {"edit": {"message_id": "w", "text": "new"}},
            {"type": "edit", "edit": {"original_message_id": "w", "message": {
                "type": "text", "text": {"body": "new"}, "context": {"id": "M0"}}}},
        ),
        (
            "taken back",
            {"unsend": "w"},
            {"type": "revoke", "revoke": {"original_message_id": "w"}},
        ),
        ("anything", {"message": {"type": "order", "order": {}}}, {"type": "order", "order": {}}),
        (
            "an answer",
            {"text": "hi", "reply_to": "w"},
            {"type": "text", "text": {"body": "hi"}, "context": {"from": "1", "id": "w"}},
        ),
        (
            "from an ad",
            {"text": "hi", "referral": {"source_id": "9"}},
            {"type": "text", "text": {"body": "hi"}, "referral": {"source_id": "9"}},
        ),
    ],
)  # fmt: skip
def test_what_people_do_on_whatsapp(
    label: str, said: dict[str, Any], expected: dict[str, Any]
) -> None:
    given = {"phone_number_id": "1", "from": "491", "id": "wamid.1"} | said
    item = InboundMessage.model_validate(given).item(NOW, SHELF)
    base = {"from": "491", "id": "wamid.1", "timestamp": str(NOW)}
    assert item.value == base | expected, label
    assert item.id == "wamid.1"


@pytest.mark.parametrize(
    ("label", "said", "expected", "mid"),
    [
        ("text", {"text": "hi"}, {"message": {"mid": "m1", "text": "hi"}}, "m1"),
        (
            "files and words",
            {"text": "look", "media": [CAT.id, PAPER.id]},
            {"message": {"mid": "m1", "text": "look", "attachments": [
                {"type": "image", "payload": {"url": f"http://emulator/_cdn/{CAT.id}"}},
                {"type": "file", "payload": {"url": f"http://emulator/_cdn/{PAPER.id}"}}]}},
            "m1",
        ),
        (
            "a quick reply",
            {"quick_reply": {"payload": "yes", "title": "Yes"}},
            {"message": {"mid": "m1", "text": "Yes", "quick_reply": {"payload": "yes"}}},
            "m1",
        ),
        (
            "a postback from an ad",
            {"postback": {"payload": "start", "title": "Start"}, "referral": {"ref": "ad"}},
            {"postback": {"mid": "m1", "title": "Start", "payload": "start",
                          "referral": {"ref": "ad"}}},
            "m1",
        ),
        (
            "a reaction",
            {"reaction": {"message_id": "m0", "emoji": "❤"}},
            {"reaction": {"mid": "m0", "action": "react", "reaction": "love", "emoji": "❤"}},
            "m0",
        ),
        (
            "a reaction taken back",
            {"reaction": {"message_id": "m0"}},
            {"reaction": {"mid": "m0", "action": "unreact"}},
            "m0",
        ),
        (
            "an edit",
            {"edit": {"message_id": "m0", "text": "new", "times": 2}},
            {"message_edit": {"mid": "m0", "text": "new", "num_edit": 2}},
            "m0",
        ),
        ("taken back", {"unsend": "m0"}, {"message": {"mid": "m0", "is_deleted": True}}, "m0"),
        (
            "an answer",
            {"text": "hi", "reply_to": "m0"},
            {"message": {"mid": "m1", "text": "hi", "reply_to": {"mid": "m0"}}},
            "m1",
        ),
        ("anything", {"message": {"optin": {"ref": "x"}}}, {"optin": {"ref": "x"}}, "m1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("platform", [PAGE, INSTAGRAM])
def test_what_people_do_on_pages(
    platform: Platform, label: str, said: dict[str, Any], expected: dict[str, Any], mid: str
) -> None:
    given = {"object": platform, "account": "9", "from": "5", "id": "m1"} | said
    event = PageMessage.model_validate(given).item(NOW, SHELF)
    base = {"sender": {"id": "5"}, "recipient": {"id": "9"}, "timestamp": NOW * 1000}
    assert event.value == base | expected, label
    assert event.id == mid


@pytest.mark.parametrize(("app_id", "marks"), [(None, {}), (77, {"app_id": 77})])
def test_an_account_may_speak_elsewhere(app_id: int | None, marks: dict[str, int]) -> None:
    given = {"object": "page", "account": "9", "from": "5", "id": "m1", "text": "hi"}
    event = PageMessage.model_validate(given | {"echo": True, "app_id": app_id}).item(NOW)
    assert (event.value["sender"], event.value["recipient"]) == ({"id": "9"}, {"id": "5"})
    assert event.value["message"] == {"mid": "m1", "is_echo": True, "text": "hi"} | marks


def test_another_app_may_hold_the_thread() -> None:
    given = {"object": "instagram", "account": "9", "from": "5", "text": "hi", "standby": True}
    event = PageMessage.model_validate(given).item(NOW)
    [entry] = json.loads(page_bodies.envelope([event]))["entry"]
    assert entry["standby"] == [event.value]
    assert "messaging" not in entry


@pytest.mark.parametrize(
    "said",
    [{}, {"text": "a", "unsend": "m"}, {"reaction": {"message_id": "m"}, "unsend": "m"},
     {"text": "a", "media": ["1"], "quick_reply": {"payload": "p"}}, {"smell": "roses"},
     {"edit": {"message_id": "m"}}],
)  # fmt: skip
def test_one_act_at_a_time(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PageMessage.model_validate({"object": "page", "account": "9", "from": "5"} | said)


def test_a_file_nobody_put_in_cannot_be_sent() -> None:
    message = {"object": "page", "account": "9", "from": "5", "media": ["404"]}
    with pytest.raises(ValueError, match="no file 404"):
        PageMessage.model_validate(message).item(NOW, SHELF)


def test_a_whatsapp_message_holds_one_file() -> None:
    message = {"phone_number_id": "9", "from": "5", "media": [CAT.id, SONG.id]}
    with pytest.raises(ValidationError, match="one file"):
        InboundMessage.model_validate(message)


def test_a_body_is_of_one_object_and_holds_all_accounts() -> None:
    messages: list[dict[str, Any]] = [
        {"object": name, "account": account, "from": "5", "text": "hi"}
        for name in ("page", "instagram")
        for account in ("1", "2", "1")
    ]
    messages.append({"phone_number_id": "1", "from": "491", "text": "hi"})
    asked = InboundRequest.model_validate({"messages": messages, "batch": 100})
    plan = posts(asked, [one.item(NOW, SHELF) for one in asked.messages])
    found = {post.object: json.loads(post.body) for post in plan}
    assert len(plan) == len(found) == 3
    for name, body in found.items():
        assert body["object"] == name
    for name in ("page", "instagram"):
        entries = found[name]["entry"]
        assert [entry["id"] for entry in entries] == ["1", "2"]
        assert [len(entry["messaging"]) for entry in entries] == [2, 1]
        assert entries[0]["time"] == NOW * 1000


@pytest.mark.parametrize(
    ("platform", "name", "expected"),
    [
        (PAGE, "sent", None),
        (PAGE, "delivered", {"delivery": {"mids": ["m"], "watermark": 7}}),
        (PAGE, "read", {"read": {"watermark": 7}}),
        (INSTAGRAM, "delivered", None),
        (INSTAGRAM, "read", {"read": {"mid": "m"}}),
        (INSTAGRAM, "played", None),
    ],
)
def test_each_platform_reports_in_its_own_words(
    platform: Platform, name: str, expected: dict[str, Any] | None
) -> None:
    assert page_bodies.receipt(platform, name, "m", 7) == expected


def test_accounts_and_their_tokens_are_bounded() -> None:
    accounts = Accounts([Account(object=PAGE, id="0", token="given")])
    for number in range(1, MAX_ACCOUNTS):
        accounts.put(Account(object=PAGE, id=str(number), token=f"t{number}"))
    with pytest.raises(ValueError, match="accounts already"):
        accounts.put(Account(object=PAGE, id="more"))
    newest = "given"
    for _ in range(MAX_ACCOUNTS + 1):
        newest = accounts.renew(newest)
    assert accounts.of_token("given") is None
    assert accounts.me(newest, PAGE) == accounts.get("0")
    accounts.clear()
    assert accounts.of_token(newest) is None
    assert accounts.me("given") == accounts.me("unknown", PAGE) == accounts.get("0")


def said(**message: Any) -> dict[str, Any]:
    return {"recipient": {"id": "5"}, "messaging_type": "RESPONSE", "message": message}


def replies(count: int, title: str = "Yes", payload: str = "y") -> dict[str, Any]:
    one = {"content_type": "text", "title": title, "payload": payload}
    return said(text="?", quick_replies=[one] * count)


IMAGE = {"type": "image", "payload": {"attachment_id": CAT.id}}
TAGGED = said(text="x") | {"messaging_type": "MESSAGE_TAG"}
LINK = {"type": "file", "payload": {"url": "https://example.org/a.pdf"}}


@pytest.mark.parametrize(
    ("label", "platform", "body"),
    [
        ("2000 characters", PAGE, said(text="ä" * 2000)),
        ("1000 bytes", INSTAGRAM, said(text="ä" * 500)),
        ("13 quick replies", PAGE, replies(13, "x" * 20, "x" * 1000)),
        ("an upload", PAGE, said(attachment=IMAGE)),
        ("several images", INSTAGRAM, said(attachments=[IMAGE, IMAGE])),
        ("by media share", INSTAGRAM,
         said(attachment={"type": "MEDIA_SHARE", "payload": {"id": CAT.id}})),
        ("a heart", INSTAGRAM, said(attachment={"type": "like_heart"})),
        ("a template", PAGE, said(attachment={"type": "template", "payload": {"text": "?"}})),
        ("a link", PAGE, said(attachment=LINK)),
        ("by a tag", PAGE, TAGGED | {"tag": "HUMAN_AGENT"}),
        ("to a comment", INSTAGRAM, said(text="x") | {"recipient": {"comment_id": "7"}}),
        ("typing", PAGE, {"recipient": {"id": "5"}, "sender_action": "typing_on"}),
    ],
)  # fmt: skip
def test_sends_a_page_may_make(label: str, platform: Platform, body: dict[str, Any]) -> None:
    send = page_sends.read(platform, "9", body, FILES)
    assert send.call.phone_number_id == "9", label
    assert send.call.object == platform


@pytest.mark.parametrize(
    ("label", "platform", "body", "code", "subcode"),
    [
        ("not an object", PAGE, [], 100, None),
        ("nobody", PAGE, said(text="x") | {"recipient": {}}, 100, None),
        ("nothing", PAGE, said(), 100, None),
        ("no words", PAGE, said(text=""), 100, None),
        ("2001 characters", PAGE, said(text="x" * 2001), 100, None),
        ("1001 bytes", INSTAGRAM, said(text="ä" * 500 + "x"), 100, None),
        ("14 quick replies", PAGE, replies(14), 100, None),
        ("too long a title", INSTAGRAM, replies(1, title="x" * 21), 100, None),
        ("too long a payload", PAGE, replies(1, payload="x" * 1001), 100, None),
        ("words and a file", INSTAGRAM, said(text="x", attachment=IMAGE), 100, None),
        ("a kind nobody knows", PAGE, said(attachment={"type": "smell"}), 100, None),
        ("a heart from a page", PAGE, said(attachment={"type": "like_heart"}), 100, None),
        ("a file nobody has", PAGE,
         said(attachment={"type": "image", "payload": {"attachment_id": "404"}}), 100, 2018074),
        ("a file from nowhere", PAGE, said(attachment={"type": "image", "payload": {}}), 100, None),
        ("a tag without a name", PAGE, TAGGED, 100, None),
        ("no such type", PAGE, said(text="x") | {"messaging_type": "SHOUT"}, 100, None),
        ("an unknown action", PAGE, {"recipient": {"id": "5"}, "sender_action": "wink"}, 100, None),
        ("an action and words", PAGE, TAGGED | {"sender_action": "typing_on"}, 100, 2018064),
        ("a reaction to nothing", INSTAGRAM,
         {"recipient": {"id": "5"}, "sender_action": "react"}, 100, None),
    ],
)  # fmt: skip
def test_sends_a_page_may_not_make(
    label: str, platform: Platform, body: Any, code: int, subcode: int | None
) -> None:
    with pytest.raises(Refused) as refused:
        page_sends.read(platform, "9", body, FILES)
    assert (refused.value.code, refused.value.subcode) == (code, subcode), label
