"""What members said of secure sums, by the call or the round that they speak of; each statement is read once."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from lineside.exchange import SumKey, SumMember, SumShare
from lineside.hub.hearing import Hearing, Uttered


class SaidOfSums:
    """Keys and shares, the first of each member. Safe from any thread."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._lock = threading.Lock()
        self._keys_read = self._shares_read = 0
        self._keys: dict[str, dict[int, Uttered[SumKey]]] = {}
        self._shares: dict[str, dict[int, str]] = {}

    def keys(self, call: str) -> list[SumMember]:
        """Who takes part in a sum, by number, each by the first key that it named."""
        with self._lock:
            self._look()
            found = self._keys.get(call, {})
            return [SumMember(member=number, key=found[number].told.key) for number in sorted(found)]

    def entries(self, call: str) -> dict[int, int]:
        """The entry of the ledger by which each of them said so."""
        with self._lock:
            self._look()
            return {number: one.entry for number, one in self._keys.get(call, {}).items()}

    def takes_part(self, call: str, member: int) -> bool:
        """Whether a member named a key for a sum."""
        with self._lock:
            self._look()
            return member in self._keys.get(call, ())

    def shares(self, of_round: str) -> Mapping[int, str]:
        """The shares of a round, by member."""
        with self._lock:
            self._look()
            return dict(self._shares.get(of_round, {}))

    def sent(self, of_round: str, member: int) -> bool:
        """Whether a member sent its share of a round."""
        with self._lock:
            self._look()
            return member in self._shares.get(of_round, ())

    def _look(self) -> None:
        keys, shares = self._hearing.of(SumKey), self._hearing.of(SumShare)
        for key in keys[self._keys_read :]:
            self._keys.setdefault(key.told.call, {}).setdefault(key.told.member, key)
        for share in (one.told for one in shares[self._shares_read :]):
            self._shares.setdefault(share.round, {}).setdefault(share.member, share.share)
        self._keys_read, self._shares_read = len(keys), len(shares)
