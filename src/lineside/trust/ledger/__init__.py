"""The ledger: an append-only Merkle log of who did what, proven against heads that others hold."""

from lineside.trust.ledger.certificate import Certificate, digest_of, is_certificate
from lineside.trust.ledger.entries import HERE, HUB, NOBODY, NODE, Entry, Fact, Kind, account
from lineside.trust.ledger.export import Export, as_file, exported_ledger, parse_receipt, read_held, write_export
from lineside.trust.ledger.heads import Head, Key, Receipt, fingerprint, key_given_over, signature_holds
from lineside.trust.ledger.held import Held, marked_head
from lineside.trust.ledger.ledger import KEY_FILE, Ledger, append
from lineside.trust.ledger.proofs import proofs_for, prove
from lineside.trust.ledger.stored import Asked, Stored, stored_ledger
from lineside.trust.ledger.tree import extends, includes, leaf_hash
from lineside.trust.ledger.verify import Verdict, scan_ledger

__all__ = [
    "HERE",
    "HUB",
    "KEY_FILE",
    "NOBODY",
    "NODE",
    "Asked",
    "Certificate",
    "Entry",
    "Export",
    "Fact",
    "Head",
    "Held",
    "Key",
    "Kind",
    "Ledger",
    "Receipt",
    "Stored",
    "Verdict",
    "account",
    "append",
    "as_file",
    "digest_of",
    "exported_ledger",
    "extends",
    "fingerprint",
    "includes",
    "is_certificate",
    "key_given_over",
    "leaf_hash",
    "marked_head",
    "parse_receipt",
    "proofs_for",
    "prove",
    "read_held",
    "scan_ledger",
    "signature_holds",
    "stored_ledger",
    "write_export",
]
