"""What a file is, by its content first; what somebody says it is, only where that cannot harm.

Called wherever bytes come in: by the media role on what platforms hold, by inbox-core on uploads.
The answer is what the file is stored and served as, so it is never a type a browser executes.
"""

import re
from collections.abc import Callable

from filestore.kinds import KINDS, ODF, OOXML, UNKNOWN, plain_mime
from filestore.signatures import PROVABLE, rare_signature_of, signature_of

HEAD_BYTES = 8192
"""How much of a file's begin to hand over: an Office file names its parts within."""

EXECUTED = re.compile(
    r".*/(?:.*\+)?xml(?:-.*)?|.*html.*|.*(?:java|ecma|live|j|vb)script.*|image/svg.*|text/css|text/xsl"
    r"|application/xslt.*|application/x-shockwave-flash|application/wasm|message/.*|multipart/.*"
    r"|text/cache-manifest|application/java-archive|application/x-java.*|application/hta"
)
"""What a browser runs, or renders as a page of whoever serves it."""

MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|!--|html|head|body|svg|script|iframe|style|object|embed|form|meta"
    r"|title|table|div|img|a|p|br|link|base|math)\b|<!--|<\?|^\s*<[a-z!?/]",
    re.IGNORECASE,
)

SIBLINGS: dict[str, Callable[[str], bool]] = {
    "video/mp4": {"audio/mp4", "video/3gpp", "audio/3gpp"}.__contains__,
    "video/3gpp": {"audio/3gpp"}.__contains__,
    "video/webm": {"audio/webm"}.__contains__,
    "audio/ogg": {"video/ogg"}.__contains__,
    "application/zip": lambda mime: mime.startswith((f"{OOXML}.", f"{ODF}.")),
    "application/x-ole-storage": lambda mime: (
        mime == "application/msword" or mime.startswith("application/vnd.ms-")
    ),
}
"""Containers whose first bytes do not tell what is inside: there the declared type may."""

TEXTS = frozenset({"text/plain", "text/csv", "text/vcard", "text/calendar", "application/json"})

OPENINGS = (("BEGIN:VCARD", "text/vcard"), ("BEGIN:VCALENDAR", "text/calendar"))

BY_EXTENSION = {kind.extension: mime for mime, kind in KINDS.items()}

WELL_FORMED = re.compile(r"application/[a-z0-9][a-z0-9.+_-]{0,100}")

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def sniff(head: bytes, declared: str | None, filename: str | None) -> str:
    """The MIME type without parameters; `application/octet-stream` when in doubt.

    `head` is the first HEAD_BYTES of the file, or all of it; `declared` what its sender says.
    """
    found = _sniff(head[:HEAD_BYTES], plain_mime(declared), _by_name(filename))
    return UNKNOWN if EXECUTED.fullmatch(found) else found


def _sniff(head: bytes, declared: str | None, named: str | None) -> str:
    proven = signature_of(head)
    if proven is not None:
        return _within(proven, declared, named)
    text = _text(head)
    if text is not None:
        return _text_type(text, declared, named)
    return rare_signature_of(head) or _unproven(declared)


def _within(container: str, declared: str | None, named: str | None) -> str:
    """The container, or what it is said to hold when it may."""
    may_hold = SIBLINGS.get(container)
    if may_hold is not None:
        for said in (declared, named):
            if said is not None and may_hold(said):
                return said
    return container if container in KINDS else UNKNOWN


def _text_type(text: str, declared: str | None, named: str | None) -> str:
    if not text.strip() or MARKUP.search(text):
        return UNKNOWN
    for opening, mime in OPENINGS:
        if text.lstrip().upper().startswith(opening):
            return mime
    for said in (declared, named):
        if said is not None and EXECUTED.fullmatch(said):
            return UNKNOWN
    return next((said for said in (declared, named) if said in TEXTS), "text/plain")


def _unproven(declared: str | None) -> str:
    """A declared type that could not be proven anyway, and that only programs open."""
    if declared is None or declared in PROVABLE or not WELL_FORMED.fullmatch(declared):
        return UNKNOWN
    return declared


def _text(head: bytes) -> str | None:
    """The head as text; None when it is none. A character cut in half at the end is no fault."""
    encoding, start = "utf-8", 0
    for bom, named in BOMS:
        if head.startswith(bom):
            encoding, start = named, len(bom)
            break
    for cut in range(4):
        try:
            text = head[start : len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if CONTROL.search(text) else text
    return None


CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""What texts do not hold; the escape of coloured logs they do."""


def _by_name(filename: str | None) -> str | None:
    if not filename or "." not in filename:
        return None
    extension = filename.rpartition(".")[2].strip().lower()
    return SCRIPT_NAMES.get(extension) or BY_EXTENSION.get(extension)


SCRIPT_NAMES = dict.fromkeys(
    ("htm", "html", "xhtml", "shtml", "mht", "mhtml", "svg", "xml", "xsl", "xslt", "hta"),
    "text/html",
) | dict.fromkeys(("js", "mjs", "cjs", "jse", "vbs", "css"), "text/javascript")
"""Names that claim a type a browser executes; which of them does not matter."""
