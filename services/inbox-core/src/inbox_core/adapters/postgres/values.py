"""Python values as Postgres takes them: NUL has no place in its text, so U+FFFD stands for it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

NUL = "\x00"
REPLACEMENT = "\ufffd"


def text(value: str | None) -> str | None:
    """A string without NUL."""
    if value is not None and NUL in value:
        return value.replace(NUL, REPLACEMENT)
    return value


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON array inside an array parameter: bare, it would be taken for a dimension."""

    value: Any


def pairs(keys: Collection[tuple[UUID, UUID]]) -> dict[str, list[UUID]]:
    """Keys (workspace_id, id) as the two arrays that queries join by."""
    return {"workspaces": [key[0] for key in keys], "ids": [key[1] for key in keys]}


def dump_json(value: Any) -> str:
    """A JSON value as text that jsonb takes. The encoder of every jsonb parameter."""
    if isinstance(value, Json):
        value = value.value
    dumped = _dump(value)
    if "\\u0000" in dumped:
        return _dump(_clean(value))
    return dumped


def _dump(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        # A whole number beyond 64 bits is JSON, and jsonb takes it; orjson does not.
        return json.dumps(value)


def _clean(value: Any) -> Any:
    match value:
        case str():
            return value.replace(NUL, REPLACEMENT)
        case dict():
            return {_clean(key): _clean(item) for key, item in value.items()}
        case list() | tuple():
            return [_clean(item) for item in value]
        case _:
            return value
