"""Builders of what a channel on web pages tells: visitors, where they are, ratings, places read.

Over the channel that every inbox of a test has: what is stored of these asks for no other. The
names `user` and `visitor` are aliases like any others. Beside support.threads, which has a channel
that shows threads.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.events import MessageEvent, Rating, RatingEvent, Watermark, WatermarkEvent
from contracts.parts import Alias, Contact, Media, Part, Source
from support.events import envelope
from support.stories import said, stored_file

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Safari/537.36"
)
IP_ID = UUID(int=4711)
SEALED = "sv1.visitors.k1.AAAA.BBBB"
SOURCE = Source(
    page_url="https://shop.example/shoes?size=42",
    page_title="Shoes",
    referrer="https://search.example/",
    utm={"source": "mail", "campaign": "autumn"},
    language="de-DE",
    time_zone="Europe/Berlin",
    screen="1920x1080",
    user_agent=BROWSER,
    ip="203.0.113.0/24",
    ip_id=IP_ID,
    ip_sealed=SEALED,
)


def visitor(name: str = "v1", user: str | None = None, /, **told: Any) -> Contact:
    """Somebody on a page; `user` when the site says who they are."""
    names = (("user", user), ("visitor", name))
    return Contact(
        aliases=tuple(Alias(kind=kind, value=value) for kind, value in names if value), **told
    )


def wrote(
    external_id: str, who: Contact | None = None, *parts: Part, **fields: Any
) -> MessageEvent:
    """A message of a visitor."""
    return said(external_id, "", *parts, contact=who or visitor(), **fields)


def rated(
    conversation: UUID,
    score: int,
    at: datetime,
    comment: str | None = None,
    who: Contact | None = None,
) -> RatingEvent:
    return RatingEvent(
        **envelope(f"rating:{conversation}:{score}:{at.timestamp()}", time=at),
        data=Rating(
            contact=who or visitor(), conversation_id=conversation, score=score, comment=comment
        ),
    )


def place_mark(
    word: Literal["delivered", "read"],
    up_to: datetime,
    conversation: UUID | None,
    seq: int | None,
    who: Contact | None = None,
) -> WatermarkEvent:
    """Everything of a conversation up to a place."""
    return WatermarkEvent(
        **envelope(f"mark:{conversation}:{word}:{seq}", time=up_to),
        data=Watermark(
            contact=who or visitor(),
            status=word,
            up_to=up_to,
            conversation_id=conversation,
            up_to_seq=seq,
        ),
    )


def stored_picture(key: str) -> Part:
    """A picture that lies in the filestore already."""
    return Part(kind="image", text="look", media=Media(ref="upload:1", stored=stored_file(key)))
