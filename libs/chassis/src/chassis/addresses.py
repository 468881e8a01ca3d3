"""Whose network address a request comes from, when proxies stand in between.

X-Forwarded-For is believed only as far as trusted proxies wrote it: read from the right, the
first address that is none of theirs is the caller's. Anything further left anybody can make up.
One that comes from a peer nobody trusts is counted, and warned of: a proxy that was left out of
the settings makes one caller of all.
"""

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import structlog
from aiohttp import web

from chassis.metrics import count

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
ONE_CALLER_V6 = 64
"""A household has a whole /64; limits count it as one."""
MAX_HOPS = 16
FORWARDED = "X-Forwarded-For"
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d{1,5})?|(?P<v4>[\d.]+):\d{1,5}")
"""A hop as Azure's gateways and IIS write it: 203.0.113.7:51234, [2001:db8::7]:51234."""
SHOWN_V4, SHOWN_V6 = 24, 48
"""What a warning names of a peer: its network."""
MOST_WARNED = 8
"""Networks warned of, each once: the internet could write such headers all day."""

log = structlog.get_logger()
_warned: set[Network] = set()


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
    if FORWARDED in request.headers and not _within(here, trusted):
        _not_believed(here)
    hops = ",".join(request.headers.getall(FORWARDED, [])).split(",")[-MAX_HOPS:]
    while _within(here, trusted) and hops:
        before = _parse(_without_port(hops.pop().strip()))
        if before is None:
            break
        here = before
    return here


def _not_believed(peer: Address) -> None:
    """Perhaps a proxy that was left out of `trusted_proxies`, perhaps a caller who makes it up."""
    count("forwarded", "ignored", "peer_not_trusted")
    shown = SHOWN_V6 if isinstance(peer, IPv6Address) else SHOWN_V4
    network = ip_network((peer, shown), strict=False)
    if network not in _warned and len(_warned) < MOST_WARNED:
        _warned.add(network)
        log.warning("forwarded_for_not_believed", peer=str(network), setting="trusted_proxies")


def _without_port(hop: str) -> str:
    found = WITH_PORT.fullmatch(hop)
    return hop if found is None else found["v6"] or found["v4"] or ""


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
