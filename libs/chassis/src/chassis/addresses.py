"""Whose network address a request comes from, when proxies stand in between.

X-Forwarded-For is believed only as far as trusted proxies wrote it: read from the right, the
first address that is none of theirs is the caller's. Anything further left anybody can make up.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
ONE_CALLER_V6 = 64
"""A household has a whole /64; limits count it as one."""
MAX_HOPS = 16


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """Addresses or networks of a setting. Raises ValueError."""
    return tuple(ip_network(word, strict=False) for word in words)


def caller_address(request: web.Request, trusted: Sequence[Network]) -> str:
    """The address limits count by."""
    return counted_as(whole_address(request, trusted))


def counted_as(address: Address | None) -> str:
    """What limits count an address by: of IPv6 its network."""
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(ip_network((address, ONE_CALLER_V6), strict=False))
    return str(address)


def whole_address(request: web.Request, trusted: Sequence[Network]) -> Address | None:
    """The caller's own address, a v4 one never in v6's clothes. None: the socket has none."""
    here = _parse(request.remote or "")
    if here is None:
        return None
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")[-MAX_HOPS:]
    while _within(here, trusted) and hops:
        before = _parse(hops.pop().strip())
        if before is None:
            break
        here = before
    return here


def _parse(word: str) -> Address | None:
    try:
        found = ip_address(word)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _within(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
