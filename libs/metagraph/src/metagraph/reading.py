"""Reading Graph's answers: what is absent, or of another type, is None. Pure.

Used by messages.py, media.py and accounts.py for the values of their calls.
"""

from typing import Any


def object_of(answer: Any) -> dict[str, Any] | None:
    """The answer, when it is an object."""
    return answer if isinstance(answer, dict) else None


def objects(answer: Any, key: str) -> list[dict[str, Any]]:
    """The objects of the list under `key`."""
    items = answer.get(key) if isinstance(answer, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def text(item: Any, key: str) -> str | None:
    """A text that is not empty."""
    value = item.get(key) if isinstance(item, dict) else None
    return value if isinstance(value, str) and value else None


def texts(item: Any, key: str) -> tuple[str, ...]:
    """The texts of the list under `key`; numbers count as texts, ids come as both."""
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, list):
        return ()
    return tuple(str(one) for one in value if isinstance(one, str | int))


def whole(item: Any, key: str) -> int | None:
    """A whole number from nought up, as a number or as text."""
    value = item.get(key) if isinstance(item, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return int(value) if str(value).isdecimal() and len(str(value)) <= MAX_DIGITS else None


MAX_DIGITS = 18
"""More digits than any size or time has; Python refuses to read thousands of them."""
