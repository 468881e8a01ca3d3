"""Which hosts a channel's token may travel to: an exact list of scheme, host and port.

Read once by GraphClient when it is built. Meta's own is the default; an emulator's is added by
whoever runs one. There is no pattern and no switch: what is not on the list is refused.
"""

from collections.abc import Collection

from yarl import URL

META = "https://graph.facebook.com"


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


def _key(url: URL) -> tuple[str, str | None, int | None]:
    """The default port is the same origin, spelled out or not."""
    return url.scheme, url.host, url.port
