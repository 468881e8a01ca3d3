"""A visitor's frames as events: what stands where, and what never changes from repeat to repeat."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from contracts import batch
from contracts.events import MessageEvent, RatingEvent, WatermarkEvent
from contracts.parts import Source, StoredFile
from support.exchange import a_channel, a_visitor
from widget_gateway.frames.frame import MAX_TEXT_BYTES
from widget_gateway.frames.said import Rate, Say
from widget_gateway.lines import normalize
from widget_gateway.lines.marks import Mark
from widget_gateway.lines.normalize import Unfit
from widget_gateway.lines.reading import read

AT = datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=UTC)
CHANNEL = a_channel()
ANONYMOUS = a_visitor(CHANNEL)
KNOWN = a_visitor(CHANNEL, "u1", id=ANONYMOUS.id, name="Ana", email="ana@shop.example")


def say(*parts: dict[str, Any], **more: Any) -> Say:
    said = {"t": "message", "id": "c" * 16, "parts": parts or [{"kind": "text", "text": "Hello"}]}
    frame = read(orjson.dumps({**said, **more}))
    assert isinstance(frame, Say)
    return frame


def event_of(raw: bytes) -> Any:
    return batch.decode_event(orjson.loads(raw))


def message(visitor: Any, said: Say, where: Source | None = None) -> MessageEvent:
    parts = normalize.parts_of(said, {})
    event = event_of(normalize.message(CHANNEL, visitor, said, parts, AT, where))
    assert isinstance(event, MessageEvent)
    return event


def test_a_message_is_known_by_the_browser_and_its_own_id() -> None:
    event = message(ANONYMOUS, say(), Source(page_url="https://shop.example/"))
    assert event.data.external_id == f"{ANONYMOUS.id}:{'c' * 16}"
    assert event.id == f"widget:{CHANNEL.account}:message:{event.data.external_id}"
    assert (event.time, event.account) == (AT, CHANNEL.account)
    assert event.data.source == Source(page_url="https://shop.example/")
    assert [alias.kind for alias in event.data.contact.aliases] == ["visitor"]


def test_to_identify_changes_the_names_and_not_the_message() -> None:
    before, after = message(ANONYMOUS, say()), message(KNOWN, say())
    assert (before.id, before.data.external_id) == (after.id, after.data.external_id)
    aliases = [(alias.kind, alias.value) for alias in after.data.contact.aliases]
    assert aliases == [("user", "u1"), ("visitor", ANONYMOUS.id)]


@pytest.mark.parametrize(
    ("visitor", "expected"),
    [
        (ANONYMOUS, ("Eve B", "eve@x.example", "+351 1")),
        (KNOWN, ("Ana", "ana@shop.example", "+351 1")),
    ],
    ids=["filled in", "proven goes first"],
)
def test_a_lead(visitor: Any, expected: tuple[str, str, str]) -> None:
    lead = {"name": " Eve\u202e\nB ", "email": "eve@x.example", "phone": "+351 1"}
    contact = message(visitor, say(lead=lead)).data.contact
    assert (contact.name, contact.email, contact.phone) == expected


def test_what_the_site_vouches_for_is_said_to_be() -> None:
    known = message(KNOWN, say()).data.contact
    assert (known.external_id, known.name_proven, known.email_proven) == ("u1", True, True)
    nameless = a_visitor(CHANNEL, "u2")
    told = message(nameless, say(lead={"name": "Eve"})).data.contact
    assert (told.external_id, told.name, told.name_proven) == ("u2", "Eve", None)
    assert message(ANONYMOUS, say(lead={"name": "Eve"})).data.contact.name_proven is None
    assert message(ANONYMOUS, say()).data.contact.external_id is None


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("image/png", "image"),
        ("video/mp4", "video"),
        ("audio/ogg", "audio"),
        ("application/pdf", "document"),
        ("text/html", "document"),
    ],
)
def test_a_file_is_where_it_lies(mime_type: str, kind: str) -> None:
    key = f"{CHANNEL.workspace_id}/media/2026/11/x"
    file = StoredFile(key=key, mime_type=mime_type, size=3, sha256="00", filename="a.bin")
    said = say({"kind": "file", "file": "handle"}, {"kind": "text", "text": "see"})
    first, second = normalize.parts_of(said, {"handle": file})
    assert (first.kind, second.text) == (kind, "see")
    assert first.media is not None
    assert (first.media.ref, first.media.stored, first.media.size) == (f"file:{key}", file, 3)


def test_a_file_nobody_uploaded_is_refused() -> None:
    with pytest.raises(Unfit) as unfit:
        normalize.parts_of(say({"kind": "file", "file": "forged"}), {})
    assert unfit.value.code == "file_refused"


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_texts_are_bounded_in_bytes_together(extra: int, *, fits: bool) -> None:
    half = "é" * (MAX_TEXT_BYTES // 4)
    said = say({"kind": "text", "text": half}, {"kind": "text", "text": half + "x" * extra})
    if fits:
        assert normalize.parts_of(said, {})[0].text == half
    else:
        with pytest.raises(Unfit) as unfit:
            normalize.parts_of(said, {})
        assert unfit.value.code == "too_long"


def test_what_json_blows_up_beyond_an_event_is_too_long() -> None:
    said = say({"kind": "text", "text": "\x01" * MAX_TEXT_BYTES})
    with pytest.raises(Unfit):
        message(ANONYMOUS, said)


def test_a_receipt_says_place_and_time() -> None:
    mark = Mark(uuid4(), "read", 7, AT)
    first, again = (normalize.watermark(CHANNEL, KNOWN, mark, AT) for _ in range(2))
    event = event_of(first)
    assert first == again
    assert isinstance(event, WatermarkEvent)
    assert (event.data.conversation_id, event.data.up_to_seq) == (mark.conversation, 7)
    assert (event.data.up_to, event.data.status) == (AT, "read")


def test_stars() -> None:
    rate = Rate(t="rate", id="r" * 16, conversation=uuid4(), score=4, comment="")
    event = event_of(normalize.rating(CHANNEL, ANONYMOUS, rate, AT))
    assert isinstance(event, RatingEvent)
    assert (event.data.score, event.data.comment) == (4, None)
    assert event.data.conversation_id == rate.conversation


@pytest.mark.parametrize(
    ("external", "expected"),
    [
        (f"{ANONYMOUS.id}:mine", "mine"),
        ("another:mine", None),
        (ANONYMOUS.id, None),
        (None, None),
    ],
    ids=["own", "another's", "no message", "none"],
)
def test_own_ids_alone_are_shown_again(external: str | None, expected: str | None) -> None:
    assert normalize.client_id(ANONYMOUS.id, external) == expected
