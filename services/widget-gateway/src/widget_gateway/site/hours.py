"""Office hours: when somebody is there, by the clock on the site's own wall. Pure.

    Mo-Fr 09:00-12:30,13:30-17:00; Sa 10:00-14:00        the week
    2026-12-25, 2026-12-31 09:00-12:00                   holidays: closed, or as said

Times are wall-clock times of one time zone, so that they hold through the changes to summer time
and back: an hour that does not exist opens with the first minute after it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MINUTES_OF_DAY = 24 * 60
MAX_SPANS = 6
"""Of one day."""
MAX_HOLIDAYS = 100
LOOK_AHEAD_DAYS = 400
SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
MINUTE = timedelta(minutes=1)

Span = tuple[int, int]
"""Minutes from midnight: the first open one, and the first closed one."""
Day = tuple[Span, ...]


class NotHours(ValueError):
    """A sentence that says what is wrong."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`week`: Monday first. `holidays` stand in place of their weekday."""

    zone: ZoneInfo
    week: tuple[Day, ...]
    holidays: Mapping[date, Day] = field(default_factory=dict)

    def open_at(self, now: datetime) -> bool:
        """Whether somebody is there. `now` knows its time zone."""
        wall = now.astimezone(self.zone)
        minute = wall.hour * 60 + wall.minute
        return any(first <= minute < end for first, end in self._day(wall.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens next, in UTC; None while it is open, or when it never does."""
        if self.open_at(now):
            return None
        today = now.astimezone(self.zone).date()
        for ahead in range(LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            moments = [
                moment
                for first, _ in self._day(day)
                for moment in _moments(
                    datetime.combine(day, time(first // 60, first % 60)), self.zone
                )
                if moment > now
            ]
            if moments:
                return min(moments)
        return None

    def _day(self, day: date) -> Day:
        return self.holidays.get(day, self.week[day.weekday()])


def _moments(wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When the clock shows this: once, twice, or, where it jumps over it, just after."""
    twice = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [at for at in twice if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
    if shown:
        yield from shown
        return
    at = min(twice)
    while at.astimezone(zone).replace(tzinfo=None) < wall:
        at += MINUTE
    yield at


def parse_week(text: str) -> tuple[Day, ...]:
    """The week of a setting; days that are not named are closed. Raises NotHours."""
    week: dict[int, Day] = {}
    for rule in filter(None, (rule.strip() for rule in text.split(";"))):
        days, _, times = rule.partition(" ")
        for day in _days(days):
            if day in week:
                raise NotHours(f"{DAYS[day].capitalize()} is named twice")
            week[day] = _spans(times)
    if not week:
        raise NotHours("no day is named")
    return tuple(week.get(day, ()) for day in range(len(DAYS)))


def parse_holidays(text: str) -> dict[date, Day]:
    """Days that are not like their weekday. Raises NotHours."""
    found: dict[date, Day] = {}
    day: date | None = None
    for word in text.replace(",", " ").split():
        if SPAN.fullmatch(word):
            if day is None:
                raise NotHours("a date stands before its hours, as in 2026-12-31 09:00-12:00")
            found[day] = _spans(",".join([*_written(found[day]), word]))
            continue
        day = _date(word)
        if day in found:
            raise NotHours(f"{day} is named twice")
        found[day] = ()
    if len(found) > MAX_HOLIDAYS:
        raise NotHours(f"{MAX_HOLIDAYS} dates at the most")
    return found


def _date(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise NotHours(f"{word[:20]!r} is not a date as in 2026-12-25") from None


def _days(text: str) -> Iterator[int]:
    for word in text.lower().split(","):
        first, dash, last = word.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise NotHours(f"{word[:20]!r} is not a day; days are Mo, Tu, We, Th, Fr, Sa, Su")
        start = DAYS.index(first)
        count = (DAYS.index(last) - start) % len(DAYS) + 1 if dash else 1
        yield from ((start + step) % len(DAYS) for step in range(count))


def _spans(text: str) -> Day:
    spans: list[Span] = []
    for word in (word.strip() for word in text.split(",")):
        match = SPAN.fullmatch(word)
        if match is None:
            raise NotHours(f"{word[:20]!r} is not a span as in 09:00-17:00")
        hour, minute, end_hour, end_minute = map(int, match.groups())
        first, end = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) > 59 or end > MINUTES_OF_DAY:  # noqa: PLR2004 - minutes of an hour
            raise NotHours(f"{word!r} is no time of day")
        if end <= first:
            raise NotHours(f"{word!r} ends before it begins; what passes midnight is two spans")
        if spans and first < spans[-1][1]:
            raise NotHours(f"{word!r} begins before the span before it ends")
        spans.append((first, end))
    if len(spans) > MAX_SPANS:
        raise NotHours(f"{MAX_SPANS} spans a day at the most")
    return tuple(spans)


def _written(day: Day) -> list[str]:
    return [f"{first // 60:02}:{first % 60:02}-{end // 60:02}:{end % 60:02}" for first, end in day]
