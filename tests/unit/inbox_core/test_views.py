"""What a screen is shown of a message, and what it never is."""

from datetime import UTC, datetime
from uuid import uuid4

from inbox_core.app.views import message_view
from inbox_core.domain.message import Message

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_what_gives_rights_at_the_platform_is_shown_to_nobody() -> None:
    notice = {"kind": "notice", "data": {"name": "optin", "tokens": {"permit": "secret-1"}}}
    image = {"kind": "image", "media": {"ref": "https://cdn/?token=secret-2", "state": "pending"}}
    message = Message(
        workspace_id=uuid4(),
        id=uuid4(),
        conversation_id=uuid4(),
        channel_id=uuid4(),
        direction="inbound",
        kind="message",
        author_type="contact",
        parts=[notice, image],
        sent_at=NOW,
        created_at=NOW,
    )
    view = message_view(message, ()).model_dump_json()
    assert "optin" in view
    assert "pending" in view
    assert "secret" not in view
