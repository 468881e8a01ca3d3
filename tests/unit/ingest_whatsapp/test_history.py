"""History: thousands of messages of both sides, by thread, in one body."""

from typing import Any

import pytest

from ingest_whatsapp.normalize import WHATSAPP
from support import whatsapp as wa
from support.goldens import events_in, events_of, normalized

OURS = "15550783881"
MANY = 20_000


def history(*chunks: Any, **around: Any) -> bytes:
    value = wa.value(history=list(chunks), **around)
    del value["contacts"]
    return wa.body(value, field="history")


def chunk(*messages: Any, thread: str = wa.PERSON, **context: Any) -> dict[str, Any]:
    return {"threads": [{"id": thread, **context, "messages": list(messages)}]}


@pytest.mark.parametrize(
    ("writer", "direction"),
    [
        ({"from": wa.PERSON}, "inbound"),
        ({"from": OURS}, "outbound"),
        ({"from": f"+{OURS}"}, "outbound"),
        ({"from": int(OURS), "to": wa.PERSON}, "outbound"),
        ({"from": None}, "inbound"),
        ({"from": None, "to": wa.PERSON}, "outbound"),
        ({"from": "US.1"}, "inbound"),
    ],
)
def test_which_side_wrote(writer: dict[str, Any], direction: str) -> None:
    (event,) = events_of(WHATSAPP, history(chunk(wa.text(1) | writer)))
    assert event["data"]["direction"] == direction
    assert event["data"]["history"] is True
    assert {"kind": "phone", "value": wa.PERSON} in event["data"]["contact"]["aliases"]


def test_the_display_number_may_be_written_for_people() -> None:
    metadata = {"display_phone_number": "+1 555-078-3881", "phone_number_id": wa.ACCOUNT}
    body = history(chunk(wa.text(1) | {"from": OURS}), metadata=metadata)
    assert events_of(WHATSAPP, body)[0]["data"]["direction"] == "outbound"


def test_the_thread_names_the_person_by_all_they_have() -> None:
    context = {"user_id": "US.1", "username": "@sheena", "wa_id": wa.PERSON}
    (event,) = events_of(WHATSAPP, history(chunk(wa.text(1) | {"from": OURS}, context=context)))
    assert event["data"]["contact"] == {
        "aliases": [{"kind": "bsuid", "value": "US.1"}, {"kind": "phone", "value": wa.PERSON}],
        "username": "@sheena",
    }


def test_a_body_of_thousands_is_thousands_of_messages() -> None:
    made = normalized(WHATSAPP, history(chunk(*(wa.text(n) for n in range(MANY)))))
    assert made.outcomes == {("accepted", "history.text"): MANY}


def test_what_cannot_be_read_is_kept_and_shown_to_nobody() -> None:
    (event,) = events_of(WHATSAPP, history(chunk(wa.text(1, type="hologram"))))
    assert event["type"] == "sluice.unsupported.v1"
    assert event["data"]["external_id"] == "wamid.TEXT000001"
    assert "contact" not in event["data"]


def test_a_file_that_follows_is_an_edit_of_its_placeholder() -> None:
    (placeholder,) = events_of(WHATSAPP, history(chunk(wa.text(1, type="media_placeholder"))))
    file = wa.text(1, type="image", image={"id": "1003"})
    (edit,) = events_of(WHATSAPP, wa.body(wa.value(messages=[file]), field="history"))
    assert (placeholder["type"], edit["type"]) == ("sluice.message.v1", "sluice.edit.v1")
    assert placeholder["data"]["external_id"] == edit["data"]["external_id"]
    assert placeholder["id"] != edit["id"]


@pytest.mark.parametrize(
    ("found", "outcomes"),
    [
        ({"metadata": {"progress": 100}}, {("accepted", "history"): 1}),
        ({"threads": []}, {("accepted", "history"): 1}),
        ({"threads": "x"}, {("unsupported", "unknown_kind"): 1}),
        ({"errors": [{"code": 2593109}]}, {("accepted", "history_error"): 1}),
        ({"errors": ["x"]}, {("unsupported", "malformed"): 1}),
        ({"threads": [{}, "x", {"messages": ["x"]}]}, {("unsupported", "malformed"): 3}),
        ("x", {("unsupported", "malformed"): 1}),
    ],
    ids=str,
)
def test_chunks_without_messages(found: Any, outcomes: dict[tuple[str, str], int]) -> None:
    made = normalized(WHATSAPP, history(found))
    assert made.outcomes == outcomes
    assert len(events_in(made)) == sum(outcomes.values())
