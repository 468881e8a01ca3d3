"""Visitors' network addresses: what people may see of one, and the whole of it, sealed.

The whole address goes sealed over the bus, into a table that no API reads.
"""

import ipaddress
from typing import NamedTuple
from uuid import UUID

import uuid_utils.compat as uuid_utils

from chassis.addresses import Address
from vault.keyring import KeyRing
from vault.seal import Place, seal

SHOWN_BITS = {4: 24, 6: 48}
"""IP version → how much of an address is shown."""
TABLE = "visitor_ips"
COLUMN = "ip"


class SealedAddress(NamedTuple):
    """`shown`: the network alone. `id`: of the row it is sealed for."""

    shown: str
    id: UUID
    sealed: str


class AddressSealer:
    """`ring`: visitors."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, workspace_id: UUID, address: Address) -> SealedAddress:
        """Another id and text each time."""
        row = uuid_utils.uuid7()
        place = Place(workspace_id, TABLE, row, COLUMN)
        return SealedAddress(shown(address), row, seal(self._ring, str(address), place))


def shown(address: Address) -> str:
    """203.0.113.0/24 or 2001:db8:1::/48; of a v4 address in v6's clothes the first."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, SHOWN_BITS[address.version]), strict=False))
