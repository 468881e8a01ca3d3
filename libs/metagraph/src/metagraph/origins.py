"""Which hosts a channel's token may travel to, and which its files may come from: exact lists.

Read once by GraphClient and by Downloader when they are built. Meta's own are the default; an
emulator's is added by whoever runs one. There is no switch: what is not on the list is refused.

An entry is scheme, host and port. Only in a list of files may a host begin with `*.`: Meta serves
files from hosts whose first labels change with place and day, such as
`scontent-ams2-1.xx.fbcdn.net`. Such an entry is https, at a domain nobody but Meta hands out.
"""

import re
from collections.abc import Collection

from yarl import URL

META = "https://graph.facebook.com"
META_INSTAGRAM = "https://graph.instagram.com"
GRAPH = (META, META_INSTAGRAM)

WHATSAPP_MEDIA = "https://lookaside.fbsbx.com"
META_MEDIA = (
    WHATSAPP_MEDIA,
    "https://cdn.fbsbx.com",
    "https://platform-lookaside.fbsbx.com",
    "https://*.fbcdn.net",
    "https://*.cdninstagram.com",
)
"""Where files of messages and pictures of people lie."""

TAKES_TOKEN = (WHATSAPP_MEDIA,)
"""Hosts of files that ask for the bearer. The others' links are signed, and get none."""

_LABELS = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
"""What may stand for the star: names of hosts, and nothing escaped that another reader undoes."""

_WILD = "*."
_WILD_LABELS = 2
"""`*.` stands before a domain somebody owns, never before `com`."""


class Origins:
    """A list of origins files may come from. Raises ValueError for an entry that is none."""

    def __init__(self, entries: Collection[str]) -> None:
        self._exact = {_key(_bare(one)) for one in entries if "*" not in one}
        self._wild = tuple(_suffix(one) for one in entries if "*" in one)

    def __contains__(self, url: URL) -> bool:
        """Whether the URL's scheme, host and port are on the list."""
        if _key(url) in self._exact:
            return True
        scheme, host, port = _key(url)
        return any(
            (scheme, port) == (wild[0], wild[2])
            and (host or "").endswith(wild[1])
            and _LABELS.fullmatch((host or "").removesuffix(wild[1]))
            for wild in self._wild
        )

    def names(self, host: str) -> bool:
        """Whether an entry names this very host."""
        return any(known == host for _, known, _ in self._exact)


def checked(origin: str, allowed: Collection[str]) -> URL:
    """The origin as a URL, when it is one and stands on the list. Raises ValueError."""
    url = _bare(origin)
    if _key(url) not in {_key(_bare(other)) for other in allowed}:
        raise ValueError(f"{url} is not on the list of allowed origins")
    return url


def _bare(text: str) -> URL:
    url = URL(text)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("an origin is http(s)://host[:port]")
    if url.user or url.password or url.path not in {"", "/"} or url.query or url.fragment:
        raise ValueError("an origin is scheme, host and port, and nothing else")
    return url.origin()


def _suffix(text: str) -> tuple[str, str, int | None]:
    """`https://*.fbcdn.net` as scheme, `.fbcdn.net`, port."""
    scheme, mark, rest = text.partition("://*.")
    url = _bare(f"{scheme}://{rest}")
    if not mark or _WILD in rest or scheme != "https":
        raise ValueError("a wildcard entry is https://*.domain")
    host = url.host or ""
    if len(host.split(".")) < _WILD_LABELS or host.replace(".", "").isdecimal():
        raise ValueError("a wildcard stands before a domain, not before a top level")
    return url.scheme, f".{host}", url.port


def _key(url: URL) -> tuple[str, str | None, int | None]:
    """The default port is the same origin, spelled out or not."""
    return url.scheme, url.host, url.port
