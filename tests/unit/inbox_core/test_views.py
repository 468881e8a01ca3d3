"""What a screen is shown of a message, and what it never is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from inbox_core.app.views import message_view
from inbox_core.domain.message import Message

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def message(sent_at: datetime = NOW, parts: list[dict[str, Any]] | None = None) -> Message:
    return Message(
        workspace_id=uuid4(),
        id=uuid4(),
        conversation_id=uuid4(),
        channel_id=uuid4(),
        direction="inbound",
        kind="message",
        author_type="contact",
        parts=parts or [{"kind": "text", "text": "Hi"}],
        sent_at=sent_at,
        created_at=NOW,
    )


def test_what_gives_rights_at_the_platform_is_shown_to_nobody() -> None:
    notice = {"kind": "notice", "data": {"name": "optin", "tokens": {"permit": "secret-1"}}}
    image = {"kind": "image", "media": {"ref": "https://cdn/?token=secret-2", "state": "pending"}}
    view = message_view(message(parts=[notice, image]), ()).model_dump_json()
    assert "optin" in view
    assert "pending" in view
    assert "secret" not in view


def test_times_sort_as_text() -> None:
    times = [NOW, NOW + timedelta(milliseconds=1), NOW + timedelta(seconds=1)]
    told = [message_view(message(at), ()).model_dump(mode="json")["sent_at"] for at in times]
    assert told == sorted(told)
    assert told[0] == "2026-11-20T12:00:00.000Z"
