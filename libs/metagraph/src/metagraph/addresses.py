"""Which addresses a file may be fetched from: those of the public internet. Used by download.py.

A name is looked up once; every address it has is checked, and the connection is made to these and
no others. So a name that points into our own network, or changes its mind between the check and
the connection, leads nowhere.
"""

import ipaddress
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")


class BlockedAddress(OSError):
    """A name leads to an address that is not public; an OSError, as resolvers raise."""


def public(text: str) -> bool:
    """Whether this is an address of the public internet, and no other way to write a private one.

    Private, loopback, link-local (with the clouds' metadata), shared, multicast, reserved and
    unspecified addresses are not; neither is IPv6 that carries such an IPv4 address.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_global(one) for one in (address, *_carried(address)))


def _global(address: IPv4Address | IPv6Address) -> bool:
    if address.is_multicast or address.is_reserved or address in _SITE_LOCAL:
        return address in _NAT64  # reserved by name only; what it carries is checked
    return address.is_global


def _carried(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)


class PublicResolver(AbstractResolver):
    """Looks names up through `inner` and lets only public addresses pass.

    `trusted` names stand on the allow-list themselves, as the emulator's `localhost` does.
    """

    def __init__(self, inner: AbstractResolver, trusted: Callable[[str], bool]) -> None:
        self._inner = inner
        self._trusted = trusted

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of a name. Raises BlockedAddress when one of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not self._trusted(host) and not all(public(one["host"]) for one in found):
            raise BlockedAddress(f"{host} has an address that is not public")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()
