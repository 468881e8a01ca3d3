"""Pieces: the parts a message is composed of, as the database keeps them. Pure.

A piece is one provider call. What had to be changed for the channel stands in its data under
`degraded`, a list of {from, why}: screens show it, adapters never get it. Called by app.compose.
"""

from typing import Any

from contracts.capabilities import Capabilities
from inbox_core.app.splitting import split

Piece = dict[str, Any]
"""contracts.parts.Part with what the database adds to it."""

DEGRADED = "degraded"


def piece(
    kind: str,
    text: str | None = None,
    *,
    media: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> Piece:
    """Fields without a value are left out."""
    fields = {"kind": kind, "text": text, "media": media, "data": data}
    return {name: value for name, value in fields.items() if value}


def degraded(found: Piece, source: str, why: str) -> Piece:
    """The same piece, with a note that it is not what was asked for. `why` is for people."""
    data = dict(found.get("data") or {})
    data[DEGRADED] = [*data.get(DEGRADED, ()), {"from": source, "why": why}]
    return {**found, "data": data}


def for_adapter(found: Piece) -> Piece:
    """As it travels in a command: without our notes."""
    data = {name: value for name, value in (found.get("data") or {}).items() if name != DEGRADED}
    return {**found, "data": data or None}


def texts(words: str, can: Capabilities) -> list[Piece]:
    """As many text pieces as the channel needs for these words."""
    return [piece("text", part) for part in split(words, can.text)]


def degraded_texts(words: str, can: Capabilities, source: str, why: str) -> list[Piece]:
    """Words in place of something the channel cannot show."""
    return [degraded(found, source, why) for found in texts(words, can)]
