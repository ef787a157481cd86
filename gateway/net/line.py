"""One outgoing connection: which addresses it may reach, and the means to cut it when its time is up."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_CONNECT_S = 5.0

_NAT64 = ip_network("64:ff9b::/96")
_NEVER = tuple(
    ip_network(block)
    for block in (
        "64:ff9b:1::/48",  # NAT64 of a private network, RFC 8215
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # the old site-local block, RFC 3879
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # the old 6to4 relays, RFC 7526
    )
)
"""Blocks that some versions of Python still call global."""

Address = IPv4Address | IPv6Address


class PartnerAway(Exception):
    """A partner could not be reached or did not answer as agreed. `reason` is a fixed phrase; `status` the HTTP status, where there was one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def is_public(text: str) -> bool:
    """True for an address on the public internet, also after unwrapping the IPv4 address that some IPv6 ones carry."""
    address = ip_address(text.split("%", maxsplit=1)[0])
    return all(_is_global(each) for each in (address, *_carried(address)))


def _is_global(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in block for block in _NEVER)


def _carried(address: Address) -> tuple[Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    nat64 = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return tuple(each for each in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), nat64) if each is not None)


class Line:
    """The connection of one request. `cut` may be called from another thread at any moment."""

    def __init__(self, allow_private: bool, timeout_s: float) -> None:
        self._allow_private = allow_private
        self._connect_s = min(timeout_s, _CONNECT_S)
        self._taps: list[socket.socket] = []
        self.was_cut = False

    def open(self, scheme: str, host: str, port: int) -> socket.socket:
        """Connect to the first address of `host` that answers, if all its addresses are allowed. Raises PartnerAway."""
        for family, address in self._addresses(scheme, host.strip("[]"), port):
            if self.was_cut:
                break
            with suppress(OSError):
                return self._connected(family, address)
        raise PartnerAway("the partner's address does not answer")

    def cut(self) -> None:
        """End the connection now; whoever reads from it meets its end."""
        self.was_cut = True
        for tap in self._taps:
            with suppress(OSError):
                tap.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for tap in self._taps:
            tap.close()

    def _addresses(self, scheme: str, host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise PartnerAway("the partner's name is not known") from None
        addresses = [(int(entry[0]), (str(entry[4][0]), int(entry[4][1]))) for entry in found]
        if not all(self._may_reach(scheme, address[0]) for _, address in addresses):
            raise PartnerAway("the partner's address is not one that may be reached")
        return addresses

    def _may_reach(self, scheme: str, address: str) -> bool:
        return scheme == "https" if is_public(address) else self._allow_private

    def _connected(self, family: int, address: tuple[str, int]) -> socket.socket:
        line = socket.socket(family, socket.SOCK_STREAM)
        # The second handle reaches the connection after TLS has taken the first one over.
        self._taps.append(line.dup())
        line.settimeout(self._connect_s)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        if self.was_cut:
            line.close()
            raise PartnerAway("the partner did not answer in time")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
