"""What counts as this machine talking to itself."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses, with or without brackets."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


_NEAR_4 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
_NEAR_6 = ("fc00::/7", "fe80::/10", "::1/128")
_NEAR = tuple(map(ip_network, (*_NEAR_4, *_NEAR_6)))


def is_near(host: str) -> bool:
    """True for addresses of this computer and of networks that no other site can be in (RFC 1918, RFC 4193), and links.

    False for all else, also for what is no address.
    """
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    address = found if mapped is None else mapped
    return any(address in network for network in _NEAR)


def is_own_origin(origin: str | None, host: str, names: Collection[str] = ()) -> bool:
    """True when a browser's Origin is this very node, or when no browser sent one.

    `host` is the Host header. A page of another site, or a name that merely resolves to this machine, is refused; so
    is what cannot be read. A node that serves others too has `names`, and answers to these and to any address of it,
    which no name can be made to resolve to.
    """
    try:
        told = urlsplit(f"//{host}")
        name = told.hostname or "" if told.port != 0 else ""  # a port that cannot be raises ValueError
        here = is_loopback(name) or (bool(names) and (name in names or _is_address(name)))
        return here and (origin is None or urlsplit(origin).netloc == host)
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
