"""SSRF guard: refuses connections to non-public addresses.

A name is resolved once, every address that it has is checked, and the connection goes to one of those
very addresses. A second look-up, which could give another answer (DNS rebinding), never happens.
"""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.name_lookup import NameLookup
from tasks.http_client.target import Target

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_6TO4 = IPv6Network("2002::/16")  # RFC 3056
_NEVER = (
    IPv6Network("2001::/32"),  # Teredo: carries an IPv4 address that the sender chooses
    IPv6Network("2001:db8::/32"),  # documentation, as is the next (RFC 9637), which Python 3.11 calls global
    IPv6Network("3fff::/20"),
)
_RELAY = ipaddress.IPv4Network("192.88.99.0/24")  # 6to4 relays, withdrawn by RFC 7526


def is_public(address: str) -> bool:
    """Say whether an IP address is public, in whatever notation."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return _is_public_v4(ip) if isinstance(ip, IPv4Address) else _is_public_v6(ip)


def _is_public_v4(ip: IPv4Address) -> bool:
    # is_global is true for multicast.
    return ip.is_global and not ip.is_multicast and ip not in _RELAY


def _is_public_v6(ip: IPv6Address) -> bool:
    if ip.scope_id is not None:
        return False
    if ip.ipv4_mapped is not None:
        return _is_public_v4(ip.ipv4_mapped)
    if ip in _NAT64:
        return _is_public_v4(IPv4Address(int(ip) & 0xFFFFFFFF))
    if ip in _6TO4:
        return _is_public_v4(IPv4Address(int(ip) >> 80 & 0xFFFFFFFF))
    # All routed addresses are in 2000::/3; this excludes 64:ff9b:1::/48 (local NAT64, RFC 8215),
    # ::a.b.c.d, unique local, link-local and multicast addresses.
    return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in block for block in _NEVER)


def check_port(target: Target, allow: frozenset[str], ports: frozenset[int]) -> None:
    """Raise Fault unless the port is a standard one or the source lists it in `allow`."""
    if target.port not in ports and target.authority not in allow:
        reason = f"Port {target.port} of {target.host} is blocked unless 'allow' lists {target.authority!r}."
        raise Fault(ErrorClass.BLOCKED_ADDRESS, reason, can_retry=False)


def find_addresses(
    target: Target, allow: frozenset[str], *, names: NameLookup, timeout_s: float
) -> Sequence[str]:
    """Return the addresses that a connection may use. Raises Fault.

    One non-public address refuses them all: a name with a mixed answer is an attack or a mistake,
    and choosing among its addresses would hide it.
    """
    addresses = names.find(target, timeout_s)
    if target.authority in allow:
        return addresses
    non_public = [address for address in addresses if not is_public(address)]
    if non_public:
        reason = f"{target.host} resolves to a non-public address ({non_public[0]})."
        raise Fault(ErrorClass.BLOCKED_ADDRESS, reason, can_retry=False)
    return addresses
