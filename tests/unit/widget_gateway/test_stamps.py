"""The time of a message: given once, proven in repeats, never before the message before it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.parts import rfc3339
from vault.signing import Signer
from widget_gateway.frames.said import Say
from widget_gateway.lines.reading import read
from widget_gateway.lines.stamps import GOOD_FOR, MOST_AHEAD, Stamps, utc

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
WHOLE = NOW.replace(microsecond=123000)
CHANNEL, VISITOR, ID = uuid4(), "v" * 22, "c" * 16
STAMPS = Stamps(Signer([b"k" * 32]))
STEP = timedelta(milliseconds=1)


def say(**more: Any) -> Say:
    raw = {"t": "message", "id": ID, "parts": [{"kind": "text", "text": "x"}], **more}
    frame = read(orjson.dumps(raw))
    assert isinstance(frame, Say)
    return frame


def stamp(said: Say) -> datetime:
    return STAMPS.stamp(CHANNEL, VISITOR, said, NOW)


def marked(at: datetime, of: Stamps = STAMPS, visitor: str = VISITOR, id_: str = ID) -> Say:
    return say(at=rfc3339(at), mark=of.mark(CHANNEL, visitor, id_, at))


EARLIER = WHOLE - timedelta(hours=5)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (say(), WHOLE),
        (marked(EARLIER), EARLIER),
        (say(at=rfc3339(EARLIER)), WHOLE),
        (say(at=rfc3339(EARLIER), mark="forged"), WHOLE),
        (say(at=rfc3339(EARLIER + STEP), mark=marked(EARLIER).mark), WHOLE),
        (marked(EARLIER, Stamps(Signer([b"x" * 32]))), WHOLE),
        (marked(EARLIER, visitor="another"), WHOLE),
        (marked(EARLIER, id_="d" * 16), WHOLE),
        (marked(WHOLE - GOOD_FOR), WHOLE),
        (say(after=rfc3339(EARLIER)), WHOLE),
        (say(after=rfc3339(WHOLE)), WHOLE + STEP),
        (say(after=rfc3339(WHOLE + timedelta(seconds=2))), WHOLE + timedelta(seconds=2) + STEP),
        (say(after="2199-01-01T00:00:00Z"), WHOLE + MOST_AHEAD + STEP),
        (say(after="2199-01-01T00:00:00"), WHOLE + MOST_AHEAD + STEP),
        (say(after="0001-01-01T00:00:00+14:00"), WHOLE),
    ],
    ids=["new", "a repeat", "unmarked", "forged", "another time", "another key",
         "another visitor", "another message", "too old", "long after", "at once after",
         "a clock ahead", "a lie", "without zone", "before the calendar"],
)  # fmt: skip
def test_the_time_of_a_message(said: Say, expected: datetime) -> None:
    assert stamp(said) == expected


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_no_time_of_a_client_breaks_anything(moment: datetime) -> None:
    known = utc(moment)
    assert known is None or known.tzinfo is UTC
