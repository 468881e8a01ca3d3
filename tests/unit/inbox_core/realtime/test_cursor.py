"""Cursors: their form, and which places of a log can be read on from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bus.ports import StreamState
from inbox_core.entrypoints.realtime.cursor import Cursor, epoch_of, misplaced, parse

CREATED = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
EPOCH = epoch_of(CREATED)
LOG = StreamState("CHANGES", CREATED, 10, 20, 11, 1000, 10_000)
NEVER_USED = replace(LOG, first_sequence=0, last_sequence=0, messages=0)
ALL_EXPIRED = replace(LOG, first_sequence=21, last_sequence=20, messages=0)


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("e7.0", Cursor("e7", 0)),
        ("hocpgtk5vg.184467", Cursor("hocpgtk5vg", 184467)),
        ("e7.007", None),
        ("e7.-1", None),
        ("E7.1", None),
        ("e7", None),
        ("e7.", None),
        (".1", None),
        ("e7.1.2", None),
        ("e7.1\n", None),
        ("e7.\u0661", None),
        ("e7." + "9" * 40, None),
        ("", None),
    ],
)
def test_the_form_of_a_cursor(text: str, cursor: Cursor | None) -> None:
    assert parse(text) == cursor
    assert cursor is None or str(cursor) == text


@pytest.mark.parametrize(
    ("log", "cursor", "reason"),
    [
        (LOG, Cursor(EPOCH, 15), None),
        (LOG, Cursor(EPOCH, 20), None),
        (LOG, Cursor(EPOCH, 9), None),
        (LOG, Cursor(EPOCH, 8), "cursor_expired"),
        (LOG, Cursor(EPOCH, 21), "cursor_expired"),
        (LOG, Cursor("0" + EPOCH, 15), "epoch"),
        (LOG, Cursor("e7", 999), "epoch"),
        (NEVER_USED, Cursor(EPOCH, 0), None),
        (NEVER_USED, Cursor(EPOCH, 1), "cursor_expired"),
        (ALL_EXPIRED, Cursor(EPOCH, 20), None),
        (ALL_EXPIRED, Cursor(EPOCH, 19), "cursor_expired"),
    ],
)
def test_where_one_can_read_on(log: StreamState, cursor: Cursor, reason: str | None) -> None:
    assert misplaced(cursor, log) == reason


def test_every_creation_time_has_an_epoch_of_its_own() -> None:
    moments = [CREATED + timedelta(microseconds=n) for n in range(100)]
    epochs = {epoch_of(moment) for moment in moments}
    assert len(epochs) == 100
    assert all(parse(f"{epoch}.1") for epoch in epochs)
