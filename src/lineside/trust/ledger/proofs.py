"""Proofs as a node gives them to somebody who holds a head."""

from __future__ import annotations

from typing import Any

from lineside.errors import ConfigurationError
from lineside.trust.ledger.ledger import Ledger
from lineside.trust.ledger.tree import consistency, inclusion


def prove(ledger: Ledger, entry: int | None, size: int | None) -> dict[str, Any]:
    """The present head with the proof that it has an entry, or that it begins with the first `size` entries.

    Raises ConfigurationError where both or neither is asked for, or it has no such entries.
    """
    head = ledger.head()
    asked = entry if size is None else size - 1
    if asked is None or (entry is not None and size is not None) or not 0 <= asked < head.size:
        raise ConfigurationError("ledger.no_proof", size=head.size)
    with ledger.stored() as now:
        if entry is not None:
            body, path = now.body(entry).decode("utf-8", "replace"), inclusion(now.at, entry, head.size)
            return {"head": head.told(), "entry": entry, "body": body, "proof": [one.hex() for one in path]}
        path = consistency(now.at, size or 1, head.size)
        return {"head": head.told(), "size": size, "proof": [one.hex() for one in path]}


def proofs_for(ledger: Ledger, size: int, entry: int | None) -> dict[str, Any]:
    """The present head, for somebody who holds one of `size` entries and was told that `entry` is among them.

    `extends` proves that it goes on from what they hold, `includes` that it has the entry, whose bytes are `body`; none
    where it cannot.
    """
    head = ledger.head()
    told: dict[str, Any] = {"head": head.told(), "extends": None, "body": None, "includes": None}
    with ledger.stored() as now:
        if 0 < size <= head.size:
            told["extends"] = [one.hex() for one in consistency(now.at, size, head.size)]
        if entry is not None and 0 <= entry < head.size:
            told["body"] = now.body(entry).decode("utf-8", "replace")
            told["includes"] = [one.hex() for one in inclusion(now.at, entry, head.size)]
    return told
