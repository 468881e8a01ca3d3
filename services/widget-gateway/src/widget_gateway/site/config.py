"""The site of a channel, read from its `config`: the table of what may stand there. Pure.

Checked by connect.py before a channel is connected, and read the same way by every replica.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from widget_gateway.site import origins
from widget_gateway.site.hours import Hours, NotHours, parse_holidays, parse_week
from widget_gateway.site.origins import Origins

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}")
FORM_FIELDS = ("name", "email", "phone")
MAX_CHARACTERS: Mapping[str, int] = {"title": 60, "greeting": 500, "away": 500}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""A greeting may have lines."""

FormMode = Literal["off", "optional", "required"]
Theme = Literal["auto", "light", "dark"]
Position = Literal["right", "left"]


@dataclass(frozen=True, slots=True)
class Site:
    """What a page shows and who may show it. `colour`: #rrggbb. `hours` None: always there.

    `away`: what is said when nobody is there. `csat`: stars are asked for after closing.
    """

    origins: Origins
    title: str | None = None
    greeting: str | None = None
    away: str | None = None
    colour: str | None = None
    position: Position = "right"
    theme: Theme = "auto"
    form: FormMode = "off"
    form_fields: tuple[str, ...] = FORM_FIELDS[:2]
    csat: bool = False
    language: str | None = None
    hours: Hours | None = None


class NotASite(ValueError):
    """`mistakes`: a sentence each, which begins with the name of the field."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes


class _Wrong(ValueError):
    """One field's mistake, without its name."""


def parse(config: Mapping[str, str]) -> Site:
    """The site. Empty values count as left out. Raises NotASite with everything that is wrong."""
    given = {name: text.strip() for name, text in config.items() if text.strip()}
    mistakes = [f"{name[:40]}: there is no such setting." for name in given if name not in KNOWN]
    found: dict[str, Any] = {}
    for name, read in READERS.items():
        if name in given:
            try:
                found[name] = read(given[name])
            except _Wrong as wrong:
                mistakes.append(f"{name}: {wrong}.")
    allowed, wrong_origins = origins.parse(re.split(r"[\s,]+", given.get("origins", "").strip()))
    mistakes += _origins(given, allowed, wrong_origins)
    hours = _hours(given, mistakes)
    if mistakes:
        raise NotASite(mistakes)
    return Site(origins=allowed, hours=hours, **found)


def _origins(given: Mapping[str, str], allowed: Origins, wrong: list[str]) -> list[str]:
    if "origins" not in given:
        return ["origins: name at least one origin, such as https://example.com."]
    if len(allowed.exact) + len(allowed.under) > origins.MAX_ORIGINS:
        return [f"origins: {origins.MAX_ORIGINS} at the most."]
    return wrong


def _text(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > MAX_CHARACTERS[name]:
            raise _Wrong(f"{MAX_CHARACTERS[name]} characters at the most")
        if CONTROL.search(text):
            raise _Wrong("control characters have no place in it")
        return text

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise _Wrong(f"{text[:20]!r} is none of {', '.join(words)}")
        return text.lower()

    return read


def _matching(pattern: re.Pattern[str], such_as: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise _Wrong(f"write it as {such_as}")
        return text

    return read


def _switch(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


def _form_fields(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(re.split(r"[\s,]+", text.lower())))
    for word in words:
        _one_of(*FORM_FIELDS)(word)
    return tuple(name for name in FORM_FIELDS if name in words)


READERS: Mapping[str, Callable[[str], Any]] = {
    "title": _text("title"),
    "greeting": _text("greeting"),
    "away": _text("away"),
    "colour": _matching(COLOUR, "#1a73e8"),
    "position": _one_of("right", "left"),
    "theme": _one_of("auto", "light", "dark"),
    "form": _one_of("off", "optional", "required"),
    "form_fields": _form_fields,
    "csat": _switch,
    "language": _matching(LANGUAGE, "en or pt-BR"),
}
"""setting → its reader; a field of Site has the same name."""
KNOWN = frozenset({*READERS, "origins", "hours", "time_zone", "holidays"})
"""`hours`, `holidays`: site/hours.py. `time_zone`: of both, as Europe/Berlin."""


def _hours(given: Mapping[str, str], mistakes: list[str]) -> Hours | None:
    """The hours; what is wrong with them goes to `mistakes`."""
    if "hours" not in given:
        mistakes += [
            f"{name}: it means nothing without hours." for name in ("holidays",) if name in given
        ]
    zone = _zone(given, mistakes)
    try:
        week = parse_week(given["hours"]) if "hours" in given else None
    except NotHours as wrong:
        mistakes.append(f"hours: {wrong}.")
        week = None
    try:
        holidays = parse_holidays(given.get("holidays", ""))
    except NotHours as wrong:
        mistakes.append(f"holidays: {wrong}.")
        holidays = {}
    return Hours(zone, week, holidays) if zone is not None and week is not None else None


def _zone(given: Mapping[str, str], mistakes: list[str]) -> ZoneInfo | None:
    name = given.get("time_zone")
    if name is None:
        if "hours" in given:
            mistakes.append("time_zone: hours need one, such as Europe/Berlin.")
        return None
    if ZONE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    mistakes.append(f"time_zone: {name[:40]!r} is not a zone such as Europe/Berlin.")
    return None
