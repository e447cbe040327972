"""Defines one client address: an IPv4 address, or an IPv6 /64."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

PREFIX = 64
LONGEST = 64


@lru_cache(maxsize=4_096)
def address_key(host: str) -> str:
    """The key under which requests, connections and passwords are counted.

    A household or office has a whole /64 and can use any address in it. Text that is not an
    address, such as a test client's name, is its own key.
    """
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:LONGEST]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, PREFIX), strict=False).network_address)


def is_in(host: str, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    """Return True if an address is in one of the networks."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return any((mapped or found) in network for network in networks)
