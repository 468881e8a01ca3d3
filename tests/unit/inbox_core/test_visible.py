"""What of a message's parts leaves for a visitor's page."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.parts import KINDS, Media, Part
from inbox_core.app.visible import GONE, SHOWN, visible_parts

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LINK = {"ref": "https://v.example/v", "policy": "link", "state": "link"}


def shown(part: dict[str, Any]) -> tuple[Part, ...]:
    return visible_parts([part], {}, NOW)


@pytest.mark.parametrize(
    ("part", "left"),
    [
        (
            {"kind": "text", "text": "hi", "data": {"degraded": [{"from": "list", "why": "x"}]}},
            Part(kind="text", text="hi"),
        ),
        (
            {"kind": "text", "text": "hi", "media": {"ref": "x"}, "data": {"preview_url": True}},
            Part(kind="text", text="hi"),
        ),
        (
            {"kind": "platform", "text": "a preview", "data": {"type": "x", "secret": "y"}},
            Part(kind="text", text="a preview"),
        ),
        (
            {"kind": "template", "text": "Dear Bea", "data": {"name": "n", "language": "en"}},
            Part(kind="text", text="Dear Bea"),
        ),
        (
            {"kind": "location", "data": {"latitude": 1, "longitude": 2, "tokens": {"a": "b"}}},
            Part(kind="location", data={"latitude": 1, "longitude": 2}),
        ),
        (
            {"kind": "image", "media": {"ref": "secret", "url": "https://x", "state": "pending"}},
            Part(kind="image", media=Media(ref=GONE)),
        ),
        (
            {"kind": "video", "media": LINK},
            Part(kind="video", media=Media(ref="https://v.example/v", policy="link")),
        ),
        (
            {"kind": "video", "media": {**LINK, "expires_at": "2026-10-31T00:00:00Z"}},
            Part(kind="video", media=Media(ref=GONE)),
        ),
        (
            {"kind": "video", "media": {**LINK, "ref": "javascript:alert(1)"}},
            Part(kind="video", media=Media(ref=GONE)),
        ),
    ],
)
def test_a_part_keeps_what_a_visitor_may_see(part: dict[str, Any], left: Part) -> None:
    assert shown(part) == (left,)


@pytest.mark.parametrize("kind", ["platform", "notice", "hologram"])
def test_without_words_nothing_is_left_of_it(kind: str) -> None:
    assert shown({"kind": kind, "data": {"name": "x"}}) == ()


def test_the_table_names_kinds_there_are() -> None:
    assert SHOWN.keys() <= KINDS.keys()
