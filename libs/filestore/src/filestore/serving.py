"""What a stored file is served with over HTTP: its headers, and which range of it is asked for.

Used by whoever serves files to browsers: inbox-core to members, the widget's gateway to visitors.
Pure; requests and answers are the callers' own.
"""

import re
from collections.abc import Mapping

from filestore.filenames import content_disposition, safe_filename
from filestore.kinds import safe_inline

POLICY = "default-src 'none'; sandbox"
"""Should a browser make a page of a file all the same, it runs nothing and loads nothing."""
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def headers_of(name: str | None, mime_type: str, tag: str) -> Mapping[str, str]:
    """For every answer about a file. Shown in place only where a browser runs nothing of it."""
    shown = name or safe_filename(None, mime_type)
    return {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(shown, inline=safe_inline(mime_type)),
        "Content-Security-Policy": POLICY,
    }


def read_range(
    asked: str | None, if_range: str | None, tag: str, size: int
) -> tuple[int, int | None] | None:
    """The one range of bytes that `Range` asks for, from its first to before its last.

    None: the whole file, also where the header is none we understand, as RFC 9110 asks.
    """
    if if_range not in (None, tag):
        return None
    match = RANGE.fullmatch((asked or "").strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return (max(0, size - int(match[2])), None) if int(match[2]) else (size, None)
    start = int(match[1])
    if not match[2]:
        return start, None
    return (start, int(match[2]) + 1) if int(match[2]) >= start else None


def names(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names this tag; compared weakly, as RFC 9110 asks."""
    if header is None:
        return False
    return any(word.strip().removeprefix("W/") in (tag, "*") for word in header.split(","))
