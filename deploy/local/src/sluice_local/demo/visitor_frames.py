"""What a client of widget-rt/1 says: docs/widget/protocol.md. Used by ours, tests and the bench."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

Frame = Mapping[str, Any]
PROTOCOL = 1


def hello(token: str | None, cursors: Mapping[str, int]) -> dict[str, Any]:
    """The first frame of a socket. `cursors`: conversation → the last `seq` it has."""
    return {"t": "hello", "proto": PROTOCOL, "token": token, "cursors": cursors}


def words(text: str) -> dict[str, Any]:
    """A part."""
    return {"kind": "text", "text": text}


def message(parts: Sequence[Frame], client_id: str = "", **more: Any) -> dict[str, Any]:
    """`client_id`: of the client's own making, a new one by default. `more`: lead, page, after."""
    return {"t": "message", "id": client_id or str(uuid4()), "parts": list(parts), **more}
