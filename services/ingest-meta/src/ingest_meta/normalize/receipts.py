"""Receipts and reactions: what people did with messages. Rules of every channel's table.

Messenger says up to when everything was delivered or read, Instagram which message was read; both
become a watermark. A delivery may name its messages too, and may not.
"""

from typing import Any, Literal

from adapter.fields import Malformed, Wire, identifier, mapping, required, time_of
from adapter.items import REACTION, WATERMARK, Item, Made
from ingest_meta.normalize import people
from ingest_meta.normalize.dialect import Dialect

EMOJI: dict[str, str] = {
    "love": "❤",
    "smile": "😆",
    "laugh": "😆",
    "haha": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😠",
    "like": "👍",
    "yes": "👍",
    "dislike": "👎",
    "no": "👎",
    "care": "🤗",
}
"""Name of a reaction → emoji, for reactions that come without."""

MAX_EMOJI = 64
MAX_MIDS = 1000


def delivered(dialect: Dialect, item: Item) -> Made:
    return _mark(dialect, item, "delivery", "delivered")


def read(dialect: Dialect, item: Item) -> Made:
    return _mark(dialect, item, "read", "read")


def _mark(dialect: Dialect, item: Item, key: str, status: Literal["delivered", "read"]) -> Made:
    mark = mapping(item.body.get(key))
    mids = [identifier(one) for one in (*_listed(mark.get("mids")), mark.get("mid"))]
    named = list(dict.fromkeys(mid for mid in mids if mid))
    up_to = time_of(mark.get("watermark"))
    if up_to is None and named:
        up_to = time_of(item.body.get("timestamp")) or time_of(item.entry_time)
    if up_to is None:
        raise Malformed
    contact = people.required(dialect.person, item)
    data: Wire = {"contact": contact, "status": status, "up_to": up_to}
    if named:
        data["external_ids"] = named
    return Made(WATERMARK, data)


def _listed(value: Any) -> list[Any]:
    return value[:MAX_MIDS] if isinstance(value, list) else []


def reaction(dialect: Dialect, item: Item) -> Made:
    """Put or taken away; taken away it may come without its name. Ours when the account made it."""
    given = mapping(item.body.get("reaction"))
    contact = people.required(dialect.person, item)
    data: Wire = {"external_id": required(given.get("mid")), "contact": contact}
    if identifier(mapping(item.body.get("sender")).get("id")) == item.account:
        data["direction"] = "outbound"
    emoji = _emoji(given)
    action = given.get("action")
    match action.lower() if isinstance(action, str) else action:
        case "unreact":
            data["emoji"] = None
        case "react" | None if emoji:
            data["emoji"] = emoji
        case _:
            raise Malformed
    return Made(REACTION, data)


def _emoji(given: dict[str, Any]) -> str | None:
    emoji, name = given.get("emoji"), given.get("reaction")
    if isinstance(emoji, str) and 0 < len(emoji) <= MAX_EMOJI:
        return emoji
    return EMOJI.get(name.lower()) if isinstance(name, str) else None
