"""Which network addresses a webhook may be sent to: checked as numbers, whatever spelling a name led to."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class ForbiddenAddressError(ValueError):
    """An address to which nothing is sent: says which, and what is allowed."""


def check_addresses(addresses: Iterable[str], networks: tuple[Network, ...]) -> Address:
    """The first of `addresses`, all of which lie in `networks`; without networks they must be public ones.

    One address that is not allowed forbids all: else a name with two addresses would lead inside now and
    then. Raises ForbiddenAddressError.
    """
    checked = [_plain(one) for one in addresses]
    if not checked:
        raise ForbiddenAddressError("the name has no address")
    for address in checked:
        if not _allowed(address, networks):
            allowed = ", ".join(map(str, networks)) or "public addresses"
            raise ForbiddenAddressError(f"{address} is not allowed here; allowed: {allowed}")
    return checked[0]


def _plain(text: str) -> Address:
    """The address; of one that is IPv4 written as IPv6, the IPv4 address. Raises ForbiddenAddressError."""
    try:
        address = ip_address(text)
    except ValueError:
        raise ForbiddenAddressError(f"{text!r} is no address") from None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.scope_id is not None:
            raise ForbiddenAddressError(f"{text} belongs to one interface only")
    return address


def _allowed(address: Address, networks: tuple[Network, ...]) -> bool:
    if networks:
        return any(address.version == network.version and address in network for network in networks)
    return address.is_global and not address.is_multicast and not _is_tunnel(address)


def _is_tunnel(address: Address) -> bool:
    """Whether the address hides another one, which may be anything."""
    if isinstance(address, IPv4Address):
        return False
    hidden = address.sixtofour is not None or address.teredo is not None
    return hidden or any(address in network for network in _NAT64)
