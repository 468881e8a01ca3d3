"""One message of CHANGES as sockets need it: each event written once, whoever it goes to.

Made by hub.py (live) and feed.py (replay). Reading is put off until somebody listens: most
workspaces of a cell have no screen on this process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
import structlog

from bus.ports import Stored
from contracts.batch import NotReadable, unpack
from inbox_core.entrypoints.realtime.frames import Subs
from inbox_core.entrypoints.realtime.metrics import UNREADABLE

MESSAGES = "message."
"""Changes of this kind belong to a thread, the others to the list."""

log = structlog.get_logger("realtime")


@dataclass(frozen=True, slots=True)
class Piece:
    """One event. `tail` is its frame from `"type"` to the closing brace."""

    tail: bytes
    conversation: str | None
    """Of a message; None: an event of the list."""

    def frame(self, n: int, cursor: str | None) -> bytes:
        """The `ev` frame of one connection."""
        if cursor is None:
            return b'{"t":"ev","n":%d,%b' % (n, self.tail)
        return b'{"t":"ev","n":%d,"cursor":"%b",%b' % (n, cursor.encode(), self.tail)


class Batch:
    """`sequence` is its place in the log, `size` its bytes there."""

    def __init__(self, workspace: UUID, stored: Stored) -> None:
        self.workspace = workspace
        self.sequence = stored.sequence
        self.size = len(stored.body)
        self.happened_at: datetime | None = None
        """When its first event happened; known once `pieces` has been asked for."""
        self._body = stored.body

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Its events in order; one that cannot be read is counted and costs no other."""
        body, self._body = self._body, b""
        try:
            items = unpack(body)
        except NotReadable:
            UNREADABLE.inc()
            log.exception("change_unreadable", sequence=self.sequence)
            return ()
        return tuple(self._read(items))

    def _read(self, items: list[Any]) -> Iterator[Piece]:
        for item in items:
            try:
                piece = _piece(item, self.workspace)
                self.happened_at = self.happened_at or datetime.fromisoformat(item["time"])
            except (LookupError, TypeError, ValueError, AttributeError):
                UNREADABLE.inc()
                log.exception("change_unreadable", sequence=self.sequence)
            else:
                yield piece


def batch_of(stored: Stored) -> Batch | None:
    """None, counted: a message on a subject that names no workspace."""
    try:
        workspace = UUID(stored.subject.partition(".")[2])
    except ValueError:
        UNREADABLE.inc()
        log.error("change_unreadable", sequence=stored.sequence, subject=stored.subject)  # noqa: TRY400 # the subject says it all
        return None
    return Batch(workspace, stored)


def wanted(subs: Subs, piece: Piece) -> bool:
    """Whether a client with these subscriptions is sent the event."""
    if piece.conversation is None:
        return subs.list
    if subs.messages == "all":
        return True
    return subs.open is not None and piece.conversation == str(subs.open)


def _piece(item: Any, workspace: UUID) -> Piece:
    if item["workspace"] != str(workspace):
        raise ValueError("the event belongs to another workspace than its subject")
    change, data = item["type"], item["data"]
    frame = {
        "type": change,
        "id": data["entity_id"],
        "v": data["version"],
        "at": item["time"],
        "actor": data["actor"],
        "data": data["state"],
    }
    of_message = change.startswith(MESSAGES)
    return Piece(
        tail=orjson.dumps(frame)[1:],
        conversation=str(data["state"]["conversation_id"]) if of_message else None,
    )
