"""Signed envelopes as DSSE 1.0 has them: what is signed are the bytes that were sent, and what kind of bytes they are.

https://github.com/secure-systems-lab/dsse (protocol and envelope). Keys are Ed25519; `keyid` is the fingerprint that
people compare, and only a hint, as DSSE asks.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import msgspec
from msgspec import Struct

from lineside.errors import UnusableData
from lineside.trust import Key, fingerprint, signature_holds

MOST_BYTES = 262_144
"""Of a payload; 40 indicators of a month are about 5,000."""
_MOST_SIGNATURES = 4


class _Signature(Struct):
    sig: str
    keyid: str = ""


class _Wire(Struct, rename="camel"):
    payload: str
    payload_type: str
    signatures: list[_Signature]


_DECODER = msgspec.json.Decoder(_Wire)


def pae(kind: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding of a payload and its type."""
    told = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(told), told, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload of some kind, with signatures that nobody has checked yet."""

    kind: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]
    """Each the id of a key, which is a hint, and the signature."""

    @classmethod
    def sign(cls, kind: str, payload: bytes, *keys: Key) -> Self:
        """Signs a payload with each key."""
        signed = pae(kind, payload)
        return cls(kind, payload, tuple((fingerprint(key.public), key.signature(signed)) for key in keys))

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """The envelope that a JSON text is. Raises UnusableData for what is none, or too large."""
        if len(text) > 2 * MOST_BYTES:
            raise UnusableData("exchange.too_large", most=MOST_BYTES)
        try:
            wire = _DECODER.decode(text)
            payload = _bytes(wire.payload)
            signatures = tuple((one.keyid, _bytes(one.sig)) for one in wire.signatures)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise UnusableData("exchange.no_envelope") from error
        if len(payload) > MOST_BYTES:
            raise UnusableData("exchange.too_large", most=MOST_BYTES)
        if not 0 < len(signatures) <= _MOST_SIGNATURES:
            raise UnusableData("exchange.no_envelope")
        return cls(wire.payload_type, payload, signatures)

    def json(self) -> bytes:
        """As it is sent, in one line."""
        signatures = [_Signature(_text(sig), keyid) for keyid, sig in self.signatures]
        return msgspec.json.encode(_Wire(_text(self.payload), self.kind, signatures))

    @property
    def sha256(self) -> str:
        """Of the payload: by it an envelope is named, whatever its signatures."""
        return sha256(self.payload).hexdigest()

    def signed_by(self, public: bytes) -> bool:
        """Whether any signature is of this key."""
        signed = pae(self.kind, self.payload)
        return any(signature_holds(public, signed, sig) for _, sig in self.signatures)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """DSSE lets a sender choose either alphabet of base64."""
    return base64.b64decode(text.translate(_URL_SAFE), validate=True)


_URL_SAFE = str.maketrans("-_", "+/")
