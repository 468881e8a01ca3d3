"""A peer: the other end of a request or socket, as it is known before it says anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from chassis.addresses import Address, Network, counted_as, whole_address


@dataclass(frozen=True, slots=True)
class Peer:
    """`address`: the visitor's own, past trusted proxies. The others are headers, as they came."""

    address: Address | None
    user_agent: str | None = None
    languages: str | None = None

    @property
    def counted_as(self) -> str:
        """What limits of an address count by."""
        return counted_as(self.address)


def peer_of(request: web.Request, trusted: Sequence[Network]) -> Peer:
    """Who is at the other end."""
    return Peer(
        address=whole_address(request, trusted),
        user_agent=request.headers.get("User-Agent"),
        languages=request.headers.get("Accept-Language"),
    )
