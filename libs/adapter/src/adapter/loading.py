"""A webhook's bytes as JSON, and the ids in it. Called by each platform's payloads.parse."""

import json
import re
from typing import Any

import orjson

MAX_ACCOUNT = 256

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL and lone surrogates: JSON can spell them, UTF-8 and Postgres cannot hold them."""


def load(body: bytes) -> tuple[Any, int]:
    """The JSON value and how many of its strings were mended. Raises ValueError, RecursionError.

    orjson refuses lone surrogates; json.loads takes them, and one of them must not cost the rest
    of the body.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return mend(json.loads(body))
    return mend(value) if b"\\u0000" in body else (value, 0)


def account_id(value: Any, prefix: str = "") -> str | None:
    """Ids come as strings or as numbers; anything else, or one too long, is no id."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not value or len(prefix) + len(value) > MAX_ACCOUNT:
        return None
    return prefix + value


def mend(root: Any) -> tuple[Any, int]:
    """The same value with U+FFFD for unstorable characters. In place and without recursion."""
    holder = [root]
    stack: list[Any] = [holder]
    mended = 0
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            for key in [key for key in node if _UNSTORABLE.search(key)]:
                node[_UNSTORABLE.sub("\ufffd", key)] = node.pop(key)
                mended += 1
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, str):
                if _UNSTORABLE.search(value):
                    node[key] = _UNSTORABLE.sub("\ufffd", value)
                    mended += 1
            elif isinstance(value, (dict, list)):
                stack.append(value)
    return holder[0], mended
