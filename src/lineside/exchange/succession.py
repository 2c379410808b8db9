"""How a key that is known leads to the one that signs now."""

from __future__ import annotations

from collections.abc import Sequence

from lineside.errors import UnusableData
from lineside.exchange.envelope import Envelope
from lineside.trust import fingerprint, key_given_over


def signer(envelope: Envelope, hub: str, known: bytes, succession: Sequence[tuple[str, str]] = ()) -> bytes:
    """The key of a hub that signed an envelope: the one that is known, or one that it gave its ledger over to.

    Raises UnusableData where that cannot be shown: the hub lost its key, or somebody else speaks in its name.
    """
    key = known
    if envelope.signed_by(key):
        return key
    for text, signature in succession:
        following = bytes.fromhex(text)
        if following != key and not key_given_over(key, hub, following, signature):
            continue  # it was given over before the key that is known was
        key = following
        if envelope.signed_by(key):
            return key
    raise UnusableData("exchange.other_signer", key=fingerprint(known))
