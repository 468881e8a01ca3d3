"""Single values, read tolerantly."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapter.fields import MAX_ID, identifier, listed, moment, number, raw, sentence

MOMENT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1790000000", MOMENT),
        (1790000000, MOMENT),
        (1790000000.5, MOMENT.replace(microsecond=500000)),
        ("1790000000123", MOMENT.replace(microsecond=123000)),
        (1790000000123, MOMENT.replace(microsecond=123000)),
        ("", None),
        ("yesterday", None),
        ("-1", None),
        (0, None),
        (-5, None),
        (True, None),
        (None, None),
        ([], None),
        (float("inf"), None),
        (float("nan"), None),
        ("9" * 15, None),
        ("9" * 99, None),
        ("١٧٩", None),
    ],
)
def test_moments(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), (7, "7"), ("", None), (None, None), (True, None), (1.5, None), ({}, None),
     ("x" * MAX_ID, "x" * MAX_ID), ("x" * (MAX_ID + 1), None)],
)  # fmt: skip
def test_identifiers(value: Any, expected: str | None) -> None:
    assert identifier(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), (-0.5, -0.5), ("7", 7), ("-33.85", -33.85), ("1e3", 1000.0), (True, None), ("", None),
     ("north", None), ("nan", None), ("inf", None), (float("inf"), None), (None, None), ([], None),
     ("9" * 41, None)],
)  # fmt: skip
def test_numbers(value: Any, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" a ", "a"), ("", None), ("  ", None), (7, None), (None, None), ("x" * 9, "xxxx")],
)
def test_sentences(value: Any, expected: str | None) -> None:
    assert sentence(value, longest=4) == expected


@pytest.mark.parametrize(("value", "expected"), [([1], [1]), ({}, []), (None, []), ("x", [])])
def test_lists(value: Any, expected: list[Any]) -> None:
    assert listed(value) == expected


def test_raw_keeps_integers_beyond_64_bits() -> None:
    assert raw({"n": 2**70}) == b'{"n":1180591620717411303424}'
