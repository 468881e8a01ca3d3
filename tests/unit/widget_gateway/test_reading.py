"""Bytes of clients as frames: mended where nothing could hold them, answered where that can be."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_gateway.frames import NotAFrame, Say, TextPart
from widget_gateway.lines.reading import Unreadable, read

ID = "c" * 16


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


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_every_text_stays_as_it_is(text: str) -> None:
    assert text_of(orjson.dumps(text).decode()[1:-1]) == text


NO_FRAMES = (
    b"", b"{}", b"[]", b"null", b'{"t":"x"}', b'{"t":"ping"}', b"\xff", b'{"\\u0000":', b"[" * 9999,
    b'{"t":"message","id":"short","parts":[]}',
)  # fmt: skip


@pytest.mark.parametrize("raw", NO_FRAMES)
def test_what_is_no_frame(raw: bytes) -> None:
    with pytest.raises(NotAFrame):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"t":"message","id":"{ID}","parts":[]}}',
        f'{{"t":"message","id":"{ID}","parts":[{{"kind":"dance"}}]}}',
        f'{{"t":"rate","id":"{ID}","conversation":"x","score":9}}',
    ],
)
def test_what_can_be_answered_is(raw: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(raw.encode())
    assert unreadable.value.client_id == ID


@given(st.binary(max_size=200))
def test_no_bytes_break_anything(raw: bytes) -> None:
    with pytest.raises((NotAFrame, Unreadable)):
        read(raw)
