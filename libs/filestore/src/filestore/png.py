"""Taking the place out of a PNG, chunk by chunk (PNG, third edition, §5 and §11).

Used by `images.strip_location`.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from filestore.errors import BadImage
from filestore.exif import only_orientation, orientation_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
    | {b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD"}
    | {b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT"}
)
"""Pixels, colours, transparency, animation. Not texts (XMP is one), times or Exif."""

MAX_CHUNKS = 100_000
"""25 MiB in the shortest pieces an encoder makes. Millions of empty ones would take gigabytes."""


class _Chunk(NamedTuple):
    name: bytes
    data: bytes


def strip_png(data: bytes) -> bytes:
    """The chunks a decoder needs; of an eXIf chunk, the orientation."""
    if not data.startswith(SIGNATURE):
        raise BadImage("no PNG signature")
    chunks = list(_chunks(data))
    if chunks[0].name != b"IHDR":
        raise BadImage("no IHDR chunk at the begin")
    kept = [chunk for chunk in chunks if chunk.name in KEPT]
    turned = only_orientation(_orientation_in(chunks))
    if turned:
        kept.insert(1, _Chunk(b"eXIf", turned))
    return SIGNATURE + b"".join(_written(chunk) for chunk in kept)


def _chunks(data: bytes) -> Iterator[_Chunk]:
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 8 + size + 4
        if end > len(data):
            raise BadImage("a PNG chunk is cut off")
        yield _Chunk(name, data[at + 8 : end - 4])
        if name == b"IEND":
            return
        at = end
    raise BadImage("a PNG of too many chunks")


def _written(chunk: _Chunk) -> bytes:
    name, data = chunk
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def _orientation_in(chunks: list[_Chunk]) -> int:
    return orientation_of(next((chunk.data for chunk in chunks if chunk.name == b"eXIf"), b""))
