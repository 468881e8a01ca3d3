"""A client's bytes as a frame. Pure; called by line.py and socket.py.

A string with what UTF-8 and the inbox cannot hold, a NUL or half a surrogate pair, is mended as in
every other channel: one such character must not cost a message, nor the client its connection.

What a hostile client can make expensive comes last: bytes are parsed once, if they are a frame's by
a glance, and nothing looks at every value before it is known that these are few.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from adapter.loading import mend
from widget_gateway.frames.codec import NotAFrame, frame_of
from widget_gateway.frames.said import ClientFrame, ClientId

SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON spells them; a good pair too, which then passes unchanged."""
ANSWERED = frozenset({"message", "rate"})
"""Types whose senders wait for an answer by their id."""
MAX_VALUES = 256
"""In a frame, fields we do not know included; the largest of ours has some sixty."""
MAX_QUOTES = 4 * MAX_VALUES
"""Of a name and a string each. Those inside of a string are escaped, so they do not count."""

_CLIENT_ID: TypeAdapter[str] = TypeAdapter(ClientId)


class Unreadable(NotAFrame):
    """A frame of a known type and id that breaks a bound: refused for ever, and nothing else."""

    def __init__(self, client_id: str, why: str) -> None:
        super().__init__(why)
        self.client_id = client_id


def read(raw: bytes) -> ClientFrame:
    """Raises NotAFrame, or Unreadable for one that can be answered."""
    suspicious = SUSPICIOUS.search(raw) is not None
    said = _parsed(raw, suspicious=suspicious)
    try:
        if _values(said, MAX_VALUES) > MAX_VALUES:
            raise NotAFrame("frame: too many values")  # noqa: TRY301 - answered like every other
        return frame_of(mend(said)[0] if suspicious else said)
    except NotAFrame as error:
        client_id = _answerable(said)
        if client_id is not None:
            raise Unreadable(client_id, str(error)) from None
        raise


def _parsed(raw: bytes, *, suspicious: bool) -> dict[str, Any]:
    """Raises NotAFrame."""
    if raw.count(b'"') - raw.count(b'\\"') > MAX_QUOTES:
        raise NotAFrame("frame: too many values")
    try:
        # orjson refuses halves of pairs; json takes them.
        said = json.loads(raw) if suspicious else orjson.loads(raw)
    except (ValueError, RecursionError):
        raise NotAFrame("frame: not JSON") from None
    if not isinstance(said, dict):
        raise NotAFrame("frame: no object")
    return said


def _values(root: Any, most: int) -> int:
    """How many values hang below this one; counted no further than just above `most`."""
    found, stack = 0, [root]
    while stack and found <= most:
        node = stack.pop()
        if isinstance(node, dict | list):
            found += len(node)
            if found <= most:
                stack += node.values() if isinstance(node, dict) else node
    return found


def _answerable(said: Mapping[str, Any]) -> str | None:
    """The id of something that looks like a message or a rating."""
    kind = said.get("t")
    try:
        if isinstance(kind, str) and kind in ANSWERED:
            return _CLIENT_ID.validate_python(said.get("id"))
    except ValidationError:
        pass
    return None
