"""Six digits that change every half minute (RFC 6238, SHA-1, as every authenticator app makes them).

It is a dozen lines of the standard library, checked with the RFC's own numbers: no dependency earns its place.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote

STEP_S = 30
DIGITS = 6


def new_key() -> str:
    """160 random bits, as RFC 4226 asks for, in the letters that apps take."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def digits_at(key: str, step: int, digits: int = DIGITS) -> str:
    """The digits of a step since 1970."""
    told = hmac.digest(base64.b32decode(key), step.to_bytes(8, "big"), "sha1")
    at = told[-1] & 15
    number = int.from_bytes(told[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(key: str, typed: str, now_us: int, after: int) -> int | None:
    """The step whose digits were typed: the running one, or the one before or behind it for clocks that are off.

    None for wrong digits, and for a step that is not later than `after`: digits count once.
    """
    digits = "".join(typed.split())
    if not digits.isascii():
        return None
    now = now_us // 1_000_000 // STEP_S
    steps = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(digits_at(key, step), digits)]
    return next((step for step in steps if step > after), None)


def address(key: str, name: str, plant: str) -> str:
    """What an app reads: an otpauth address."""
    return f"otpauth://totp/{quote(f'{plant}:{name}')}?secret={key}&issuer={quote(plant)}"
