"""What counts as this machine talking to itself."""

from __future__ import annotations

from ipaddress import ip_address
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


def is_own_origin(origin: str | None, host: str) -> bool:
    """True when a browser's Origin is this very node, or when no browser sent one.

    `host` is the Host header. A page of another site, or a name that merely resolves to loopback, is refused;
    so is what cannot be read.
    """
    try:
        here = is_loopback(urlsplit(f"//{host}").hostname or "")
        return here and (origin is None or urlsplit(origin).netloc == host)
    except ValueError:
        return False
