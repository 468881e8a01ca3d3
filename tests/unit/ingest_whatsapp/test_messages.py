"""What the types of messages become, where authors and documents differ. The rest is golden."""

from typing import Any

import pytest

from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.normalize.content import CONTENT
from support import whatsapp as wa
from support.goldens import events_of

FILE = {"id": "1003", "mime_type": "image/jpeg"}
REPLY = {"id": "yes", "title": "Yes"}
EMPTY: tuple[Any, ...] = (None, [], "x", 7, {}, [[]])
"""Nothing any type can be made of."""


def event_of(type_: str, content: Any, **fields: Any) -> dict[str, Any]:
    """The one event of a message of this type."""
    message = wa.text(1, type=type_, **{type_: content}, **fields)
    (event,) = events_of(WHATSAPP, wa.body(wa.value(messages=[message])))
    return event


def part_of(type_: str, content: Any, **fields: Any) -> dict[str, Any]:
    event = event_of(type_, content, **fields)
    assert event["type"] == "sluice.message.v1", event
    (part,) = event["data"]["parts"]
    return dict(part)


def interactive(type_: str, reply: Any) -> dict[str, Any]:
    return {"type": type_, type_: reply}


@pytest.mark.parametrize(
    ("type_", "content", "part"),
    [
        ("image", FILE, {"kind": "image", "media": {"ref": "1003", "mime_type": "image/jpeg"}}),
        ("image", {"id": 1003}, {"kind": "image", "media": {"ref": "1003"}}),
        ("image", {"id": "1", "caption": ""}, {"kind": "image", "media": {"ref": "1"}}),
        ("image", {"id": "1", "sha256": 7, "mime_type": None},
         {"kind": "image", "media": {"ref": "1"}}),
        ("image", {"link": "https://cdn.example/1"},
         {"kind": "image",
          "media": {"ref": "https://cdn.example/1", "url": "https://cdn.example/1"}}),
        ("image", {"id": "1", "url": "x" * 5000}, {"kind": "image", "media": {"ref": "1"}}),
        ("document", {"id": "1", "filename": "x" * 999},
         {"kind": "document", "media": {"ref": "1", "filename": "x" * 255}}),
        ("voice", {"id": "1"}, {"kind": "audio", "media": {"ref": "1"}, "data": {"voice": True}}),
        ("audio", {"id": "1", "voice": "true"}, {"kind": "audio", "media": {"ref": "1"}}),
        ("location", {"latitude": 0, "longitude": "-0.5", "name": "", "url": 7},
         {"kind": "location", "data": {"latitude": 0, "longitude": -0.5}}),
        ("contacts", [{}, {"phones": None}, {"name": "Ole", "phones": ["x", {"phone": 1}]}],
         {"kind": "contacts", "data": {"contacts": [
             {"phones": []}, {"name": "Ole", "phones": [{}, {"phone": "1"}]}]}}),
        ("button", {"payload": "p"},
         {"kind": "choice", "data": {"id": "p", "source": "template"}}),
        ("interactive", interactive("button_reply", {"title": "Yes"}),
         {"kind": "choice", "text": "Yes", "data": {"id": "Yes", "source": "button"}}),
        ("interactive", interactive("button_reply", {"id": "y"}),
         {"kind": "choice", "data": {"id": "y", "source": "button"}}),
        ("interactive", interactive("nfm_reply", {"response_json": "[1]"}),
         {"kind": "form", "data": {"response": "[1]"}}),
        ("interactive", interactive("nfm_reply", {"response_json": {"a": 1}}),
         {"kind": "form", "data": {"response": {"a": 1}}}),
        ("interactive", interactive("nfm_reply", {"body": "Sent"}),
         {"kind": "form", "text": "Sent", "data": {"response": None}}),
        ("interactive", {"type": "product", "action": {"product_retailer_id": "mug"}},
         {"kind": "product", "data": {"id": "mug"}}),
        ("order", {"product_items": [{"product_retailer_id": 7}, "x"]},
         {"kind": "order", "data": {"items": [{"id": "7"}]}}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_loose_is_read(type_: str, content: Any, part: dict[str, Any]) -> None:
    assert part_of(type_, content) == part


@pytest.mark.parametrize(
    ("type_", "content", "why"),
    [
        *((type_, content, "malformed") for type_ in CONTENT for content in EMPTY),
        ("location", {"latitude": "nan", "longitude": 1}, "malformed"),
        ("location", {"latitude": True, "longitude": 1}, "malformed"),
        ("location", {"latitude": 1}, "malformed"),
        ("order", {"product_items": []}, "malformed"),
        ("interactive", interactive("nfm_reply", None), "malformed"),
        ("interactive", interactive("call_permission_reply", {}), "malformed"),
        ("interactive", interactive("product", {"title": "Mug"}), "malformed"),
        ("interactive", interactive("button_reply", {}), "malformed"),
        ("interactive", {"type": ["button_reply"], "button_reply": REPLY}, "malformed"),
        ("interactive", interactive("séance", REPLY), "unknown_kind"),
        ("reaction", {"emoji": "👍"}, "malformed"),
        ("edit", {"message": {"type": "text", "text": {"body": "x"}}}, "malformed"),
        ("edit", {"original_message_id": "1", "message": {"type": ["text"]}}, "unknown_kind"),
        ("edit", {"original_message_id": "1"}, "unknown_kind"),
        ("edit", {"original_message_id": "1", "message": {"type": "text"}}, "malformed"),
        ("revoke", {}, "malformed"),
        ("system", {}, "malformed"),
        ("system", {"type": "user_changed_number"}, "malformed"),
        ("ephemeral", None, "unknown_kind"),
        ("unsupported", None, "unknown_kind"),
    ],
    ids=str,
)  # fmt: skip
def test_what_lacks_what_it_needs_is_kept_raw_and_shown(type_: str, content: Any, why: str) -> None:
    event = event_of(type_, content)
    assert event["type"] == "sluice.unsupported.v1"
    assert (event["data"]["why"], event["data"]["external_id"]) == (why, "wamid.TEXT000001")
    assert event["data"]["contact"]["name"] == "Sheena Nelson"


@pytest.mark.parametrize("emoji", [{}, {"emoji": ""}, {"emoji": None}])
def test_a_reaction_is_removed_in_three_ways(emoji: dict[str, Any]) -> None:
    event = event_of("reaction", {"message_id": "wamid.1", **emoji})
    assert event["type"] == "sluice.reaction.v1"
    assert "emoji" not in event["data"]


def test_a_removal_is_another_event_than_the_reaction() -> None:
    messages = [
        wa.text(n, type="reaction", reaction={"message_id": "wamid.1", "emoji": emoji})
        for n, emoji in enumerate(["👍", "", "👍"])
    ]
    events = events_of(WHATSAPP, wa.body(wa.value(messages=messages)))
    assert len({event["id"] for event in events}) == 3


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"forwarded": True}, {"forwarded": True}),
        ({"frequently_forwarded": True}, {"forwarded": True}),
        ({"id": "M0"}, {"forwarded": False}),
        ({"id": 7}, {"forwarded": False, "reply_to": "7"}),
        ({"id": "", "from": wa.PERSON}, {"forwarded": False}),
        ([], {"forwarded": False}),
        ("wamid.1", {"forwarded": False}),
        (None, {"forwarded": False}),
    ],
)
@pytest.mark.parametrize("type_", ["text", "image"])
def test_contexts(type_: str, context: Any, said: dict[str, Any]) -> None:
    content = {"body": "Hello"} if type_ == "text" else FILE
    data = event_of(type_, content, context=context)["data"]
    assert {key: data[key] for key in ("forwarded", "reply_to") if key in data} == said


