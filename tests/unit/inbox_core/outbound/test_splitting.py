"""Texts are cut where a reader would cut them, within the limit, and lose no word."""

import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from contracts.capabilities import TextLimit
from inbox_core.app.splitting import size, split

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
FLAG = "\U0001f1e9\U0001f1ea"

ROWS: list[Any] = [
    # the text, the limit, its unit; the pieces
    ("short", 10, "characters", ["short"]),
    ("as long as it is", 16, "characters", ["as long as it is"]),
    ("one para\n\ntwo para", 12, "characters", ["one para", "two para"]),
    ("one line\ntwo line", 12, "characters", ["one line", "two line"]),
    ("One sentence. Two words", 18, "characters", ["One sentence.", "Two words"]),
    ("a few plain words here", 12, "characters", ["a few plain", "words here"]),
    ("exactly ten", 7, "characters", ["exactly", "ten"]),
    ("a   b", 3, "characters", ["a", "b"]),
    ("Hi.\n\nA long line of words", 14, "characters", ["Hi.\n\nA long", "line of words"]),
    ("abcdefgh", 3, "characters", ["abc", "def", "gh"]),
    ("äöüäöü", 5, "bytes", ["äö", "üä", "öü"]),
    (FAMILY * 3, 6, "characters", [FAMILY] * 3),
    (FLAG * 3, 9, "bytes", [FLAG] * 3),
    ("e\u0301" * 4, 3, "characters", ["e\u0301"] * 4),
    ("これは文です。これも文です。", 8, "characters", ["これは文です。", "これも文です。"]),
    ("e" + "\u0301" * 9, 4, "characters", ["e\u0301\u0301\u0301", "\u0301" * 4, "\u0301" * 2]),
]


@pytest.mark.parametrize(("text", "most", "unit", "pieces"), ROWS)
def test_where_a_text_is_cut(text: str, most: int, unit: Any, pieces: list[str]) -> None:
    assert split(text, TextLimit(max=most, unit=unit)) == pieces


WORDS = st.text(
    st.one_of(
        st.sampled_from(" \n\r\t.!?。abc" + FAMILY + FLAG + "\u0301\ufe0f\u0600\u00a0"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=300,
)


def bare(text: str) -> str:
    return "".join(text.split())


@given(WORDS, st.integers(8, 60), st.sampled_from(["characters", "bytes"]))
def test_every_piece_fits_and_no_word_is_lost(text: str, most: int, unit: Any) -> None:
    limit = TextLimit(max=most, unit=unit)
    pieces = split(text, limit)
    assert all(size(piece, limit) <= most for piece in pieces)
    assert bare("".join(pieces)) == bare(text)
    assert pieces == [text] or all(piece.strip() for piece in pieces)


@given(WORDS, st.integers(30, 60))
def test_no_character_is_cut_in_two(text: str, most: int) -> None:
    whole = {found.start() for found in regex.finditer(r"\X", text)} | {len(text)}
    longest = max((len(found) for found in regex.findall(r"\X", text)), default=0)
    at = 0
    for piece in split(text, TextLimit(max=most)):
        at = text.index(piece, at)
        assert at in whole or longest > most or not unicodedata.combining(piece[0])
        at += len(piece)
