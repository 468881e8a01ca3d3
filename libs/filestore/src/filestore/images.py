"""Taking the place out of an image: what a phone wrote beside the pixels does not go to strangers.

Called on every image that is sent. Pixels are never encoded anew; only what is needed to show them
stays: colours, transparency, animation, and which side is up. What each format may keep is a list,
so that a segment nobody thought of goes too. What follows an image's end goes as well: phones hang
further pictures and films there, with a place of their own.
"""

from collections.abc import Callable

from filestore.jpeg import strip_jpeg
from filestore.kinds import plain_mime
from filestore.png import strip_png
from filestore.webp import strip_webp

STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/webp": strip_webp,
}
"""GIF has no room for a place. HEIC and films are left as they are: `strips` says so beforehand."""


def strip_location(data: bytes, mime: str) -> bytes:
    """The image without Exif, XMP and all other text; other types than STRIPPERS has, unchanged.

    Raises BadImage when the bytes are no such image or broken before their pixels: what cannot be
    read cannot be called clean.
    """
    strip = STRIPPERS.get(plain_mime(mime) or "")
    return data if strip is None else strip(data)


def strips(mime: str) -> bool:
    """Whether `strip_location` knows the type; who must not send a place refuses the others."""
    return plain_mime(mime) in STRIPPERS
