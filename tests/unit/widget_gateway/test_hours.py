"""Office hours: a week, holidays, and the nights in which clocks are changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from widget_gateway.site.hours import Hours, NotHours, parse_holidays, parse_week

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "Mo-Fr 09:00-12:30,13:30-17:00; Sa 10:00-14:00"
HOLIDAYS = "2026-12-25, 2026-12-31 09:00-12:00"


def hours(week: str = WEEK, holidays: str = "", zone: str = "Europe/Berlin") -> Hours:
    return Hours(ZoneInfo(zone), parse_week(week), parse_holidays(holidays))


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        # 2026-11-23 is a Monday.
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00", None),
        ("2026-11-23 12:29", None),
        ("2026-11-23 12:30", "2026-11-23 13:30"),
        ("2026-11-23 16:59", None),
        ("2026-11-23 17:00", "2026-11-24 09:00"),
        ("2026-11-28 12:00", None),
        ("2026-11-28 14:00", "2026-11-30 09:00"),
        ("2026-11-29 12:00", "2026-11-30 09:00"),
        # Christmas Day is a Friday; New Year's Eve a Thursday, shorter than its weekday.
        ("2026-12-24 17:00", "2026-12-26 10:00"),
        ("2026-12-25 10:00", "2026-12-26 10:00"),
        ("2026-12-31 11:59", None),
        ("2026-12-31 13:45", "2027-01-01 09:00"),
    ],
)
def test_a_week_with_holidays(now: str, opens: str | None) -> None:
    office = hours(holidays=HOLIDAYS)
    expected = berlin(opens).astimezone(UTC) if opens else None
    assert office.next_opening(berlin(now)) == expected
    assert office.open_at(berlin(now)) is (opens is None)


def test_the_clock_on_the_wall_counts_through_the_year() -> None:
    office = hours()
    assert office.next_opening(berlin("2026-03-28 15:00")) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert office.next_opening(berlin("2026-10-24 15:00")) == datetime(2026, 10, 26, 8, tzinfo=UTC)


def test_an_opening_the_clock_jumps_over() -> None:
    """On 2026-03-29 it is 02:00 and then 03:00 at once: 02:30 never comes."""
    office = hours("Su 02:30-06:00")
    opens = office.next_opening(berlin("2026-03-29 01:30"))
    assert opens == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert office.open_at(opens)
    assert not office.open_at(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))


def test_an_opening_that_comes_twice() -> None:
    """On 2026-10-25 the hour from 02:00 comes again after 03:00 did not."""
    office = hours("Su 02:30-02:45")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert office.next_opening(berlin("2026-10-25 01:00")) == first
    assert office.next_opening(berlin("2026-10-25 02:50")) == second
    assert office.open_at(first)
    assert office.open_at(second)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
def test_zones_beside_the_hour(zone: str) -> None:
    office = hours("Mo-Su 09:00-17:00", zone=zone)
    for month in range(1, 13):
        opens = office.next_opening(datetime(2026, month, 3, 18, tzinfo=ZoneInfo(zone)))
        assert opens is not None
        assert opens.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") == "04 09:00"


def test_a_day_without_end_and_a_week_without_opening() -> None:
    assert hours("Mo-Su 00:00-24:00").open_at(berlin("2026-11-23 23:59"))
    dates = ", ".join(f"2026-12-{day:02}" for day in range(1, 32))
    assert hours("Mo 09:00-10:00", dates).next_opening(berlin("2026-11-30 11:00")) is not None


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Sa-Mo 10:00-11:00", [1, 0, 0, 0, 0, 1, 1]),
        ("mo,we 10:00-11:00;", [1, 0, 1, 0, 0, 0, 0]),
        ("Su-Su 10:00-11:00", [0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_days_may_be_a_range_or_a_list(text: str, week: list[int]) -> None:
    assert [len(day) for day in parse_week(text)] == week


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Mi 09:00-17:00", "'mi' is not a day"),
        ("Mo", "is not a span"),
        ("Mo 9-17", "'9-17' is not a span"),
        ("Mo 09:00-08:00", "ends before it begins"),
        ("Mo 22:00-02:00", "passes midnight"),
        ("Mo 09:00-24:30", "is no time of day"),
        ("Mo 09:61-10:00", "is no time of day"),
        ("Mo 09:00-12:00,11:00-13:00", "begins before the span before it ends"),
        ("Mo-Fr 09:00-17:00; We 10:00-11:00", "We is named twice"),
        (";", "no day is named"),
    ],
)
def test_what_is_no_week_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(NotHours, match=sentence):
        parse_week(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("25.12.2026", "is not a date"),
        ("2026-02-30", "is not a date"),
        ("09:00-12:00", "a date stands before its hours"),
        ("2026-12-25, 2026-12-25", "named twice"),
    ],
)
def test_what_is_no_holiday_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(NotHours, match=sentence):
        parse_holidays(text)
