"""What hangs on a message: attachments become parts. Used by messages.py and the channels' tables.

ATTACHMENTS is what both channels send. A type that does not stand in a channel's table, or one
without what its part needs, becomes a part `unsupported`; a message of nothing else is kept raw.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from adapter.fields import Wire, identifier, mapping
from adapter.items import MALFORMED
from ingest_meta.normalize import shares, templates
from ingest_meta.payloads import attachments_of, type_of

ADDRESSES = ("https://", "http://")
MAX_URL = 4096
MAX_FILENAME = 255
MAX_TYPE = 64

THUMBS_UP = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""Stickers of the thumb beside Messenger's text field, in its three sizes: people mean 👍."""

SAID_AGAIN = {"share": frozenset({"post", "ig_post", "reel", "ig_reel"})}
"""type → the newer ones that came beside it while Meta replaced it; with one of them it is left
out."""


class Attachment(NamedTuple):
    """One attachment. `fields` stand beside its payload; `sent_at`: when the message was."""

    payload: dict[str, Any]
    fields: dict[str, Any]
    sent_at: datetime | None

    def either(self, key: str) -> Any:
        """A field of the payload, or of old attachments, which have it beside."""
        return self.payload.get(key) or self.fields.get(key)


Draw = Callable[[Attachment], list[Wire]]
"""The parts of an attachment; none when it lacks what they need."""


def parts_of(
    message: dict[str, Any], table: Mapping[str, Draw], sent_at: datetime | None
) -> list[Wire]:
    """The parts of all attachments, in order."""
    attachments = [mapping(one) for one in attachments_of(message)]
    types = {type_of(one) for one in attachments}
    stickers: set[str] = set()
    parts: list[Wire] = []
    for fields in attachments:
        payload, kind = mapping(fields.get("payload")), type_of(fields)
        sticker = identifier(payload.get("sticker_id"))
        if sticker in stickers or types & SAID_AGAIN.get(kind, frozenset()):
            continue  # until 2026-08-30 a sticker came as an image too
        if sticker:
            stickers.add(sticker)
        draw = table.get(kind)
        drawn = draw(Attachment(payload, fields, sent_at)) if draw else []
        parts += drawn or [_unsupported(kind, understood=draw is not None)]
    return parts


def copied(url: Any) -> Wire | None:
    """A file behind an address: it expires, so it is fetched and kept.

    From which origins, https or not, is the downloader's to say.
    """
    fits = isinstance(url, str) and url.startswith(ADDRESSES) and len(url) <= MAX_URL
    return {"ref": url} if fits else None


def file(kind: str) -> Draw:
    """Images, videos, sounds, documents."""

    def draw(attachment: Attachment) -> list[Wire]:
        if attachment.payload.get("sticker_id"):
            return sticker(attachment)
        media = copied(attachment.payload.get("url"))
        if media is None:
            return []
        if kind == "document" and (filename := _filename(media["ref"])):
            media["filename"] = filename
        return [{"kind": kind, "media": media}]

    return draw


def sticker(attachment: Attachment) -> list[Wire]:
    """A sticker, or the thumb it stands for."""
    sticker_id = identifier(attachment.payload.get("sticker_id"))
    if sticker_id in THUMBS_UP:
        return [{"kind": "text", "text": "👍"}]
    media = copied(attachment.payload.get("url"))
    if not (media or sticker_id):
        return []
    part: Wire = {"kind": "sticker"}
    if media:
        part["media"] = media
    if sticker_id:
        part["data"] = {"sticker_id": sticker_id}
    return [part]


def link(attachment: Attachment) -> list[Wire]:
    """A preview the platform made; of a share nobody may see not even that."""
    told = {key: attachment.either(key) for key in ("url", "title")}
    return [{"kind": "link", "data": {k: v for k, v in told.items() if isinstance(v, str) and v}}]


def template(attachment: Attachment) -> list[Wire]:
    """A template as an echo or a shared product shows it: its words, or its products."""
    parts = templates.parts_of(attachment.payload)
    return parts or (link(attachment) if attachment.either("url") else [])


def shared(kind: str, id_key: str) -> Draw:
    """A post or reel of somebody's, passed on. `id_key`: where its id stands in the payload."""

    def draw(attachment: Attachment) -> list[Wire]:
        part = shares.part(kind, attachment.payload, id_key)
        url = (part.get("data") or {}).get("url")
        if url and shares.is_file(url) and (media := copied(url)):
            part["media"] = media
        return [part] if part.get("data") else []

    return draw


def _filename(url: str) -> str | None:
    """The last word of the address where it looks like a file's name: nothing else says it."""
    name = unquote(url.partition("?")[0].rpartition("/")[2])
    plain = name.isprintable() and "/" not in name and not name.startswith(".")
    return name if plain and "." in name and len(name) <= MAX_FILENAME else None


def _unsupported(kind: str, *, understood: bool) -> Wire:
    why = MALFORMED if understood else "unknown_kind"
    return {"kind": "unsupported", "data": {"kind": kind[:MAX_TYPE], "why": why}}


ATTACHMENTS: Mapping[str, Draw] = {
    "image": file("image"),
    "video": file("video"),
    "audio": file("audio"),
    "file": file("document"),
    "sticker": sticker,
    "fallback": link,
    "template": template,
    "share": shared("post", "id"),
    "post": shared("post", "id"),
    "ig_post": shared("post", "ig_post_media_id"),
    "reel": shared("reel", "reel_video_id"),
    "ig_reel": shared("reel", "reel_video_id"),
}
