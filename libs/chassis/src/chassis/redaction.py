"""What of a log line may be written: ids, counts and kinds, never people's words or names.

Called by logs.py for every line, whoever wrote it. Keys on the list are struck out at any depth;
values are cut; an object that is not plain data is named by its type, for its repr may hold a
whole message.
"""

import re
import traceback
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import SecretBytes, SecretStr

REDACTED = "[redacted]"
PRIVATE_KEYS = frozenset({
    "address", "alias", "aliases", "authorization", "bio", "body", "bsuid", "caption", "contact",
    "cookie", "content", "credential", "display_name", "dsn", "email", "first_name", "from",
    "headers", "igsid", "input", "key", "last_name", "name", "names", "note", "parts", "passwd",
    "password", "payload", "phone", "profile", "psid", "query", "raw", "recipient", "secret",
    "sender", "set_cookie", "signature", "text", "ticket", "title", "to", "token",
    "url", "user", "username", "value", "wa_id", "x_hub_signature_256",
})  # fmt: skip
PRIVATE_ENDINGS = ("_token", "_secret", "_secrets", "_password", "_key", "_url", "_dsn", "_text")
_CREDENTIALS = re.compile(r"(\w+://)[^/\s:@]*:[^/\s@]*@")
"""User and password in the address of a server, as drivers quote it in their errors."""

MAX_TEXT = 500
MAX_ITEMS = 20
MAX_DEPTH = 6
MAX_FRAMES = 30
MAX_CHAIN = 5


def redact(line: Mapping[str, Any]) -> dict[str, Any]:
    """The same line with private values struck out and long ones cut."""
    return {key: _field(key, value, 0) for key, value in line.items()}


def _field(key: Any, value: Any, depth: int) -> Any:
    name = str(key).lower().replace("-", "_")
    if value is not None and (name in PRIVATE_KEYS or name.endswith(PRIVATE_ENDINGS)):
        return REDACTED
    return _plain(value, depth + 1)


def _plain(value: Any, depth: int) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case SecretStr() | SecretBytes():
            return REDACTED
        case Enum():
            return _plain(value.value, depth)
        case str():
            return text(value)
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case UUID() | date():
            return str(value)
        case BaseException():
            return describe(value)
        case Mapping() | list() | tuple() | set() | frozenset():
            return _nested(value, depth)
        case _:
            return f"<{type(value).__name__}>"


def _nested(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return "[deep]"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MAX_ITEMS]
        return {str(key): _field(key, item, depth) for key, item in pairs}
    return [_plain(item, depth + 1) for item in list(value)[:MAX_ITEMS]]


def text(value: str) -> str:
    """Without the credentials of addresses, and cut."""
    clean = _CREDENTIALS.sub(r"\1[redacted]@", value[: 4 * MAX_TEXT])
    return clean if len(clean) <= MAX_TEXT else f"{clean[:MAX_TEXT]}… ({len(value)} characters)"


def describe(error: BaseException) -> str:
    """The type and the first line of an error's message.

    Only the first: databases put the row's values on the next (DETAIL), validators the input.
    """
    first = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text(first)}" if first else type(error).__name__


def frames(error: BaseException) -> list[str]:
    """An error and what led to it, newest first, as frames without their local values."""
    lines: list[str] = []
    current: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if current is None:
            break
        lines.append(describe(current))
        stack = traceback.extract_tb(current.__traceback__)[-MAX_FRAMES:]
        lines.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in stack)
        if isinstance(current, BaseExceptionGroup):
            lines.extend(f"  + {describe(inner)}" for inner in current.exceptions[:MAX_ITEMS])
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return lines
