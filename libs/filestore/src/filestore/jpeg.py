"""Taking the place out of a JPEG, segment by segment (ITU T.81, annex B).

Used by `images.strip_location`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from filestore.errors import BadImage
from filestore.exif import PREFIX, UPRIGHT, only_orientation, orientation_of

START = b"\xff\xd8"
END = b"\xff\xd9"

APP0, APP1, APP2, APP14, APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
COMMENT, SCAN = 0xFE, 0xDA
FILL = re.compile(rb"\xff*(?=\xff)")
"""A marker may be filled up before."""
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""Among pixels 0xFF is followed by 0, or is a restart; else it is the next marker."""
SLICE = 64 * 1024
MAX_SEGMENTS = 10_000
"""An image has dozens. One of millions that say nothing would take a minute and gigabytes."""

KEPT_APPS = ((APP0, b"JFIF\0"), (APP2, b"ICC_PROFILE\0"), (APP14, b"Adobe"))
"""Of the segments for applications, those that decide colours. Not Exif, XMP, IPTC, Photoshop's
block, makers' notes, nor the index of further pictures behind the end."""


class _Segment(NamedTuple):
    """A marker with its payload; for a scan also the coded pixels after it."""

    marker: int
    payload: bytes
    pixels: bytes = b""


def strip_jpeg(data: bytes) -> bytes:
    """The segments a decoder needs; of Exif, the orientation. Ends where the image ends.

    An image cut off within its pixels is ended there, as viewers do. Raises BadImage.
    """
    if not data.startswith(START):
        raise BadImage("no JPEG signature")
    kept, orientation = [], UPRIGHT
    for segment in _segments(data):
        if segment.marker == APP1 and segment.payload.startswith(PREFIX):
            orientation = orientation_of(segment.payload)
        if _is_kept(segment):
            kept.append(segment)
    turned = only_orientation(orientation)
    if turned:
        # Behind JFIF, which must come first if it is there; before all else.
        behind = 1 if kept[0].marker == APP0 else 0
        kept.insert(behind, _Segment(APP1, PREFIX + turned))
    return START + b"".join(_written(segment) for segment in kept) + END


def _is_kept(segment: _Segment) -> bool:
    if segment.marker == COMMENT:
        return False
    if not APP0 <= segment.marker <= APP15:
        return True
    return any(
        segment.marker == marker and segment.payload.startswith(begin)
        for marker, begin in KEPT_APPS
    )


def _segments(data: bytes) -> Iterator[_Segment]:
    at, scanned = len(START), False
    for _ in range(MAX_SEGMENTS):
        if filled := FILL.match(data, at):
            at = filled.end()
        begun = data[at : at + 4]
        if begun[:2] == END:
            if not scanned:
                raise BadImage("a JPEG without pixels")
            return
        end = at + 2 + int.from_bytes(begun[2:])
        if len(begun) < 4 or begun[0] != 0xFF or end < at + 4 or end > len(data):  # noqa: PLR2004
            if scanned:
                return
            raise BadImage("a JPEG segment is cut off, or is none")
        behind = _end_of_pixels(data, end) if begun[1] == SCAN else end
        scanned = scanned or begun[1] == SCAN
        yield _Segment(begun[1], data[at + 4 : end], data[end:behind])
        at = behind
    raise BadImage("a JPEG of too many segments")


def _end_of_pixels(data: bytes, at: int) -> int:
    """Where the next marker is. In slices: other threads want their turn."""
    while at < len(data):
        found = MARKER.search(data, at, at + SLICE)
        if found:
            return found.start()
        at += SLICE - 1  # a marker may stand across
    return len(data)


def _written(segment: _Segment) -> bytes:
    size = len(segment.payload) + 2
    return bytes([0xFF, segment.marker]) + size.to_bytes(2) + segment.payload + segment.pixels
