"""Tiny files that are what they say: a picture, a voice note, a document, a sticker. Pure.

Each holds its own name in its bytes, so that no two are the same: their sha256 tells which message
of the demo a file without words belongs to.
"""

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

SIDE = 4
"""Pixels."""
WEBP = base64.b64decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
"""A sticker of one pixel."""


@dataclass(frozen=True)
class TinyFile:
    """A file, and what its sender says of it."""

    name: str
    mime_type: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal."""
        return sha256(self.content).hexdigest()


def picture(name: str) -> TinyFile:
    """A PNG; the name is in its colours, for texts beside them are taken out of what we send."""
    colours = sha256(name.encode()).digest() * 2
    width = SIDE * 3
    rows = b"".join(b"\0" + colours[row * width : (row + 1) * width] for row in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)
    return TinyFile(f"{name}.png", "image/png", content)


def voice(name: str) -> TinyFile:
    """The first page of an Ogg file of Opus, and its comment."""
    opus = b"OpusHead\x01\x01" + struct.pack("<HIhB", 0, 48000, 0, 0)
    content = _ogg_page(0, opus) + _ogg_page(1, b"OpusTags" + name.encode())
    return TinyFile(f"{name}.ogg", "audio/ogg", content)


def document(name: str) -> TinyFile:
    """A PDF of no pages."""
    content = f"%PDF-1.4\n% {name}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return TinyFile(f"{name}.pdf", "application/pdf", content.encode())


def sticker(name: str) -> TinyFile:
    """A WebP, with a chunk of its own that nobody shows."""
    text = name.encode().ljust(len(name) + len(name) % 2)
    body = WEBP[8:] + b"NOTE" + struct.pack("<I", len(text)) + text
    return TinyFile(f"{name}.webp", "image/webp", b"RIFF" + struct.pack("<I", len(body)) + body)


FILES: dict[str, Callable[[str], TinyFile]] = {
    "image": picture,
    "voice": voice,
    "document": document,
    "sticker": sticker,
}
"""Kind of content → its file."""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _ogg_page(number: int, packet: bytes) -> bytes:
    """One packet of less than 255 bytes; the checksum is left out, nobody plays it."""
    first = 2 if number == 0 else 0
    head = struct.pack("<BBqIIIB", 0, first, 0, 1, number, 0, 1)
    return b"OggS" + head + bytes([len(packet)]) + packet
