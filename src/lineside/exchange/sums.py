"""Secure sums: a hub learns what members have together, and of nobody what they have alone.

Each pair of members of a round agrees on a number that both know and nobody else (X25519, RFC 7748; HKDF-SHA-256, RFC
5869, bound to the round). The one with the lower number adds it to its value, the other takes it away, modulo 2^64; so
in the sum of all shares these numbers cancel, and a share by itself is as good as random (pairwise masking: Bonawitz et
al. 2017, "Practical Secure Aggregation for Privacy-Preserving Machine Learning", without their recovery of masks: where
a share is missing nothing can be told, and a new round begins among those that sent one).

It holds against a hub that follows the protocol and looks at all it gets, together with any members but two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Literal

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from lineside.errors import UnusableData
from lineside.exchange.overseeing import Addressed
from lineside.exchange.words import Both, Count, Hash, Hub, Month, Number, Record, Text

SUM_CALL = "application/vnd.lineside.sum-call+json"
SUM_ROUND = "application/vnd.lineside.sum-round+json"
"""Both signed by the hub; the SHA-256 of the payload names each."""
MOST_SUM_MEMBERS = 500
MOST_SUM_ROUNDS = 5
_MODULUS = 2**64
_INFO = b"lineside.sum/1"


class SumCall(Record, frozen=True, kw_only=True):
    """What is to be summed, over whom, and until when members may say that they take part."""

    schema: Literal["lineside.sum-call/1"]
    hub: Hub
    number: Number
    title: Both
    purpose: Both
    quantity: Both
    """What each gives: a number that people enter, or the indicator of a month."""
    indicator: Text | None = None
    month: Month
    unit: Text
    resolution: Annotated[float, Meta(gt=0)]
    """Values are rounded to whole steps of it."""
    most: Annotated[float, Meta(gt=0)]
    """No value lies beyond it, nor below its negative."""
    to: Addressed
    least: Annotated[int, Meta(ge=3, le=MOST_SUM_MEMBERS)]
    """With fewer members nothing is summed."""
    keys_until_ms: Count
    hours: Annotated[int, Meta(ge=1, le=24 * 60)]
    """So long each round waits for shares."""


class SumMember(Record, frozen=True, kw_only=True):
    """Who takes part, and the key that it made for this sum alone."""

    member: Number
    key: Hash


class SumRound(Record, frozen=True, kw_only=True):
    """One attempt: those whose shares make the sum, if all send theirs."""

    schema: Literal["lineside.sum-round/1"]
    hub: Hub
    call: Hash
    attempt: Annotated[int, Meta(ge=1, le=MOST_SUM_ROUNDS)]
    members: Annotated[tuple[SumMember, ...], Meta(min_length=3, max_length=MOST_SUM_MEMBERS)]
    closes_ms: Count


def steps(value: float, call: SumCall) -> int:
    """A value in whole steps. Raises UnusableData for one that lies beyond what the call allows."""
    if not abs(value) <= call.most:
        raise UnusableData("sums.beyond", value=value, most=call.most, unit=call.unit)
    return round(value / call.resolution)


def share(value: int, own: int, secret: bytes, told: SumRound, payload: bytes) -> str:
    """What a member says of its value in a round: 16 hexadecimal digits.

    `secret` is the raw X25519 key behind the one that the round, whose bytes are `payload`, names for it. Raises
    UnusableData where the round names another key or other members than it should.
    """
    key = X25519PrivateKey.from_private_bytes(secret)
    keys = {one.member: one.key for one in told.members}
    if len(keys) < len(told.members) or len({*keys.values()}) < len(keys):
        raise UnusableData("sums.twice")
    if keys.get(own) != key.public_key().public_bytes_raw().hex():
        raise UnusableData("sums.other_key", member=own)
    masked = value
    for member, public in keys.items():
        if member != own:
            masked += _mask(key, public, payload) * (1 if own < member else -1)
    return f"{masked % _MODULUS:016x}"


def summed(shares: Mapping[int, str] | Iterable[str]) -> int:
    """The sum of the values behind all shares of a round, in steps; of a part of them it is a random number."""
    told = shares.values() if isinstance(shares, Mapping) else shares
    total = sum(int(one, 16) for one in told) % _MODULUS
    return total - _MODULUS if total >= _MODULUS // 2 else total


def sum_key() -> tuple[bytes, str]:
    """A new secret for one sum, and the public key that belongs to it."""
    key = X25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw().hex()


def _mask(key: X25519PrivateKey, public: str, payload: bytes) -> int:
    try:
        agreed = key.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    except (ValueError, InvalidKey) as error:  # a point of small order: whoever sent it wants to know the mask
        raise UnusableData("sums.weak_key") from error
    derived = HKDF(SHA256(), 8, salt=sha256(payload).digest(), info=_INFO).derive(agreed)
    return int.from_bytes(derived, "big")
