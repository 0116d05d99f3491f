"""Addresses that a URL may lead to: public ones, unless the spec allows private ones.

A spec is often run by a machine that can reach more than its author: a CI runner, a server in
a cloud. A URL, or a redirect that somebody else's server answers with, must not read from there.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.fetch.fetched import UnreachableError

if TYPE_CHECKING:
    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["addresses_of", "connected", "is_public"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Public by its number, and yet the metadata service of a cloud (Azure's wire server).
METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def addresses_of(host: str, port: int, wanted: Wanted) -> list[str]:
    """Return the addresses of a host once all of them are known to be allowed.

    Raises
    ------
    SpecError
        Where one of them is private, of this machine, of the local link or of a metadata service.
    UnreachableError
        Where the name has no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreachableError(f"the name {wanted.hushed(host)} has no address: {reason}") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not wanted.source.allow_private:
        for address in addresses:
            _refuse_private(host, address, wanted)
    return addresses


def _refuse_private(host: str, address: str, wanted: Wanted) -> None:
    if is_public(address):
        return
    leads = "is" if host == address else f"leads to {address},"
    raise SpecError(
        Problem(
            f"{wanted.hushed(host)} {leads} an address that is not public",
            key=f"{wanted.key}.path",
            hint="allow it with `allow_private: true` where that is meant",
        )
    )


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet.

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(
        one.is_global and not one.is_multicast and not one.is_reserved and one not in METADATA
        for one in _meant(found)
    )


def _meant(address: Address) -> list[Address]:
    """Return the address that packets go to: a version 6 address may hold a version 4 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        return [address.sixtofour]
    if address.teredo:
        return list(address.teredo)
    if any(address in network for network in NAT64):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def connected(addresses: list[str], port: int, timeout: float) -> socket.socket:
    """Return a connection to the first of the addresses that answers.

    Raises
    ------
    OSError
        Where none does.
    """
    fault: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            fault = error
    raise fault
