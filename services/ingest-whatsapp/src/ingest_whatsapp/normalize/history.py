"""Messages from before the channel was connected, where they differ from others. Used by items.py.

Files come twice: as a placeholder in the thread, and, while they are young, with their details in
a webhook of their own.
"""

from typing import Any

from adapter.fields import Unknown, Wire, mapping
from adapter.items import ACCOUNT, EDIT, Item, Made
from ingest_whatsapp.normalize import lanes
from ingest_whatsapp.normalize.content import CONTENT

FILES = frozenset({"image", "video", "audio", "voice", "document", "sticker"})


def media_placeholder(_body: dict[str, Any]) -> list[Wire]:
    """A file whose details follow, or never do."""
    return [{"kind": "notice", "data": {"name": "media_placeholder"}}]


def unreadable(body: dict[str, Any]) -> list[Wire]:
    """What WhatsApp itself could not tell us: nothing more will ever be known of it."""
    kind = mapping(body.get("unsupported")).get("type") or body.get("type")
    return [{"kind": "unsupported", "data": {"kind": kind, "why": "unknown_kind"}}]


def past_file(item: Item) -> Made:
    """The details of a file: an edit of its placeholder. What is none had no placeholder."""
    kind = item.kind.rpartition(".")[2]
    made = lanes.message(lanes.history, CONTENT[kind])(item)
    if kind not in FILES:
        return made
    return Made(EDIT, {key: made.data[key] for key in ("external_id", "contact", "parts")})


def progress(item: Item) -> Made:
    """A chunk without messages says how far the import is."""
    if item.body.get("threads"):
        raise Unknown
    return Made(ACCOUNT, {"kind": "history", "details": item.body})
