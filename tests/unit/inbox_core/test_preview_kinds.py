"""The line of a list row for every kind of part there is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.parts import KINDS
from inbox_core.domain.message import Message
from inbox_core.domain.preview import UNSUPPORTED, preview

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=1)
NO_LINE = {"text", "notice", "unsupported"}
"""Words, what is never a preview, and what has none."""


def line(kind: str, text: str | None = None) -> str:
    part = {"kind": kind, "text": text} if text else {"kind": kind}
    return preview(Message(ID, ID, ID, ID, "inbound", "message", "contact", [part], NOW, NOW))


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - NO_LINE))
def test_every_kind_without_words_has_a_line(kind: str) -> None:
    assert line(kind) != UNSUPPORTED


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("choice", "Yes, please", "Yes, please"),
        ("order", None, "🛒 Order"),
        ("call", None, "📞 Call"),
        ("post", None, "📎 Shared post"),
        ("like", None, "❤️"),
        ("image", "look", "look"),
        ("holo", None, UNSUPPORTED),
    ],
)
def test_the_line_of_a_kind(kind: str, text: str | None, shown: str) -> None:
    assert line(kind, text) == shown
