"""When silence means something: only of a busy channel, and only when it is long for this one."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox_core.domain.silence import is_silent

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("hours", "nothing_for", "silent"),
    [
        # 600 events an hour: six seconds between two, but never before a quarter of an hour
        ((600,) * 6, 15 * MINUTE, False),
        ((600,) * 6, 16 * MINUTE, True),
        # 20 an hour: three minutes between two, so an hour's wait
        ((20,) * 6, 60 * MINUTE, False),
        ((20,) * 6, 61 * MINUTE, True),
        # three busy hours are enough, two are not
        ((0, 20, 0, 20, 0, 20), 61 * MINUTE, True),
        ((0, 200, 0, 200, 0, 19), 24 * 60 * MINUTE, False),
        ((0,) * 6, 24 * 60 * MINUTE, False),
        ((), 24 * 60 * MINUTE, False),
    ],
)
def test_silence(hours: tuple[int, ...], nothing_for: timedelta, *, silent: bool) -> None:
    assert is_silent(hours, NOW - nothing_for, NOW) == silent


def test_a_channel_by_which_nothing_ever_came_is_not_silent() -> None:
    assert not is_silent((600,) * 6, None, NOW)
