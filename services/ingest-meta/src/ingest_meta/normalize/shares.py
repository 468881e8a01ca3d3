"""Posts, reels and stories: what belongs to somebody else and was passed on. Pure.

A shared post's file may be copied, it was given to us in a message. A story belongs to its owner
and lasts a day: it is shown from where it lies and never copied.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from adapter.fields import Wire, identifier
from contracts.parts import rfc3339

STORY_LASTS = timedelta(hours=24)
"""At the most: it was posted before the message that tells of it."""
INSTAGRAM = "https://www.instagram.com"
"""What relative addresses of reels are relative to."""
FILES = re.compile(
    r"https://([a-z0-9-]+\.)*(fbcdn\.net|cdninstagram\.com|fbsbx\.com)/", re.IGNORECASE
)
"""Addresses of files; any other of a post is a page to look at."""
MAX_URL = 4096


def is_file(url: str) -> bool:
    """Whether a post's address leads to its picture or video, and not to a page."""
    return FILES.match(url) is not None


def part(kind: str, payload: dict[str, Any], id_key: str = "id") -> Wire:
    """The part without media; without `data` when the payload says nothing."""
    data: Wire = {}
    if found := identifier(payload.get(id_key)) or identifier(payload.get("id")):
        data["id"] = found
    if isinstance(title := payload.get("title"), str) and title:
        data["title"] = title
    if url := address(payload.get("url")):
        data["url"] = url
    return {"kind": kind, "data": data} if data else {"kind": kind}


def address(value: Any) -> str | None:
    """An address that can be opened; Meta writes some without their host."""
    if not isinstance(value, str) or not value or len(value) > MAX_URL:
        return None
    if value.startswith("/") and not value.startswith("//"):
        return INSTAGRAM + value
    return value if value.startswith(("https://", "http://")) else None


def story(kind: str, payload: dict[str, Any], sent_at: datetime | None) -> Wire:
    """A story as a part: a link that ends with it."""
    told = part(kind, payload)
    url = (told.get("data") or {}).get("url")
    if url and sent_at is not None:
        expires_at = rfc3339(sent_at + STORY_LASTS)
        told["media"] = {"ref": url, "url": url, "policy": "link", "expires_at": expires_at}
    return told
