"""Certificates: what a node says it did, bound to an entry of its ledger, in one file that anybody can check."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lineside.errors import UnusableData
from lineside.trust.ledger.entries import canonical
from lineside.trust.ledger.heads import Head, decode
from lineside.trust.ledger.ledger import Ledger
from lineside.trust.ledger.proofs import prove
from lineside.trust.ledger.tree import includes, leaf_hash

CERTIFICATE = "lineside.certificate/1"
_LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Certificate:
    """A statement, and the proof that the ledger under a signed head holds an entry with its SHA-256."""

    statement: dict[str, Any]
    entry: int
    body: bytes
    proof: tuple[bytes, ...]
    head: Head

    @classmethod
    def of(cls, ledger: Ledger, entry: int, statement: dict[str, Any]) -> Certificate:
        """That of an entry whose facts hold `statement`, the digest of the statement."""
        told = prove(ledger, entry, None)
        proof = tuple(bytes.fromhex(one) for one in told["proof"])
        return cls(statement, entry, told["body"].encode(), proof, Head.parse(told["head"], ledger.name))

    @classmethod
    def read(cls, path: Path) -> Certificate:
        """The certificate in a file, its signature, its proof and its digest checked. Raises UnusableData."""
        name = path.name
        try:
            with path.open("rb") as file:
                told = decode(file.read(_LARGEST), name)
        except OSError as error:
            raise UnusableData("ledger.unreadable", file=str(path), reason=error.strerror or str(error)) from error
        try:
            statement, entry, body = dict(told["statement"]), int(told["entry"]), str(told["body"]).encode()
            proof = tuple(bytes.fromhex(one) for one in told["proof"])
            digest = json.loads(body)["facts"]["statement"]
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableData("ledger.no_certificate", file=name) from error
        head = Head.parse(told.get("head"), name)
        if told.get("format") != CERTIFICATE or digest_of(statement) != digest:
            raise UnusableData("ledger.certificate_changed", file=name)
        if not includes(entry, head.size, leaf_hash(body), proof, head.root):
            raise UnusableData("ledger.certificate_unproven", file=name, entry=entry)
        return cls(statement, entry, body, proof, head)

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "format": CERTIFICATE,
            "statement": self.statement,
            "entry": self.entry,
            "body": self.body.decode(),
            "proof": [one.hex() for one in self.proof],
            "head": self.head.told(),
        }


def is_certificate(path: Path) -> bool:
    """Whether a file begins as a certificate does; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return f'"{CERTIFICATE}"'.encode() in file.read(100)
    except OSError:
        return False


def digest_of(statement: dict[str, Any]) -> str:
    """The SHA-256 of a statement, as its entry names it."""
    return sha256(canonical(statement)).hexdigest()
