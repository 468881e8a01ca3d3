"""THE table of file types: what extension a file gets, and whether a browser may show it in place.

Used by the sniffer, by file names and by whoever serves files.
"""

import mimetypes
from typing import NamedTuple

UNKNOWN = "application/octet-stream"

MAX_MIME = 255
"""Characters. RFC 6838 allows no longer name; a stranger says it, and patterns are run over it."""


class Kind(NamedTuple):
    """`inline`: a browser shows it in the page and runs nothing of it."""

    extension: str
    inline: bool = False


OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"

KINDS: dict[str, Kind] = {
    "image/jpeg": Kind("jpg", inline=True),
    "image/png": Kind("png", inline=True),
    "image/gif": Kind("gif", inline=True),
    "image/webp": Kind("webp", inline=True),
    "image/avif": Kind("avif", inline=True),
    "image/heic": Kind("heic", inline=True),
    "image/heif": Kind("heif", inline=True),
    "image/bmp": Kind("bmp", inline=True),
    "image/tiff": Kind("tiff"),
    "video/mp4": Kind("mp4", inline=True),
    "video/3gpp": Kind("3gp", inline=True),
    "video/3gpp2": Kind("3g2", inline=True),
    "video/quicktime": Kind("mov", inline=True),
    "video/webm": Kind("webm", inline=True),
    "video/ogg": Kind("ogv", inline=True),
    "video/x-matroska": Kind("mkv"),
    "video/x-msvideo": Kind("avi"),
    "audio/ogg": Kind("ogg", inline=True),
    "audio/mpeg": Kind("mp3", inline=True),
    "audio/aac": Kind("aac", inline=True),
    "audio/mp4": Kind("m4a", inline=True),
    "audio/amr": Kind("amr", inline=True),
    "audio/amr-wb": Kind("awb", inline=True),
    "audio/3gpp": Kind("3gp", inline=True),
    "audio/wav": Kind("wav", inline=True),
    "audio/webm": Kind("weba", inline=True),
    "audio/flac": Kind("flac", inline=True),
    "application/pdf": Kind("pdf"),
    "application/zip": Kind("zip"),
    "application/msword": Kind("doc"),
    "application/vnd.ms-excel": Kind("xls"),
    "application/vnd.ms-powerpoint": Kind("ppt"),
    "application/vnd.ms-outlook": Kind("msg"),
    f"{OOXML}.wordprocessingml.document": Kind("docx"),
    f"{OOXML}.spreadsheetml.sheet": Kind("xlsx"),
    f"{OOXML}.presentationml.presentation": Kind("pptx"),
    f"{ODF}.text": Kind("odt"),
    f"{ODF}.spreadsheet": Kind("ods"),
    f"{ODF}.presentation": Kind("odp"),
    "application/epub+zip": Kind("epub"),
    "application/rtf": Kind("rtf"),
    "application/json": Kind("json"),
    "text/plain": Kind("txt"),
    "text/csv": Kind("csv"),
    "text/vcard": Kind("vcf"),
    "text/calendar": Kind("ics"),
    UNKNOWN: Kind("bin"),
}

ALSO_CALLED = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/aacp": "audio/aac",
    "video/x-m4v": "video/mp4",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
    "text/comma-separated-values": "text/csv",
}

BUILT_IN = mimetypes.MimeTypes()
"""Python's own table and not this machine's: a file is called the same everywhere."""


def plain_mime(mime: str | None) -> str | None:
    """A declared type as the table has it: small letters, no parameters, one name for a thing.

    None for what is no name of a type, being too long for one.
    """
    if not mime:
        return None
    bare = mime.partition(";")[0].strip().lower()
    return ALSO_CALLED.get(bare, bare) or None if len(bare) <= MAX_MIME else None


def extension_of(mime: str) -> str:
    """The extension without its dot; `bin` for what nobody knows."""
    bare = plain_mime(mime) or UNKNOWN
    if bare in KINDS:
        return KINDS[bare].extension
    return (BUILT_IN.guess_extension(bare) or ".bin").removeprefix(".")


def safe_inline(mime: str) -> bool:
    """Whether a browser may show the file in place; all else is served as an attachment.

    Pictures, sound and film, as `sniff` found them. Never what can hold script: SVG, HTML, XML,
    and PDF neither.
    """
    kind = KINDS.get(plain_mime(mime) or UNKNOWN)
    return kind is not None and kind.inline