@pytest.mark.parametrize("type_", ["text", "image"])
def test_a_question_about_a_product(type_: str) -> None:
    product = {"catalog_id": "1", "product_retailer_id": "mug"}
    content = {"body": "Hello"} if type_ == "text" else FILE
    assert part_of(type_, content, context={"referred_product": product})["data"] == {
        "product": product
    }


@pytest.mark.parametrize(
    ("field", "fields", "marks"),
    [
        ("messages", {}, {"direction": "inbound"}),
        ("standby", {}, {"direction": "inbound", "standby": True}),
        ("smb_message_echoes", {"to": wa.PERSON}, {"direction": "outbound", "via": "app"}),
        ("message_echoes", {"to": wa.PERSON}, {"direction": "outbound", "via": "app"}),
    ],
)
def test_the_marks_of_a_lane(field: str, fields: dict[str, Any], marks: dict[str, Any]) -> None:
    name = "message_echoes" if "echoes" in field else "messages"
    value = wa.value() | {name: [wa.text(1, **fields)]}
    (event,) = events_of(WHATSAPP, wa.body(value, field=field))
    found = {key: event["data"].get(key) for key in ("direction", "standby", "via")}
    assert {key: mark for key, mark in found.items() if mark} == marks
    assert event["data"]["contact"]["aliases"] == [{"kind": "phone", "value": wa.PERSON}]


def test_the_same_message_by_two_lanes_is_one_event() -> None:
    live = events_of(WHATSAPP, wa.body(wa.value(messages=[wa.text(1)])))
    standby = events_of(WHATSAPP, wa.body(wa.value(messages=[wa.text(1)]), field="standby"))
    threads = [{"id": wa.PERSON, "messages": [wa.text(1)]}]
    past = events_of(WHATSAPP, wa.body(wa.value(history=[{"threads": threads}]), field="history"))
    assert live[0]["id"] == standby[0]["id"] == past[0]["id"]
