"""Addresses of pages, cleaned of what is nobody's business. Pure; used by source.py.

http and https alone, without credentials and fragment; values of the query that look like secrets
or like people's addresses are masked, also those inside of an address inside of it.
"""

import re
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

MASK = "***"
MAX_URL = 2048
MAX_PAIRS = 100
"""Of a query: each is looked into, and more than these say nothing more."""
MAX_UNQUOTES = 3
"""How deep values are looked into: an address in an address in an address."""

SECRET_WORDS = frozenset({
    "auth", "authorization", "card", "code", "credential", "credentials", "cvc", "cvv", "email",
    "hash", "hmac", "iban", "jwt", "key", "mail", "nonce", "oauth", "otp", "pass", "phone", "pin",
    "pw", "pwd", "secret", "session", "sid", "sig", "signature", "ssn", "state", "tel", "ticket",
    "token", "user", "username",
})  # fmt: skip
"""A key one of whose words is among these."""
SECRET_PIECES = (
    "token",
    "secret",
    "passw",
    "session",
    "credential",
    "email",
    "signature",
    "apikey",
)
"""A key these are anywhere in."""
SECRET_ENDINGS = ("key", "code", "auth", "otp", "sig", "sid", "jwt")
"""A key whose words end so: zipcode too, which is no loss."""
UTM = re.compile(r"utm_[a-z0-9_]{1,32}")
SECRET_VALUE = re.compile(r"@|^eyJ[\w-]{8,}\.")
"""Of any key: an email address, a JWT."""

HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9._-]*)|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
UNWANTED = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"`\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no address has as a browser writes it: control characters, spaces, turned directions."""


def clean(url: str | None) -> str | None:
    """The address as it may be shown; None when it is none of the web."""
    found = _split(url)
    if found is None:
        return None
    query = masked(found.query)
    whole = urlunsplit((found.scheme.lower(), found.netloc.lower(), found.path, query, ""))
    return whole[:MAX_URL]


def utm(url: str | None) -> dict[str, str]:
    """The campaign's own words of an address: utm_source and so on, in the order they stand."""
    found = _split(url)
    words: dict[str, str] = {}
    for pair in re.split("[&;]", found.query if found else ""):
        key, _, value = pair.partition("=")
        name = unquote_plus(key).lower()
        if UTM.fullmatch(name) and value:
            words.setdefault(name, unquote_plus(masked(pair).partition("=")[2]))
    return words


def masked(query: str) -> str:
    """A query with its secrets struck out, everything else as it was."""
    pieces = re.split("([&;])", query)
    return "".join(_piece(piece) for piece in pieces)


def _split(url: str | None) -> SplitResult | None:
    if not url:
        return None
    try:
        found = urlsplit(UNWANTED.sub("", url))
    except ValueError:
        return None
    host = found.netloc.rpartition("@")[2]
    if found.scheme.lower() not in ("http", "https") or HOST.fullmatch(host) is None:
        return None
    pairs = re.split("([&;])", found.query)[: 2 * MAX_PAIRS - 1]
    return found._replace(netloc=host, query="".join(pairs), fragment="")


def _piece(pair: str) -> str:
    key, equals, value = pair.partition("=")
    if equals and (_is_secret(key) or _hides(value, MAX_UNQUOTES)):
        return f"{key}={MASK}"
    return MASK if not equals and _hides(key, MAX_UNQUOTES) else pair


def _is_secret(key: str) -> bool:
    plain = _unquoted(key)
    name = plain.lower()
    if UTM.fullmatch(name):
        return False
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain).lower())
    return (
        any(word in SECRET_WORDS or word.endswith(SECRET_ENDINGS) for word in words)
        or any(piece in name for piece in SECRET_PIECES)
    )  # fmt: skip


def _hides(value: str, deeper: int) -> bool:
    """Whether something in it is a secret, however often it was quoted."""
    if SECRET_VALUE.search(value):
        return True
    inner = re.split("[?&;#]", value)
    if any("=" in pair and _is_secret(pair.partition("=")[0]) for pair in inner):
        return True
    plain = unquote_plus(value)
    return plain != value and (deeper == 0 or _hides(plain, deeper - 1))


def _unquoted(text: str) -> str:
    for _ in range(MAX_UNQUOTES):
        plain = unquote_plus(text)
        if plain == text:
            break
        text = plain
    return text
