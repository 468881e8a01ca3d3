"""THE table of what messages say: one function makes the parts of one type of message.

Used by items.py for every lane, and by amendments.py for what an edit puts in a message's place.
"""

from collections.abc import Mapping
from typing import Any

from adapter.fields import Malformed, Wire, mapping
from ingest_whatsapp.normalize.choices import button, interactive
from ingest_whatsapp.normalize.files import file_of
from ingest_whatsapp.normalize.lanes import Content
from ingest_whatsapp.normalize.sent import template
from ingest_whatsapp.normalize.things import contact_cards, location, order


def text(body: dict[str, Any]) -> list[Wire]:
    """`text.body`, at most 4096 characters; may be empty."""
    words = mapping(body.get("text")).get("body")
    if not isinstance(words, str):
        raise Malformed
    return [{"kind": "text", "text": words}]


CONTENT: Mapping[str, Content] = {
    "text": text,
    "image": file_of("image"),
    "video": file_of("video"),
    "audio": file_of("audio"),
    "voice": file_of("voice", "audio"),
    "document": file_of("document"),
    "sticker": file_of("sticker"),
    "location": location,
    "contacts": contact_cards,
    "button": button,
    "interactive": interactive,
    "order": order,
    "template": template,
}


def welcome(_body: dict[str, Any]) -> list[Wire]:
    """The person opened the chat for the first time, and has not written yet."""
    return [{"kind": "notice", "data": {"name": "welcome"}}]
