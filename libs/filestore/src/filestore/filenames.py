"""Names of files: made harmless when they come in, written into a header when they go out.

Called on what customers and members name their files, and by whoever serves files.
"""

import re
import unicodedata
from urllib.parse import quote

from filestore.kinds import extension_of

MAX_CHARACTERS = 150
MAX_BYTES = 240
"""Of UTF-8: file systems take 255, and the one who downloads may need a ` (1)`."""

MAX_READ = 1000
"""Characters looked at, the last ones. A stranger names files, and composing takes long names
the square of their length."""

MAX_EXTENSION_CHARACTERS = 12

JOINERS = "\u200c\u200d"
"""Invisible, but Persian, Hindi and emoji are written with them."""

HARMFUL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, formats (the bidi overrides that make `exe.jpg` of `gpj.exe`), halves of
pairs, line breaks."""

FORBIDDEN = re.compile(r'[<>:"|?*]')
"""By Windows; slashes of both kinds separate folders and are gone by then."""

EXTENSION = re.compile(rf"\.([^\W_]{{1,{MAX_EXTENSION_CHARACTERS}}})$", re.ASCII)

ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"
"""What RFC 8187 leaves as it is, beside letters and digits."""


def safe_filename(name: str | None, mime: str) -> str:
    """A name without folders and tricks, with an extension; `file.<ext>` if nothing is left."""
    last = re.split(r"[/\\]", (name or "")[-MAX_READ:])[-1]
    clean = "".join(_clean(character) for character in unicodedata.normalize("NFC", last))
    clean = " ".join(FORBIDDEN.sub("_", clean).split()).strip(" .")
    found = EXTENSION.search(clean)
    stem, extension = (clean[: found.start()], found[1]) if found else (clean, extension_of(mime))
    return f"{_cut(stem.rstrip(' .'), len(extension) + 1) or 'file'}.{extension}"


def content_disposition(name: str, *, inline: bool) -> str:
    """The header's value (RFC 6266): a name for old readers, and the true one as `filename*`."""
    kind = "inline" if inline else "attachment"
    name = "".join(_clean(character) for character in name)
    simple = re.sub(r'[^ -~]|["%\\]', "_", name)
    value = f'{kind}; filename="{simple}"'
    if simple == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name, safe=ATTRIBUTE_CHARACTERS)}"


def _clean(character: str) -> str:
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    harmful = unicodedata.category(character) in HARMFUL_CATEGORIES
    return "" if harmful and character not in JOINERS else character


def _cut(stem: str, reserved: int) -> str:
    """The stem within both limits, not in the middle of a character."""
    short = stem[: MAX_CHARACTERS - reserved]
    return short.encode()[: MAX_BYTES - reserved].decode(errors="ignore").rstrip(" .")
