"""A client's bytes as a frame. Pure; called by line.py.

A string with what UTF-8 and the inbox cannot hold, a NUL or half a surrogate pair, is mended as in
every other channel: one such character must not cost a message, nor the client its connection.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from adapter.loading import load
from widget_gateway import frames
from widget_gateway.frames import ClientFrame, ClientId, NotAFrame

SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON spells them; a good pair too, which then passes unchanged."""
ANSWERED = frozenset({"message", "rate"})
"""Types whose senders wait for an answer by their id."""

_CLIENT_ID: TypeAdapter[str] = TypeAdapter(ClientId)


class Unreadable(ValueError):
    """A frame of a known type and id that breaks a bound: refused for ever, and nothing else."""

    def __init__(self, client_id: str, why: str) -> None:
        super().__init__(why)
        self.client_id = client_id


def read(raw: bytes) -> ClientFrame:
    """Raises NotAFrame, or Unreadable for one that can be answered."""
    try:
        if SUSPICIOUS.search(raw):
            raw = _mended(raw)
        return frames.read(raw)
    except NotAFrame as error:
        client_id = _answerable(raw)
        if client_id is not None:
            raise Unreadable(client_id, str(error)) from None
        raise


def _mended(raw: bytes) -> bytes:
    """Raises NotAFrame."""
    try:
        return orjson.dumps(load(raw)[0])
    except (ValueError, TypeError, RecursionError):
        raise NotAFrame("frame: not JSON") from None


def _answerable(raw: bytes) -> str | None:
    """The id of something that looks like a message or a rating."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    said: Mapping[str, Any] = found if isinstance(found, dict) else {}
    try:
        return _CLIENT_ID.validate_python(said.get("id")) if said.get("t") in ANSWERED else None
    except ValidationError:
        return None
