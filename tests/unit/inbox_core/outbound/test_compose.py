"""What a person wants to send becomes what the channel can carry, or is refused with the limit."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from contracts.capabilities import TextLimit
from contracts.parts import Part
from inbox_core.app.capabilities import FALLBACK
from inbox_core.app.cards import MAP
from inbox_core.app.compose import MAX_PIECES, compose
from inbox_core.app.drafts import AnyDraft
from inbox_core.app.pieces import for_adapter
from inbox_core.domain.errors import NotSendable
from inbox_core.domain.files import File
from support.capable import MIB, capable

ANYTHING: TypeAdapter[AnyDraft] = TypeAdapter(AnyDraft)
NONE: dict[str, Any] = {"buttons": None, "list": None, "kinds": (), "media": {}}


def file(number: int, mime_type: str, size: int, name: str) -> File:
    key = f"w/upload/{number}"
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return File(UUID(int=number), UUID(int=0), key, "upload", mime_type, size, "ab", at, name)


FILES = {
    found.id: found
    for found in (
        file(1, "image/jpeg", MIB, "cat.jpg"),
        file(2, "image/webp", MIB, "cat.webp"),
        file(3, "audio/ogg", MIB, "note.ogg"),
        file(4, "image/jpeg", 6 * MIB, "huge.jpg"),
        file(5, "application/pdf", 101 * MIB, "book.pdf"),
        file(6, "video/mp4", MIB, "clip.mp4"),
    )
}


def composed(drafts: list[dict[str, Any]], **changed: Any) -> list[dict[str, Any]]:
    return compose([draft(one) for one in drafts], capable(**changed), FILES)


def draft(fields: dict[str, Any]) -> AnyDraft:
    return ANYTHING.validate_python(fields, strict=False)


def of(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "file", "file_id": str(UUID(int=number)), **more}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def buttons(count: int, title: str = "Yes", **more: Any) -> dict[str, Any]:
    rows = [{"id": f"b{n}", "title": f"{title}{n}"} for n in range(count)]
    return {"type": "buttons", "text": "Which?", "buttons": rows, **more}


def listed(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "list", "text": "Which?", "button": "Open",
        "sections": [{"rows": list(rows)}], **more,
    }  # fmt: skip


ROW = {"id": "r", "title": "Row"}
TOLD = {**ROW, "description": "best"}
PLACE = {"type": "location", "latitude": 52.5, "longitude": 13.25, "name": "Shop"}
CARD = {"name": "Bea", "phones": [{"phone": "+49 151", "type": "work"}], "emails": ["b@example"]}
LINK = {"type": "link_button", "text": "Look", "title": "Open", "url": "https://x.example/"}
CONTACTS = {"type": "contacts", "contacts": [CARD]}
TEMPLATE = {"type": "template", "name": "hello", "language": "de"}
PLATFORM = {"type": "platform", "message": {"type": "x"}}
LINKED = {"type": "file", "url": "https://x.example/a.jpg", "kind": "image"}
LONG = "A caption too long for it"
WIDE = buttons(2, "A title too long")
FRAMED = buttons(1, header="A header that is long", footer="Bye")
BODY = "x" * 39

SHOWN: list[Any] = [
    # the drafts, what the channel lacks; each part as kind: text, what was degraded
    ([text("hi")], {}, ["text: hi"], []),
    ([text("one two")], {"text": TextLimit(max=4)}, ["text: one", "text: two"], []),
    ([of(1)], {}, ["image"], []),
    ([of(1), text("A cat")], {}, ["image: A cat"], []),
    ([text("A cat"), of(1)], {}, ["image: A cat"], []),
    ([of(1), text(LONG)], {}, ["image", f"text: {LONG}"], []),
    ([of(1), of(1), text("Cats")], {}, ["image", "image", "text: Cats"], []),
    ([of(1, caption="A"), of(1, caption="B")], {}, ["image: A", "image: B"], []),
    ([of(3, caption="A note", voice=True)], {}, ["audio", "text: A note"], []),
    ([of(3), text("A note")], {}, ["audio", "text: A note"], []),
    ([of(2)], {}, ["document"], ["image"]),
    ([of(4)], {}, ["document"], ["image"]),
    ([of(1, kind="document")], {}, ["document"], []),
    ([of(6)], {}, ["document"], ["video"]),
    ([buttons(3)], {}, ["buttons: Which?"], []),
    ([buttons(4)], {}, ["list: Which?"], ["buttons"]),
    ([buttons(2)], {"buttons": None}, ["list: Which?"], ["buttons"]),
    ([buttons(2)], NONE, ["text: Which?\n\n1. Yes0\n2. Yes1"], ["buttons"]),
    ([WIDE], {}, ["text: Which?\n\n1. A title too long0\n2. A title too long1"], ["buttons"]),
    ([buttons(1, text=f"{BODY} and more")], {}, [f"text: {BODY}", "buttons: and more"], []),
    ([FRAMED], {}, ["buttons: A header that is long\n\nWhich?"], []),
    ([listed(ROW)], {}, ["list: Which?"], []),
    ([listed(ROW)], {"list": None}, ["buttons: Which?"], ["list"]),
    ([listed(TOLD)], {"list": None}, ["text: Which?\n\n1. Row: best"], ["list"]),
    ([PLACE], {}, ["location"], []),
    ([PLACE], NONE, [f"text: Shop\n{MAP}52.500000,13.250000"], ["location"]),
    ([CONTACTS], {}, ["contacts"], []),
    ([CONTACTS], NONE, ["text: Bea\nwork: +49 151\nb@example"], ["contacts"]),
    ([LINK], {}, ["link_button: Look"], []),
    ([LINK], NONE, ["text: Look\n\nOpen: https://x.example/"], ["link_button"]),
    ([TEMPLATE], {}, ["template"], []),
    ([PLATFORM], {}, ["platform"], []),
    ([LINKED], {}, ["image"], []),
]


def shown_as(piece: dict[str, Any]) -> str:
    return f"{piece['kind']}: {piece['text']}" if "text" in piece else str(piece["kind"])


@pytest.mark.parametrize(("drafts", "lacks", "shown", "noted"), SHOWN)
def test_what_goes_out(
    drafts: list[dict[str, Any]], lacks: dict[str, Any], shown: list[Any], noted: list[str]
) -> None:
    pieces = composed(drafts, **lacks)
    assert [shown_as(one) for one in pieces] == shown
    notes = [note for one in pieces for note in one.get("data", {}).get("degraded", ())]
    assert [note["from"] for note in notes] == noted
    for one in pieces:
        sent = Part.model_validate(for_adapter(one))
        assert "degraded" not in (sent.data or {})


REFUSED: list[Any] = [
    # the drafts, what the channel lacks; which of them is at fault, words of the reason
    ([text("hi"), of(5)], {}, "/parts/1", ("book.pdf", "101 MiB", "100 MiB")),
    ([of(1)], {"media": {}}, "/parts/0", ("cat.jpg", "image")),
    ([TEMPLATE], {"templates": False}, "/parts/0", ("templates",)),
    ([PLATFORM], {"kinds": ()}, "/parts/0", ("platform",)),
    ([text("x " * (MAX_PIECES + 1))], {"text": TextLimit(max=1)}, None, ("101", "100")),
]


@pytest.mark.parametrize(("drafts", "lacks", "pointer", "words"), REFUSED)
def test_what_is_refused_and_why(
    drafts: list[dict[str, Any]], lacks: dict[str, Any], pointer: str | None, words: tuple[str, ...]
) -> None:
    with pytest.raises(NotSendable) as refused:
        composed(drafts, **lacks)
    assert refused.value.pointer == pointer
    assert all(word in str(refused.value) for word in words)


def test_a_file_travels_by_its_key_and_keeps_its_name() -> None:
    [piece] = composed([of(1)])
    sent = Part.model_validate(for_adapter(piece)).media
    assert sent is not None
    assert (sent.ref, sent.filename, sent.size) == ("file:w/upload/1", "cat.jpg", MIB)


def test_a_type_nobody_announced_gets_short_texts_and_nothing_else() -> None:
    pieces = compose([draft(text("ä" * 900)), draft(buttons(2))], FALLBACK, {})
    assert [one["kind"] for one in pieces] == ["text", "text", "text"]
    with pytest.raises(NotSendable):
        compose([draft(of(1))], FALLBACK, FILES)
