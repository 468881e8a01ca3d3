"""What the first bytes of a file say. Tables; read by `sniff`.

Only signatures that tell: `filetype`, asked for all that is not here, takes two letters for a
bitmap and does not know AMR, 3GP or old Word files.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import filetype  # type: ignore[import-untyped] # ships no types; one call, below

from filestore.kinds import ODF, OOXML, UNKNOWN, plain_mime


class Signature(NamedTuple):
    """The bytes at `offset`."""

    offset: int
    magic: bytes
    mime: str


SIGNATURES = (
    Signature(0, b"\xff\xd8\xff", "image/jpeg"),
    Signature(0, b"\x89PNG\r\n\x1a\n", "image/png"),
    Signature(0, b"GIF87a", "image/gif"),
    Signature(0, b"GIF89a", "image/gif"),
    Signature(8, b"WEBPVP8", "image/webp"),
    Signature(8, b"WAVEfmt ", "audio/wav"),
    Signature(8, b"AVI LIST", "video/x-msvideo"),
    Signature(0, b"%PDF-", "application/pdf"),
    Signature(0, b"#!AMR-WB\n", "audio/amr-wb"),
    Signature(0, b"#!AMR\n", "audio/amr"),
    Signature(0, b"ID3", "audio/mpeg"),
    Signature(0, b"fLaC", "audio/flac"),
    Signature(0, b"{\\rtf", "application/rtf"),
    Signature(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    Signature(4, b"moov\0\0", "video/quicktime"),  # a film from before `ftyp`
    Signature(4, b"mdat", "video/quicktime"),
    Signature(4, b"wide\0\0", "video/quicktime"),
)

BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"hevc": "image/heic", b"hevx": "image/heic",
    b"avif": "image/avif", b"avis": "image/avif",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}  # fmt: skip
"""Major brands of the ISO container; `3gp…` and `3g2…` by their first letters, all else is MP4."""

STILLS = frozenset({b"mif1", b"msf1"})
"""Brands that only say «pictures»; which, the compatible brands say."""

ZIP_CONTENTS = (
    (b"word/", f"{OOXML}.wordprocessingml.document"),
    (b"xl/", f"{OOXML}.spreadsheetml.sheet"),
    (b"ppt/", f"{OOXML}.presentationml.presentation"),
    (b"mimetype" + ODF.encode() + b".text", f"{ODF}.text"),
    (b"mimetype" + ODF.encode() + b".spreadsheet", f"{ODF}.spreadsheet"),
    (b"mimetype" + ODF.encode() + b".presentation", f"{ODF}.presentation"),
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
)

ZIP_ENTRY = re.compile(rb"PK\x03\x04(?=.{26}([\x20-\x7e]{1,200}))", re.DOTALL)
"""Local headers: the name of an entry, and of an uncompressed one its content right after."""

LAYER_III = 0b01
ADTS = 0b00


def signature_of(head: bytes) -> str | None:
    """The type the first bytes prove; None when they prove nothing."""
    for look in LOOKS:
        found = look(head)
        if found is not None:
            return found
    return None


def rare_signature_of(head: bytes) -> str | None:
    """What `filetype` finds in bytes that are not text."""
    return plain_mime(filetype.guess_mime(head))


def _fixed(head: bytes) -> str | None:
    for offset, magic, mime in SIGNATURES:
        if head.startswith(magic, offset):
            return mime
    return None


def _iso_container(head: bytes) -> str | None:
    if head[4:8] != b"ftyp" or len(head) < 12:  # noqa: PLR2004 - size, `ftyp`, brand
        return None
    brand = head[8:12]
    if brand in STILLS:
        others = head[16 : min(int.from_bytes(head[:4], "big"), len(head))]
        named = (BRANDS.get(others[at : at + 4]) for at in range(0, len(others), 4))
        return next((mime for mime in named if mime), "image/heif")
    if brand.startswith((b"3gp", b"3gr", b"3gs", b"3ge", b"3gg")):
        return "video/3gpp"
    return "video/3gpp2" if brand.startswith(b"3g2") else BRANDS.get(brand, "video/mp4")


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS"):
        return None
    return "video/ogg" if b"theora" in head[:64] else "audio/ogg"


def _zip(head: bytes) -> str | None:
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    entries = ZIP_ENTRY.findall(head)
    for begin, mime in ZIP_CONTENTS:
        if any(entry.startswith(begin) for entry in entries):
            return mime
    return "application/zip"


def _mpeg_audio(head: bytes) -> str | None:
    """A frame's first bytes: eleven or twelve ones, a layer, and no forbidden rate."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return None
    layer = head[1] >> 1 & 0b11
    if layer == ADTS and head[1] & 0xF0 == 0xF0:  # noqa: PLR2004
        return "audio/aac"
    valid = head[2] >> 4 != 0xF and head[2] >> 2 & 0b11 != 0b11  # noqa: PLR2004
    return "audio/mpeg" if layer == LAYER_III and valid else None


LOOKS: tuple[Callable[[bytes], str | None], ...] = (
    _fixed,
    _iso_container,
    _matroska,
    _ogg,
    _zip,
    _mpeg_audio,
)

PROVABLE = frozenset(
    {mime for _, _, mime in SIGNATURES}
    | set(BRANDS.values())
    | {mime for _, mime in ZIP_CONTENTS}
    | {"video/mp4", "video/3gpp", "video/webm", "audio/ogg", "audio/aac", "application/zip"}
) - {UNKNOWN}
"""Types whose signature is known: a file said to be one and without it is not one."""
