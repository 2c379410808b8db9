"""Secrets that the node makes: tokens, cookies and one-time codes. The books keep their SHA-256 alone.

What is random over its whole length needs no slow hash: 80 bits of a code and 256 of the others cannot be tried out.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, O, 1 and I, which people mix up
_GROUPS, _GROUP = 4, 4


def new_secret(prefix: str = "") -> str:
    """256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def new_code() -> str:
    """80 random bits as a person types them: `7KQF-29XM-WRTA-D3PZ`."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def plain_code(typed: str) -> str:
    """A code as it was made, however its letters and dashes were typed."""
    letters = "".join(typed.split()).replace("-", "").upper()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are equal, in a time that tells nothing."""
    return secrets.compare_digest(one.encode(), other.encode())
