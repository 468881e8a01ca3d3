"""A message of CHANGES: its pieces, who is sent them, and what cannot be read."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from bus.ports import Stored
from contracts.batch import encode, pack
from inbox_core.entrypoints.realtime.batches import Batch, Piece, batch_of, wanted
from inbox_core.entrypoints.realtime.frames import Ev, Subs
from support.realtime import change

WORKSPACE, OTHER = UUID(int=1), UUID(int=2)
CONVERSATION, ELSEWHERE = UUID(int=3), UUID(int=4)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def stored(body: bytes, subject: str = f"changes.{WORKSPACE}") -> Stored:
    return Stored(subject, body, "CHANGES", 7, NOW)


def batch(body: bytes) -> Batch:
    made = batch_of(stored(body))
    assert made is not None
    return made


def test_a_frame_holds_what_the_event_says() -> None:
    state = {"conversation_id": str(CONVERSATION), "text": "grüß dich 👋", "none": None}
    event = change(WORKSPACE, "message.created", uuid4(), 3, state)
    [piece] = batch(pack([encode(event)])).pieces
    frame = Ev.model_validate_json(piece.frame(12, "e7.7"))
    assert (frame.n, frame.cursor, frame.type) == (12, "e7.7", "message.created")
    assert (frame.id, frame.v, frame.data) == (event.data.entity_id, 3, state)
    assert "cursor" not in orjson.loads(piece.frame(1, None))


LIST = Piece(b"", None)
OPEN, SHUT = Piece(b"", str(CONVERSATION)), Piece(b"", str(ELSEWHERE))


@pytest.mark.parametrize(
    ("subs", "sent"),
    [
        (Subs(), {"list", "open", "shut"}),
        (Subs(list=False), {"open", "shut"}),
        (Subs(messages="open"), {"list"}),
        (Subs(open=CONVERSATION, messages="open"), {"list", "open"}),
        (Subs(list=False, open=CONVERSATION, messages="open"), {"open"}),
        (Subs(list=False, messages="open"), set()),
    ],
)
def test_who_is_sent_what(subs: Subs, sent: set[str]) -> None:
    pieces = {"list": LIST, "open": OPEN, "shut": SHUT}
    assert {name for name, piece in pieces.items() if wanted(subs, piece)} == sent


def good(**changes: Any) -> dict[str, Any]:
    event = change(WORKSPACE, "conversation.row_changed", CONVERSATION)
    item: dict[str, Any] = orjson.loads(encode(event))
    return {**item, **changes}


@pytest.mark.parametrize(
    "bad",
    [
        {},
        "text",
        None,
        good(data={}),
        good(workspace=str(OTHER)),
        good(type=7),
        good(type="message.created"),
    ],
    ids=["empty", "text", "null", "no data", "other's", "no type", "no conversation"],
)
def test_an_event_that_cannot_be_read_costs_no_other(bad: Any) -> None:
    made = batch(orjson.dumps([good(), bad, good()]))
    assert len(made.pieces) == 2


@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"[1"])
def test_a_body_that_cannot_be_read_is_a_batch_of_nothing(body: bytes) -> None:
    assert batch(body).pieces == ()


@pytest.mark.parametrize("subject", ["changes.me", "changes", "changes.1.2"])
def test_a_subject_of_no_workspace_is_passed_over(subject: str) -> None:
    assert batch_of(stored(b"[]", subject)) is None


def test_the_time_is_the_first_events() -> None:
    first = good(time="2026-11-21T10:00:00.000Z")
    made = batch(orjson.dumps([first, good()]))
    assert len(made.pieces) == 2
    assert made.happened_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
