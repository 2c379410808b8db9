"""Slows down whoever tries passwords, before anything is hashed for them.

Three brakes, each in memory and of bounded size:

- an address has so many tries, which grow back slowly;
- after some wrong tries in a row an address waits for an account, twice as long each time, a quarter of an hour at
  most;
- an account that many addresses try waits too, but not for addresses from which its person came before. So nobody can
  lock a person out of a place where they work, nor for good; `lineside people reset` on the node's machine always
  works.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from lineside.trust.rate import REMEMBERED, Leak, kept

TRIES, PER_TRY_S = 20, 6.0
FREE, LONGEST_S = 5, 900.0
MOST_OF_ALL, ALL_S = 50, 600.0


@dataclass(slots=True)
class _Wrong:
    """Wrong tries in a row, and until when nothing is tried."""

    count: int = 0
    until_s: float = 0.0


@dataclass(slots=True)
class Brake:
    """Says how long to wait; `clock_s` is any clock that goes forward."""

    clock_s: Callable[[], float]
    _addresses: OrderedDict[str, Leak] = field(default_factory=OrderedDict)
    _pairs: OrderedDict[tuple[str, str], _Wrong] = field(default_factory=OrderedDict)
    _names: OrderedDict[str, Leak] = field(default_factory=OrderedDict)
    _friends: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def admit(self, name: str, address: str) -> float:
        """Seconds to wait before trying; 0 lets one try in, which counts as wrong until `right` is called."""
        now, pair = self.clock_s(), (name, address)
        wait = self.shut(address)
        if wait > 0:
            return wait
        wrong = kept(self._pairs, pair, _Wrong)
        if wrong.until_s > now:
            return wrong.until_s - now
        everywhere = kept(self._names, name, Leak)
        each = ALL_S / MOST_OF_ALL
        if everywhere.now(now, each) >= MOST_OF_ALL and pair not in self._friends:
            return (everywhere.count - MOST_OF_ALL + 1) * each
        tries = kept(self._addresses, address, Leak)
        tries.now(now, PER_TRY_S)
        tries.count += 1
        everywhere.count += 1
        wrong.count += 1
        if wrong.count >= FREE:
            wrong.until_s = now + min(LONGEST_S, 2.0 ** min(wrong.count - FREE, 20))
        return 0.0

    def shut(self, address: str) -> float:
        """Seconds for which an address may try nothing at all, whatever the name; asking costs no try."""
        tries = self._addresses.get(address)
        if tries is None or tries.now(self.clock_s(), PER_TRY_S) < TRIES:
            return 0.0
        return (tries.count - TRIES + 1) * PER_TRY_S

    def right(self, name: str, address: str) -> None:
        """The try was right: nothing is held against this address and name."""
        self._pairs.pop((name, address), None)
        self.greet(name, address)
        for tries in (self._addresses.get(address), self._names.get(name)):
            if tries is not None:
                tries.count = max(0.0, tries.count - 1)

    def greet(self, name: str, address: str) -> None:
        """Remembers an address from which a person came."""
        self._friends[name, address] = None
        self._friends.move_to_end((name, address))
        while len(self._friends) > REMEMBERED:
            self._friends.popitem(last=False)
