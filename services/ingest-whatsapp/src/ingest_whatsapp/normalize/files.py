"""Files in messages: image, video, audio, document, sticker. Used by content.py.

The webhook carries an id, valid for seven days, and since late 2025 an address that is a hint for
five minutes; the adapter's media role fetches by the id.
"""

from typing import Any

from adapter.fields import Malformed, Wire, identifier, mapping
from ingest_whatsapp.normalize.lanes import Content

MAX_URL = 4096
MAX_FILENAME = 255
MAX_FACT = 255
FACTS = ("voice", "animated")
"""Keys of a file that say what it is."""


def file_of(key: str, kind: str = "") -> Content:
    """The content of the type whose object stands under `key`.

    On old numbers a voice note has a type of its own; its `kind` is audio.
    """

    def parts(body: dict[str, Any]) -> list[Wire]:
        return [_part(kind or key, body.get(key), spoken=key == "voice")]

    return parts


def _part(kind: str, value: Any, *, spoken: bool) -> Wire:
    file = mapping(value)
    url = _short(file.get("url") or file.get("link"), MAX_URL)
    ref = identifier(file.get("id")) or url
    if ref is None:
        raise Malformed
    media: Wire = {"ref": ref}
    if url is not None:
        media["url"] = url
    for name in ("mime_type", "sha256"):
        if found := _short(file.get(name), MAX_FACT):
            media[name] = found
    if filename := file.get("filename"):
        media["filename"] = str(filename)[:MAX_FILENAME]
    part: Wire = {"kind": kind, "media": media}
    if isinstance(caption := file.get("caption"), str) and caption:
        part["text"] = caption
    facts = {name: True for name in FACTS if file.get(name) is True}
    if spoken:
        facts["voice"] = True
    if facts:
        part["data"] = facts
    return part


def _short(value: Any, longest: int) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= longest else None
