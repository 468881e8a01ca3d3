"""Bytes of clients as frames: mended where nothing could hold them, answered where that can be."""

from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_gateway.frames.codec import NotAFrame
from widget_gateway.frames.said import MAX_CURSORS, MAX_PARTS, Hello, Lead, Page, Say, TextPart
from widget_gateway.lines.reading import Unreadable, read

ID = "c" * 16
PART = r'{"kind":"text","text":"\u0000"}'


def text_of(escaped: str) -> str:
    raw = f'{{"t":"message","id":"{ID}","parts":[{{"kind":"text","text":"{escaped}"}}]}}'
    frame = read(raw.encode())
    assert isinstance(frame, Say)
    (part,) = frame.parts
    assert isinstance(part, TextPart)
    return part.text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a\u0000b", "a\ufffdb"),
        (r"a\ud83d b", "a\ufffd b"),
        (r"a\uDE00 b", "a\ufffd b"),
        (r"\ud83d\ude00", "😀"),
        (r"\\u0000", "\\u0000"),
        ("\u202eabc\u202c\u200b", "\u202eabc\u202c\u200b"),
    ],
    ids=["NUL", "half a pair", "other half", "a pair", "no escape", "directions"],
)
def test_text(escaped: str, text: str) -> None:
    assert text_of(escaped) == text


@pytest.mark.parametrize("text", ['"' * 9999, '\\"' * 9999, "\\" * 9999, "{}[],:" * 9999])
def test_what_a_text_is_made_of_makes_no_frame_of_it(text: str) -> None:
    assert text_of(orjson.dumps(text).decode()[1:-1]) == text


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_every_text_stays_as_it_is(text: str) -> None:
    assert text_of(orjson.dumps(text).decode()[1:-1]) == text


NO_FRAMES = (
    b"", b"{}", b"[]", b"null", b'{"t":"x"}', b'{"t":"ping"}', b"\xff", b'{"\\u0000":', b"[" * 9999,
    b'{"t":"message","id":"short","parts":[]}',
    f'{{"t":"message","id":"{ID}","parts":[{",".join([PART] * 50_000)}]}}'.encode(),
)  # fmt: skip


@pytest.mark.parametrize("raw", NO_FRAMES, ids=lambda raw: ascii(raw[:24]))
def test_what_is_no_frame(raw: bytes) -> None:
    with pytest.raises(NotAFrame):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"t":"message","id":"{ID}","parts":[]}}',
        f'{{"t":"message","id":"{ID}","parts":[{{"kind":"dance"}}]}}',
        f'{{"t":"rate","id":"{ID}","conversation":"x","score":9}}',
        f'{{"t":"message","id":"{ID}","parts":[{",".join([PART] * 11)}]}}',
        f'{{"t":"message","id":"{ID}","parts":[{PART}],"surplus":{[0] * 100_000}}}',
    ],
    ids=["no part", "no kind", "stars", "too many parts", "too much of what is ignored"],
)
def test_what_can_be_answered_is(raw: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(raw.encode())
    assert unreadable.value.client_id == ID


def test_the_largest_frame_of_ours_is_no_more_than_a_frame_may_hold() -> None:
    page = dict.fromkeys(Page.model_fields, "x")
    lead = dict.fromkeys(Lead.model_fields, "x")
    parts = [{"kind": "text", "text": "x"}] * MAX_PARTS
    said = {"t": "message", "id": ID, "parts": parts, "lead": lead, "page": page}
    assert isinstance(read(orjson.dumps(said | {"later": list(range(100))})), Say)
    hello = {"t": "hello", "proto": 1, "token": "x"}
    cursors = {str(uuid4()): 1 for _ in range(MAX_CURSORS)}
    assert isinstance(read(orjson.dumps(hello | {"cursors": cursors})), Hello)


@given(st.binary(max_size=200))
def test_no_bytes_break_anything(raw: bytes) -> None:
    with pytest.raises((NotAFrame, Unreadable)):
        read(raw)
