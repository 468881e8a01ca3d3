"""The one thing of an image's Exif block that is kept: which side is up.

Used by the strippers of images. Exif is a TIFF header and a list of tags (Exif 2.32, §4.6).
"""

from typing import Literal

ORIENTATION = 0x0112
SHORT = 3
ENTRY_BYTES = 12
MAX_ENTRIES = 500

UPRIGHT = 1
TURNED = range(2, 9)

PREFIX = b"Exif\0\0"
"""Before the TIFF header in JPEG, and by some programs in WebP and PNG too."""


def orientation_of(exif: bytes) -> int:
    """1 to 8; 1, upright, when the block does not say or is broken."""
    tiff = exif.removeprefix(PREFIX)
    if tiff[:4] == b"II*\0":
        return _orientation(tiff, "little")
    if tiff[:4] == b"MM\0*":
        return _orientation(tiff, "big")
    return UPRIGHT


def only_orientation(orientation: int) -> bytes:
    """A TIFF block that says nothing else; empty for an upright image, which needs none."""
    if orientation not in TURNED:
        return b""
    tag = ORIENTATION.to_bytes(2) + SHORT.to_bytes(2) + (1).to_bytes(4)
    value = orientation.to_bytes(2) + b"\0\0"
    return b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + tag + value + (0).to_bytes(4)


def _orientation(tiff: bytes, order: Literal["little", "big"]) -> int:
    at = int.from_bytes(tiff[4:8], order)
    count = min(int.from_bytes(tiff[at : at + 2], order), MAX_ENTRIES)
    for entry in range(at + 2, at + 2 + count * ENTRY_BYTES, ENTRY_BYTES):
        if int.from_bytes(tiff[entry : entry + 2], order) == ORIENTATION:
            value = int.from_bytes(tiff[entry + 8 : entry + 10], order)
            return value if value in TURNED else UPRIGHT
    return UPRIGHT
