"""What each kind of part becomes: rows of a part and its fields of the body Meta gets."""

from typing import Any

import pytest

from adapter.deliver.call import CannotSend, Handed
from contracts.parts import Alias, Media, Part
from ingest_whatsapp.capabilities import CAPABILITIES
from ingest_whatsapp.requests import PARTS, RECIPIENTS, reaction_of, request_of
from support import whatsapp as wa
from support.delivery import action, command

LINK = Handed(link="https://shop.example/offer.pdf")
UPLOADED = Handed(id="2003")
ENVELOPE = ("messaging_product", "recipient_type", "to", "biz_opaque_callback_data")
FILE = Media(ref="file:ws/upload/cat", filename="Offer.pdf")

BUTTONS = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]
ROWS = [{"id": "a", "title": "Tea", "description": "Green"}, {"id": "b", "title": "Milk"}]
ADA = {"name": "Ada", "phones": [{"phone": "+1", "type": "WORK", "wa_id": "1"}]}


def interactive(kind: str, action: dict[str, Any], **frame: Any) -> dict[str, Any]:
    fields = {"type": kind, "body": {"text": "Which?"}, "action": action, **frame}
    return {"type": "interactive", "interactive": fields}


ROWS_OF_PARTS: dict[str, tuple[Part, Handed | None, dict[str, Any]]] = {
    "text": (
        Part(kind="text", text="Hello"),
        None,
        {"type": "text", "text": {"body": "Hello", "preview_url": False}},
    ),
    "text with a preview": (
        Part(kind="text", text="https://x", data={"preview_url": True}),
        None,
        {"type": "text", "text": {"body": "https://x", "preview_url": True}},
    ),
    "image": (
        Part(kind="image", text="Look", media=FILE),
        UPLOADED,
        {"type": "image", "image": {"id": "2003", "caption": "Look"}},
    ),
    "video": (
        Part(kind="video", media=FILE),
        LINK,
        {"type": "video", "video": {"link": LINK.link}},
    ),
    "audio": (Part(kind="audio", media=FILE), UPLOADED, {"type": "audio", "audio": {"id": "2003"}}),
    "voice": (
        Part(kind="audio", media=FILE, data={"voice": True}),
        UPLOADED,
        {"type": "audio", "audio": {"id": "2003", "voice": True}},
    ),
    "document": (
        Part(kind="document", text="Ours", media=FILE),
        LINK,
        {
            "type": "document",
            "document": {"link": LINK.link, "caption": "Ours", "filename": "Offer.pdf"},
        },
    ),
    "sticker": (
        Part(kind="sticker", media=FILE),
        UPLOADED,
        {"type": "sticker", "sticker": {"id": "2003"}},
    ),
    "location": (
        Part(kind="location", data={"latitude": 0, "longitude": 9.5, "name": "Here"}),
        None,
        {"type": "location", "location": {"latitude": 0, "longitude": 9.5, "name": "Here"}},
    ),
    "contacts": (
        Part(kind="contacts", data={"contacts": [{**ADA, "emails": ["a@b.c"], "org": "Engines"}]}),
        None,
        {
            "type": "contacts",
            "contacts": [
                {
                    "name": {"formatted_name": "Ada", "first_name": "Ada"},
                    "phones": ADA["phones"],
                    "emails": [{"email": "a@b.c"}],
                    "org": {"company": "Engines"},
                }
            ],
        },
    ),
    "buttons": (
        Part(
            kind="buttons", text="Which?", data={"buttons": BUTTONS, "header": "H", "footer": "F"}
        ),
        None,
        interactive(
            "button",
            {
                "buttons": [
                    {"type": "reply", "reply": {"id": "y", "title": "Yes"}},
                    {"type": "reply", "reply": {"id": "n", "title": "No"}},
                ]
            },
            header={"type": "text", "text": "H"},
            footer={"text": "F"},
        ),
    ),
    "list": (
        Part(
            kind="list",
            text="Which?",
            data={"button": "Open", "sections": [{"title": "Drinks", "rows": ROWS}]},
        ),
        None,
        interactive("list", {"button": "Open", "sections": [{"title": "Drinks", "rows": ROWS}]}),
    ),
    "link_button": (
        Part(kind="link_button", text="Which?", data={"title": "Shop", "url": "https://x"}),
        None,
        interactive(
            "cta_url",
            {"name": "cta_url", "parameters": {"display_text": "Shop", "url": "https://x"}},
        ),
    ),
    "template": (
        Part(
            kind="template",
            text="Welcome, Ada",
            data={"name": "welcome", "language": "en_US", "components": [{"type": "body"}]},
        ),
        None,
        {
            "type": "template",
            "template": {
                "name": "welcome",
                "language": {"code": "en_US"},
                "components": [{"type": "body"}],
            },
        },
    ),
    "template without anything": (
        Part(kind="template", data={"name": "hello", "language": "en_US", "components": []}),
        None,
        {"type": "template", "template": {"name": "hello", "language": {"code": "en_US"}}},
    ),
    "platform": (
        Part(kind="platform", data={"type": "interactive", "interactive": {"type": "flow"}}),
        None,
        {"type": "interactive", "interactive": {"type": "flow"}},
    ),
}


