"""Cursors: a place in a list as one opaque word, bound to the list and its filter.

Nothing in it is secret, but only we can make one; a cursor used with another filter would walk
through a list that never was, so it is refused. Called by the handlers of lists.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from inbox_core.app.reading import Place
from inbox_core.entrypoints.http.problems import Problem
from vault.signing import Signer

PURPOSE = "cursor"
Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Scope:
    """A list and its filter, as words; `signer` makes its cursors and knows them again."""

    signer: Signer
    words: tuple[str, ...]

    def write(self, side: Side, *position: str | int) -> str:
        """The cursor of a position."""
        return self.signer.wrap(PURPOSE, orjson.dumps([self._hash(), side, *position]))

    def read(self, cursor: str) -> tuple[Side, list[Any]]:
        """Side and position. Raises Problem for a cursor that is none, or of another list."""
        data = self.signer.unwrap(PURPOSE, cursor)
        if data is None:
            raise Problem("invalid_cursor", "Take next_cursor or prev_cursor as it came.")
        scope, side, *position = orjson.loads(data)
        if scope != self._hash():
            raise Problem("invalid_cursor", "The cursor belongs to another filter; start anew.")
        return side, position

    def _hash(self) -> str:
        return hashlib.sha256("\0".join(self.words).encode()).hexdigest()[:16]


def place_of(position: list[Any]) -> Place:
    """A place in the conversation list."""
    moment, row = position
    return Place(datetime.fromisoformat(moment), UUID(row))
