"""Visible: of a message's parts, what may leave for a visitor's own page. Pure.

Notes of ours, what gives rights at a platform, and a platform's own forms stay here. Called by
app.history.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.parts import Media, Part, StoredFile
from inbox_core.domain.files import File
from inbox_core.domain.media import shown_state
from inbox_core.domain.message import Parts

SHOWN: Mapping[str, tuple[str, ...]] = {
    # kind → what of its data; of any other kind the words alone
    "text": (),
    "image": (),
    "video": (),
    "audio": ("voice",),
    "document": (),
    "sticker": ("animated",),
    "location": ("latitude", "longitude", "name", "address", "url"),
    "contacts": ("contacts",),
    "buttons": ("buttons", "header", "footer"),
    "list": ("button", "sections", "header", "footer"),
    "link_button": ("title", "url", "header", "footer"),
    "link": ("url", "title"),
    "choice": (),
}
WITH_MEDIA = frozenset({"image", "video", "audio", "document", "sticker"})
GONE = "gone"
"""`ref` of a file that is not there, or not yet: what a platform calls it is nobody's business."""


def visible_parts(parts: Parts, files: Mapping[UUID, File], now: datetime) -> tuple[Part, ...]:
    """`files`: those the parts hold, by id, as far as there are any."""
    return tuple(_visible(parts, files, now))


def _visible(parts: Parts, files: Mapping[UUID, File], now: datetime) -> Iterator[Part]:
    for part in parts:
        kind, words = str(part["kind"]), part.get("text")
        if kind not in SHOWN:
            if words:
                yield Part(kind="text", text=words)
            continue
        said = part.get("data") or {}
        data = {name: said[name] for name in SHOWN[kind] if name in said}
        media = part.get("media") if kind in WITH_MEDIA else None
        yield Part(
            kind=kind,
            text=words,
            media=_media(media, files, now) if media else None,
            data=data or None,
        )


def _media(media: dict[str, Any], files: Mapping[UUID, File], now: datetime) -> Media:
    """With `stored` when we hold the file; a link our side sent as it is; else what it was."""
    file = files.get(UUID(media["file_id"])) if media.get("file_id") else None
    if file is not None and not file.is_gone(now):
        stored = StoredFile(
            key=file.key,
            mime_type=file.mime_type,
            size=file.size,
            sha256=file.sha256,
            filename=file.filename,
        )
        return Media(
            ref=f"file:{file.key}",
            mime_type=file.mime_type,
            filename=file.filename,
            size=file.size,
            stored=stored,
        )
    ref = str(media.get("ref", ""))
    if shown_state(media, now) == "link" and ref.startswith("https://"):
        return Media(ref=ref, policy="link", expires_at=media.get("expires_at"))
    return Media(
        ref=GONE,
        mime_type=media.get("mime_type"),
        filename=media.get("filename"),
        size=media.get("size"),
    )
