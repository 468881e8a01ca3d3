"""Single values out of a provider's dict, read tolerantly. Used by every platform's normalize."""

import json
import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from contracts.parts import rfc3339

Wire = dict[str, Any]
"""A piece of an event as it stands on the wire: contracts.events says what it must look like.

Adapters write plain JSON and readers validate it; every test that makes an event reads it back.
Building the models here would cost as much as everything else a webhook needs.
"""

MAX_ID = 512
"""Characters. Instagram's ids have some 200; a longer one is no id a database can index."""
MILLISECONDS_FROM = 10**11
"""A timestamp this large counts milliseconds; in seconds it would be the year 5138."""
MAX_DIGITS = 15
MAX_NUMBER = 40
"""Characters of a number that came as text."""
MAX_SENTENCE = 300
LAST_SECOND = 253402300799
"""Of the year 9999, where datetime ends."""


class Malformed(ValueError):
    """An item without what its kind needs."""


class Unknown(ValueError):
    """An item whose kind is known, and what stands inside it is not: kept raw as unknown_kind."""


class Unwritable(ValueError):
    """Nested too deep to be written as JSON again."""


def mapping(value: Any) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def identifier(value: Any) -> str | None:
    """An id as text; they come as strings and as numbers. None: absent or not usable as one."""
    if type(value) is int:
        value = str(value)
    if type(value) is str and 0 < len(value) <= MAX_ID:
        return value
    return None


def sentence(value: Any, longest: int = MAX_SENTENCE) -> str | None:
    """Words a person reads, without blanks around. None: there are none."""
    return (value.strip()[:longest] or None) if isinstance(value, str) else None


def number(value: Any) -> int | float | None:
    """A finite number; some come as text. None: not one."""
    if isinstance(value, str) and len(value) <= MAX_NUMBER:
        try:
            value = int(value) if value.isdecimal() else float(value)
        except ValueError:
            return None
    return value if type(value) in {int, float} and math.isfinite(value) else None


def required(value: Any) -> str:
    """An id that must be there. Raises Malformed."""
    found = identifier(value)
    if found is None:
        raise Malformed
    return found


def moment(value: Any) -> datetime | None:
    """A timestamp in seconds or milliseconds, as text or number. None: not one."""
    if type(value) is str and len(value) <= MAX_DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) not in {int, float} or not 0 < value < 1000 * LAST_SECOND:
        return None
    seconds = value / 1000 if value >= MILLISECONDS_FROM else value
    return datetime.fromtimestamp(seconds, UTC) if seconds <= LAST_SECOND else None


def time_of(value: Any) -> str | None:
    """A timestamp as the wire writes it. None: not one."""
    return _written(value) if type(value) in {str, int, float} else None


@lru_cache(maxsize=4096)
def _written(value: str | float) -> str | None:
    """Thousands of items of a burst share a few seconds."""
    found = moment(value)
    return rfc3339(found) if found else None


def raw(value: Any) -> bytes:
    """A JSON value as JSON text again. Raises Unwritable.

    orjson stops at a depth of 254 and at 64-bit integers, where json goes on.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise Unwritable from None
