"""What a visitor is shown: whose words, which files, when stars are asked for."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.parts import Media, Part, StoredFile
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from support.exchange import NoFiles, a_channel
from widget_gateway.lines import views
from widget_gateway.lines.views import Views

AT = datetime(2026, 11, 20, tzinfo=UTC)
CHANNEL = a_channel()
KEY = f"{CHANNEL.workspace_id}/upload/2026/11/x"
SHOWN = Views(NoFiles())
STORED = StoredFile(key=KEY, mime_type="image/png", size=3, sha256="00", filename="a.png")


@pytest.mark.parametrize(
    ("media", "url"),
    [
        (Media(ref="gone:", stored=STORED), "/widget/v1/files/x"),
        (Media(ref=f"file:{KEY}", filename="a.png"), "/widget/v1/files/x"),
        (Media(ref="https://cdn.example/a.png", policy="link"), "https://cdn.example/a.png"),
        (Media(ref="https://cdn.example/a.png"), None),
        (Media(ref="javascript:alert(1)", policy="link"), None),
        (Media(ref="gone:"), None),
        (Media(ref=f"file:{uuid4()}/upload/2026/11/x"), None),
    ],
    ids=["stored", "sent", "a link", "not copied", "a script", "gone", "another workspace's"],
)
def test_files(media: Media, url: str | None) -> None:
    (part,) = SHOWN.parts(CHANNEL, [Part(kind="image", text="see", media=media)])
    assert part.file is not None
    assert (part.file.url, part.text) == (url, "see")


def test_ones_own_words_carry_their_own_id() -> None:
    def said(**more: Any) -> HistoryMessage:
        return HistoryMessage(id=uuid4(), conversation_id=uuid4(), seq=1, at=AT, **more)

    told = [
        said(by="contact", external_id="me:1"),
        said(by="contact", external_id="another:1"),
        said(by="user", author="Ana"),
        said(by="user", deleted=True),
    ]
    shown = SHOWN.messages(CHANNEL, "me", told)
    assert [one.client for one in shown] == ["1", None, None, None]
    assert [one.author for one in shown] == [None, None, "Ana", None]
    assert shown[3].deleted


@pytest.mark.parametrize(
    ("csat", "open_", "rating", "ask"),
    [
        (True, False, None, True),
        (True, True, None, False),
        (True, False, 5, False),
        (False, False, None, False),
    ],
    ids=["wanted", "still open", "given", "not wanted here"],
)
def test_stars(*, csat: bool, open_: bool, rating: int | None, ask: bool) -> None:
    thread = HistoryThread(
        id=uuid4(), open=open_, last_seq=3, read_seq=2, last_message_at=AT, rating=rating
    )
    (shown,) = views.threads(HistoryAnswer(threads=(thread,)), csat=csat)
    assert (shown.ask, shown.rating, shown.seen, shown.last) == (ask, rating, 2, 3)
