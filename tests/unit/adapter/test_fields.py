"""Single values, read tolerantly."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapter.fields import MAX_ID, identifier, moment, raw

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


def test_raw_keeps_integers_beyond_64_bits() -> None:
    assert raw({"n": 2**70}) == b'{"n":1180591620717411303424}'
