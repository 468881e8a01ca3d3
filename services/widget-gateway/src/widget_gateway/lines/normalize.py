"""A visitor's frames as events for the bus. Pure; ids are made of what the client said alone.

Text is kept as it came: emoji, turned and invisible characters are the visitor's own words. What no
store can hold was mended when the frame was read (reading.py).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts import batch
from contracts.events import (
    Message,
    MessageEvent,
    Rating,
    RatingEvent,
    Watermark,
    WatermarkEvent,
    source,
)
from contracts.ids import event_id
from contracts.parts import Contact, Media, Part, Source, StoredFile
from widget_gateway.frames.frame import MAX_TEXT_BYTES
from widget_gateway.frames.said import FilePart, Lead, Rate, Say, TextPart
from widget_gateway.lines.marks import Mark
from widget_gateway.plain import plain
from widget_gateway.site.channels import CHANNEL, Channel
from widget_gateway.visitor import Visitor

FILE = "file:"
"""How a reference to a file of ours begins."""
KINDS: Mapping[str, str] = {"image": "image", "video": "video", "audio": "audio"}
"""First half of a sniffed MIME type → kind of part; every other is a document."""


class Unfit(ValueError):
    """A message that can never be taken. `code` and the sentence are the visitor's answer."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def external_id(visitor_id: str, client_id: str) -> str:
    """By which a message is known for ever: the same before and after the visitor identifies."""
    return f"{visitor_id}:{client_id}"


def client_id(visitor_id: str, external: str | None) -> str | None:
    """The client's own id of a message, if this visitor's browser wrote it."""
    prefix = external_id(visitor_id, "")
    return external.removeprefix(prefix) if external and external.startswith(prefix) else None


def contact(visitor: Visitor, lead: Lead | None = None) -> Contact:
    """What the site proved goes before what the visitor filled in."""
    lead, proven = lead or Lead(), visitor.contact
    filled_in = {
        "name": proven.name or _line(lead.name),
        "email": proven.email or _line(lead.email),
        "phone": _line(lead.phone),
    }
    return proven.model_copy(update=filled_in)


def parts_of(say: Say, files: Mapping[str, StoredFile]) -> tuple[Part, ...]:
    """`files`: handle → what lies behind it. Raises Unfit."""
    texts = (part.text for part in say.parts if isinstance(part, TextPart))
    if sum(len(text.encode()) for text in texts) > MAX_TEXT_BYTES:
        raise Unfit("too_long", "The text is too long.")
    return tuple(
        _file_part(part, files) if isinstance(part, FilePart) else Part(kind="text", text=part.text)
        for part in say.parts
    )


def message(
    channel: Channel,
    visitor: Visitor,
    say: Say,
    parts: tuple[Part, ...],
    at: datetime,
    where: Source | None,
) -> bytes:
    """The encoded event of a message. Raises Unfit."""
    external = external_id(visitor.id, say.id)
    told = Message(
        external_id=external, contact=contact(visitor, say.lead), parts=parts, source=where
    )
    event = MessageEvent(**_envelope(channel, "message", external, at), data=told)
    encoded = batch.encode(event)
    if len(encoded) > batch.MAX_EVENT_BYTES:
        raise Unfit("too_long", "The text is too long.")
    return encoded


def watermark(channel: Channel, visitor: Visitor, mark: Mark, now: datetime) -> bytes:
    """The encoded event of a receipt."""
    fact = f"{visitor.id}:{mark.conversation}:{mark.seq}"
    return batch.encode(
        WatermarkEvent(
            **_envelope(channel, mark.status, fact, now),
            data=Watermark(
                contact=contact(visitor),
                status=mark.status,
                up_to=mark.at,
                conversation_id=mark.conversation,
                up_to_seq=mark.seq,
            ),
        )
    )


def rating(channel: Channel, visitor: Visitor, rate: Rate, now: datetime) -> bytes:
    """The encoded event of stars."""
    return batch.encode(
        RatingEvent(
            **_envelope(channel, "rating", external_id(visitor.id, rate.id), now),
            data=Rating(
                contact=contact(visitor),
                conversation_id=rate.conversation,
                score=rate.score,
                comment=rate.comment or None,
            ),
        )
    )


def is_of(workspace_id: UUID, key: str) -> bool:
    """Whether a stored file belongs to a workspace: none other's is ever shown or taken."""
    return key.startswith(f"{workspace_id}/")


def _envelope(channel: Channel, kind: str, fact: str, at: datetime) -> dict[str, object]:
    return {
        "id": event_id(CHANNEL, channel.account, kind, fact),
        "source": source(CHANNEL, channel.account),
        "time": at,
        "channel": CHANNEL,
        "account": channel.account,
    }


def _file_part(part: FilePart, files: Mapping[str, StoredFile]) -> Part:
    file = files.get(part.file)
    if file is None:
        raise Unfit("file_refused", "A file is missing or too old; attach it again.")
    media = Media(
        ref=FILE + file.key,
        mime_type=file.mime_type,
        sha256=file.sha256,
        filename=file.filename,
        size=file.size,
        stored=file,
    )
    return Part(kind=KINDS.get(file.mime_type.partition("/")[0], "document"), media=media)


def _line(text: str | None) -> str | None:
    return plain(text or "") or None
