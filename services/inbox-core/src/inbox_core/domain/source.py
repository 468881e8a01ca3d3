"""Where a person was when they began a conversation. Written once, then only read.

What an adapter tells is looked at again here, for screens make links of it and nobody but the
holder of a key is to see a whole network address: whatever is not as it must be is left out.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit
from uuid import UUID

Network = IPv4Network | IPv6Network

PREFIX = {4: 24, 6: 48}
"""IP version → the bits of an address that are shown."""
PAGES = frozenset({"http", "https"})
INVISIBLE = re.compile(r"[\x00-\x20\x7f]")
"""What a browser would leave out of an address, or read as its end."""
SEALED = re.compile(r"sv1\.visitors\.[A-Za-z0-9_.-]+")
"""What vault seals with the ring `visitors`: an address that is not sealed is not kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """As contracts.parts.Source, of one conversation. `ip` is a network, never an address."""

    workspace_id: UUID
    conversation_id: UUID
    page_url: str | None = None
    page_title: str | None = None
    referrer: str | None = None
    utm: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    time_zone: str | None = None
    screen: str | None = None
    user_agent: str | None = None
    ip: Network | None = None


@dataclass(frozen=True, slots=True)
class SealedIp:
    """The whole address, readable by whoever holds the ring `visitors` alone."""

    workspace_id: UUID
    id: UUID
    conversation_id: UUID
    sealed: str
    at: datetime


def network(text: str | None) -> Network | None:
    """The network, if it hides the part of an address that it has to."""
    try:
        found = ip_network(text or "")
    except ValueError:
        return None
    return found if found.prefixlen == PREFIX[found.version] else None


def page(text: str | None) -> str | None:
    """The address, if a browser that follows it opens a page and runs nothing."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return None
    followed = parts.scheme in PAGES and parts.hostname and parts.username is None
    return text if followed and not INVISIBLE.search(text or "") else None


def is_sealed(text: str | None) -> bool:
    """Whether it looks as a sealed address does."""
    return SEALED.fullmatch(text or "") is not None
