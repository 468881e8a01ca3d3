"""Taking the place out of a WebP, chunk by chunk (WebP container specification).

Used by `images.strip_location`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from filestore.errors import BadImage
from filestore.exif import only_orientation, orientation_of

KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
HAS_EXIF = 0x08
HAS_XMP = 0x04
HEAD_BYTES = 12

PIXELS = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
MAX_CHUNKS = 100_000
"""Frames of a long film. Millions of empty ones would take gigabytes."""


class _Chunk(NamedTuple):
    name: bytes
    data: bytes


def strip_webp(data: bytes) -> bytes:
    """The chunks a decoder needs; of an EXIF chunk, the orientation."""
    if data[:4] != b"RIFF" or data[8:HEAD_BYTES] != b"WEBP":
        raise BadImage("no WebP signature")
    chunks = list(_chunks(data))
    if not any(chunk.name in PIXELS for chunk in chunks):
        raise BadImage("a WebP without pixels")
    turned = only_orientation(_orientation_in(chunks))
    kept = [
        _Chunk(name, _flags(body, has_exif=bool(turned)) if name == b"VP8X" else body)
        for name, body in chunks
        if name in KEPT
    ]
    if turned:
        kept.append(_Chunk(b"EXIF", turned))
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in kept
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(data: bytes) -> Iterator[_Chunk]:
    at, end = HEAD_BYTES, 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise BadImage("the WebP is cut off")
    for _ in range(MAX_CHUNKS):
        if at >= end:
            return
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8
        if at + size > end:
            raise BadImage("a WebP chunk is cut off")
        yield _Chunk(name, data[at : at + size])
        at += size + size % 2
    raise BadImage("a WebP of too many chunks")


def _flags(vp8x: bytes, *, has_exif: bool) -> bytes:
    if not vp8x:
        raise BadImage("an empty VP8X chunk")
    flags = vp8x[0] & ~(HAS_EXIF | HAS_XMP) | (HAS_EXIF if has_exif else 0)
    return bytes([flags]) + vp8x[1:]


def _orientation_in(chunks: list[_Chunk]) -> int:
    return orientation_of(next((chunk.data for chunk in chunks if chunk.name == b"EXIF"), b""))
