"""What may happen a thousand times a second is told twice a minute at most: at once, and how often in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lineside.trust.ledger.entries import Fact, Kind

MINUTE_US = 60_000_000
MOST = 50
"""So many different things of a minute are told apart; the others are one."""


class Happening(NamedTuple):
    """What is counted together. Without an account `who` it was somebody at an `address`."""

    kind: Kind
    who: str | None
    address: str | None
    about: str
    facts: tuple[tuple[str, Fact], ...] = ()


@dataclass(slots=True)
class _Sum:
    minute: int
    count: int = 0
    told: bool = False


class Sums:
    """Counts what happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[Happening, _Sum] = {}

    def add(self, happening: Happening, now_us: int) -> None:
        """It happened once more."""
        with self._lock:
            if happening not in self._sums and len(self._sums) >= MOST:
                happening = Happening(happening.kind, "nobody", None, "others")
            self._sums.setdefault(happening, _Sum(now_us // MINUTE_US)).count += 1

    def due(self, now_us: int, *, everything: bool = False) -> Iterator[tuple[Happening, int]]:
        """What is to be told now with its count: what is new, and what minutes that are over still hold."""
        minute = now_us // MINUTE_US
        with self._lock:
            for happening, found in list(self._sums.items()):
                over = everything or found.minute != minute
                if found.count and (over or not found.told):
                    yield happening, found.count
                    found.count, found.told = 0, True
                if over:
                    del self._sums[happening]

    def again(self, happening: Happening, count: int, now_us: int) -> None:
        """What could not be written is to be told later."""
        with self._lock:
            found = self._sums.setdefault(happening, _Sum(now_us // MINUTE_US))
            found.count, found.told = found.count + count, False
