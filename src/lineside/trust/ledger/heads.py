"""Signed heads and receipts: what a node says of its ledger at a moment, and what others keep of it.

Everything here is checked from its own bytes. Nothing in it trusts the node.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lineside.errors import ConfigurationError, UnusableData
from lineside.trust.ledger.entries import canonical
from lineside.trust.ledger.tree import SIZE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HEAD = "lineside.head/1"
RECEIPT = "lineside.receipt/1"
_KEY_CONTEXT = "lineside.key/1"
_LARGEST = 2**53 - 1


class Key:
    """An Ed25519 key that signs."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    @classmethod
    def read(cls, file: Path) -> Self:
        """The key in a file. Raises ConfigurationError for what is none."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            found = load_pem_private_key(file.read_bytes(), None)
        except OSError as error:
            raise ConfigurationError("ledger.key_file", file=str(file), reason=error.strerror or str(error)) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigurationError("ledger.no_key", file=str(file)) from error
        if not isinstance(found, Ed25519PrivateKey):
            raise ConfigurationError("ledger.no_key", file=str(file))
        return cls(found)

    @classmethod
    def make(cls, file: Path) -> Self:
        """A new key in a new file that its owner alone can read. Raises ConfigurationError where it cannot be made."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as into:
                into.write(text)
                into.flush()
                os.fsync(into.fileno())
        except OSError as error:
            raise ConfigurationError("ledger.key_file", file=str(file), reason=error.strerror or str(error)) from error
        return cls(key)

    def sign(self, context: str, told: Mapping[str, object]) -> str:
        """The signature over an object, said for what it is."""
        return self.signature(_signed(context, told)).hex()

    def signature(self, data: bytes) -> bytes:
        """The signature over bytes that say themselves what they are."""
        return self._private.sign(data)


def signed_by(public: bytes, context: str, told: Mapping[str, object], signature: str) -> bool:
    """Whether a key signed an object for what it is said to be."""
    try:
        found = bytes.fromhex(signature)
    except ValueError:
        return False
    return signature_holds(public, _signed(context, told), found)


def signature_holds(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature over bytes is of this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(context: str, told: Mapping[str, object]) -> bytes:
    return context.encode() + b"\n" + canonical(told)


def fingerprint(public: bytes) -> str:
    """Of a key, 80 bits for people to compare: `4F2A-91C0-7B3D-E855-0A6C`."""
    digits = sha256(public).hexdigest()[:20].upper()
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def key_signature(old: Key, log: str, new: bytes) -> str:
    """That the holder of a ledger's key gives it over to another."""
    return old.sign(_KEY_CONTEXT, {"log": log, "key": new.hex()})


def key_given_over(old: bytes, log: str, new: bytes, signature: str) -> bool:
    """Whether the holder of the old key signed that the new one follows."""
    return signed_by(old, _KEY_CONTEXT, {"log": log, "key": new.hex()}, signature)


@dataclass(frozen=True, slots=True)
class Head:
    """The first `size` entries of the ledger `log` have this `root`, said at `time_us` and signed by `key`."""

    log: str
    size: int
    root: bytes
    time_us: int
    key: bytes
    signature: str

    @classmethod
    def sign(cls, key: Key, log: str, size: int, root: bytes, time_us: int) -> Self:
        """The head of a ledger."""
        bare = cls(log, size, root, time_us, key.public, "")
        return cls(log, size, root, time_us, key.public, key.sign(HEAD, bare._told()))

    @classmethod
    def parse(cls, told: object, file: str) -> Self:
        """The head that an object is, its signature checked. Raises UnusableData."""
        found = _object(told, file)
        try:
            size, time = found["size"], found["time"]
            head = cls(str(found["log"]), size, _hash(found["root"]), time, _hash(found["key"]), found["signature"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnusableData("ledger.no_head", file=file) from error
        if found.get("format") != HEAD or not _whole(size) or not _whole(time) or not isinstance(head.signature, str):
            raise UnusableData("ledger.no_head", file=file)
        if not signed_by(head.key, HEAD, head._told(), head.signature):
            raise UnusableData("ledger.head_forged", file=file, key=fingerprint(head.key))
        return head

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._told(), "signature": self.signature}

    def _told(self) -> dict[str, Any]:
        told = {"format": HEAD, "log": self.log, "size": self.size, "root": self.root.hex(), "time": self.time_us}
        return {**told, "key": self.key.hex()}


@dataclass(frozen=True, slots=True)
class Receipt:
    """Somebody else, who is known by their key `holder`, saw a head at `time_us` and keeps it."""

    head: Head
    holder: bytes
    time_us: int
    signature: str

    @classmethod
    def sign(cls, key: Key, head: Head, time_us: int) -> Self:
        """Countersigns a head."""
        bare = cls(head, key.public, time_us, "")
        return cls(head, key.public, time_us, key.sign(RECEIPT, bare._told()))

    @classmethod
    def parse(cls, told: object, file: str) -> Self:
        """The receipt that an object is, both its signatures checked. Raises UnusableData."""
        found = _object(told, file)
        head = Head.parse(found.get("head"), file)
        try:
            receipt = cls(head, _hash(found["holder"]), found["time"], found["signature"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnusableData("ledger.no_receipt", file=file) from error
        if found.get("format") != RECEIPT or not _whole(receipt.time_us) or not isinstance(receipt.signature, str):
            raise UnusableData("ledger.no_receipt", file=file)
        if not signed_by(receipt.holder, RECEIPT, receipt._told(), receipt.signature):
            raise UnusableData("ledger.receipt_forged", file=file, holder=fingerprint(receipt.holder))
        return receipt

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._told(), "signature": self.signature}

    def _told(self) -> dict[str, Any]:
        return {"format": RECEIPT, "head": self.head.told(), "holder": self.holder.hex(), "time": self.time_us}


def decode(text: bytes | str, file: str) -> dict[str, Any]:
    """The JSON object that a text is. Raises UnusableData."""
    try:
        return _object(json.loads(text), file)
    except (ValueError, RecursionError) as error:
        raise UnusableData("ledger.no_head", file=file) from error


def _object(told: object, file: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise UnusableData("ledger.no_head", file=file)
    return told


def _hash(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != SIZE:
        raise ValueError(text)
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
