"""`sluice_local.watch` says what happened in words."""

from typing import Any

import pytest

from sluice_local.told import told


def message(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {
        "direction": "inbound", "author": {"type": "contact", "name": "Ana"}, "parts": list(parts),
        "deleted_at": None, "edited_at": None, "reactions": [], "delivery": None, **more,
    }  # fmt: skip
    return {"t": "ev", "type": "message.created", "data": data}


FILE = {"state": "ready", "file_id": "f1", "size": 109, "problem": None}


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (message({"kind": "text", "text": "Hello"}), "← Ana Hello"),
        (
            message({"kind": "image", "text": "Look", "media": FILE}),
            "← Ana <image> ready 109 bytes /files/f1 Look",
        ),
        (
            message({"kind": "audio", "media": {"state": "pending", "size": None}}),
            "← Ana <audio> pending",
        ),
        (
            message(
                {"kind": "video", "media": {"state": "failed", "problem": {"message": "Gone."}}}
            ),
            "← Ana <video> failed (Gone.)",
        ),
        (
            message({"kind": "choice", "text": "Yes", "data": {"id": "yes"}}),
            "← Ana <choice> Yes chose yes",
        ),
        (
            message(
                {"kind": "text", "text": "Hi"}, reactions=[{"by": "us", "emoji": "❤", "name": None}]
            ),
            "← Ana Hi ❤ by us",
        ),
        (message(deleted_at="2026-11-21T00:00:00Z"), "← Ana (taken back)"),
        (
            message(
                {"kind": "buttons", "text": "Well?", "data": {"buttons": [{"title": "Yes"}]}},
                direction="outbound",
                author={"type": "user", "name": None},
                delivery={"state": "failed", "problem": {"message": "No."}},
            ),
            "→ user <buttons> Well? [Yes] [failed: No.]",
        ),
        (message({"kind": "hologram"}), "← Ana <hologram>"),
    ],
)
def test_a_message_in_words(frame: dict[str, Any], words: str) -> None:
    assert told(frame) == f"message.created           {words}"


def test_a_row_a_contact_and_what_is_no_news() -> None:
    row = {
        "preview": {"text": "Hello"}, "contact": {"display_name": "Ana"}, "unread_count": 2,
        "channel": {"type": "instagram"},
    }  # fmt: skip
    frame = {"t": "ev", "type": "conversation.row_changed", "data": row}
    assert (told(frame) or "").endswith("instagram · Ana · 2 unread · Hello")
    contact = {"t": "ev", "type": "contact.updated", "data": {"display_name": "Ana"}}
    assert (told(contact) or "").endswith("Ana")
    assert told({"t": "pong"}) is None
    assert told({"t": "live"}) == "-- live"