@pytest.mark.parametrize(("part", "file", "fields"), ROWS_OF_PARTS.values(), ids=ROWS_OF_PARTS)
def test_a_part_becomes_its_fields(part: Part, file: Handed | None, fields: dict[str, Any]) -> None:
    asked = command(part)
    assert request_of(asked, file) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": wa.PERSON,
        "biz_opaque_callback_data": asked.id,
        **fields,
    }


def test_everything_whatsapp_says_it_can_has_a_row() -> None:
    assert {*CAPABILITIES.kinds, *CAPABILITIES.media, "text", "buttons", "list"} == PARTS.keys()
    assert set(CAPABILITIES.address_kinds) == RECIPIENTS.keys()


@pytest.mark.parametrize(
    ("alias", "fields"),
    [
        (Alias(kind="phone", value="1650"), {"recipient_type": "individual", "to": "1650"}),
        (Alias(kind="wa_id", value="x1"), {"recipient_type": "individual", "to": "x1"}),
        (Alias(kind="bsuid", value="US.1"), {"recipient_type": "individual", "recipient": "US.1"}),
        (Alias(kind="group", value="G1"), {"recipient_type": "group", "to": "G1"}),
    ],
    ids=lambda row: row.kind if isinstance(row, Alias) else "",
)
def test_an_alias_goes_where_meta_takes_it(alias: Alias, fields: dict[str, str]) -> None:
    body = request_of(command(to=[Alias(kind="parent_bsuid", value="US.ENT.1"), alias]))
    assert {name: body[name] for name in body if name in {"recipient_type", "to", "recipient"}} == (
        fields
    )


def test_a_reply_names_the_message_it_answers() -> None:
    assert request_of(command(reply_to="wamid.1"))["context"] == {"message_id": "wamid.1"}


@pytest.mark.parametrize(
    "part",
    [
        Part(kind="hologram"),
        Part(kind="text"),
        Part(kind="image"),
        Part(kind="audio", text="words", media=FILE),
        Part(kind="location", data={"latitude": 1}),
        Part(kind="contacts", data={"contacts": [{"phones": []}]}),
        Part(kind="buttons", text="Which?", data={"buttons": []}),
        Part(kind="buttons", data={"buttons": BUTTONS}),
        Part(kind="buttons", text="Which?", data={"buttons": [{"id": "y"}]}),
        Part(kind="list", text="Which?", data={"button": "Open", "sections": [{}]}),
        Part(kind="link_button", text="Which?", data={"title": "Shop"}),
        Part(kind="template", data={"name": "welcome"}),
        Part(kind="platform", data={}),
        Part(kind="platform", data={"type": "interactive"}),
        Part(kind="platform", data={"type": "../x", "../x": {}}),
        *(
            Part(kind="platform", data={"type": "text", "text": {"body": "x"}, name: "mine"})
            for name in (*ENVELOPE, "recipient", "status")
        ),
    ],
    ids=lambda part: f"{part.kind} {part.data}",
)
def test_what_lacks_something_is_refused_as_content(part: Part) -> None:
    file = UPLOADED if part.media else None
    with pytest.raises(CannotSend) as cannot:
        request_of(command(part), file)
    assert cannot.value.problem.kind == "content"


@pytest.mark.parametrize(("word", "emoji", "sent"), [("react", "👍", "👍"), ("unreact", None, "")])
def test_a_reaction_is_a_message(word: Any, emoji: str | None, sent: str) -> None:
    asked = action(word, external_id="wamid.1", emoji=emoji)
    assert reaction_of(asked) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": wa.PERSON,
        "type": "reaction",
        "reaction": {"message_id": "wamid.1", "emoji": sent},
        "biz_opaque_callback_data": asked.id,
    }


@pytest.mark.parametrize(
    "asked", [action("react", emoji=None), action("unreact", external_id=None)]
)
def test_a_reaction_to_nothing_is_refused(asked: Any) -> None:
    with pytest.raises(CannotSend):
        reaction_of(asked)
