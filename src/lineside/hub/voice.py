"""What a hub says in its own name: signed with the key of its ledger, with how that key came to be."""

from __future__ import annotations

from lineside.exchange import Envelope
from lineside.trust import Ledger


class Voice:
    """Signs for a hub, whose name is the id of its public ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._key = ledger.signing
        with ledger.stored() as now:
            self.hub, self.succession = now.log, now.succession()
            self._first = now.first_key()

    @property
    def key(self) -> bytes:
        """By which what it says is known."""
        return self._key.public

    def said(self, envelope: Envelope) -> bool:
        """Whether this hub signed it, by the key that it has or one that gave its word for it."""
        keys = (self.key, self._first, *(bytes.fromhex(key) for key, _ in self.succession))
        return any(envelope.signed_by(key) for key in keys)

    def say(self, kind: str, payload: bytes) -> bytes:
        """The envelope of a payload, as it is sent."""
        return Envelope.sign(kind, payload, self._key).json()
