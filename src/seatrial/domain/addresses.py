"""Which network addresses this server may be sent to by people who name a URL."""

import ipaddress
import socket
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_WELL_KNOWN_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, section 2.5.5.1
_INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        # The registries of special-purpose addresses (RFC 6890), spelled out: `ipaddress` knows more of them with
        # every version of Python, and fewer with older ones.
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/3"),
        # The channel between a virtual machine and its host at Azure: a public address that is no public server.
        "168.63.129.16/32",
        # IPv6: only 2000::/3 is global unicast (RFC 4291); in it, tunnels, documentation and benchmarks are not.
        *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Public addresses, and those networks of the inside that the operator opens."""

    allowed: tuple[Network, ...] = ()

    def refuses(self, address: Address) -> bool:
        """Whether an address is one of the inside, in whatever form it is written, and not opened."""
        forms = [address]
        embedded = _embedded(address)
        if embedded is not None:
            # What a translator or the system itself makes of it counts, and nothing else.
            forms = [embedded]
            if any(address in network for network in self.allowed):
                return False
        return any(self._is_inside(form) for form in forms)

    def _is_inside(self, address: Address) -> bool:
        if any(address in network for network in self.allowed):
            return False
        return any(address in network for network in _INSIDE)


def literal(host: str) -> Address | None:
    """Read a host that is an address: in the usual form, or as C libraries read it (`2130706433`, `0x7f.1`)."""
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.removesuffix(".")))
    except (OSError, UnicodeError, ValueError):
        return None


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Find the IPv4 address that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _WELL_KNOWN_NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
