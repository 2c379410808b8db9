"""How often somebody may do something: so many at once, which grow back. In memory, of bounded size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

REMEMBERED = 10_000
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class Leak:
    """A count that leaks away."""

    count: float = 0.0
    at_s: float = 0.0

    def now(self, at_s: float, each_s: float) -> float:
        """What is left of it, one leaking away every `each_s`."""
        self.count = max(0.0, self.count - (at_s - self.at_s) / each_s)
        self.at_s = at_s
        return self.count


@dataclass(slots=True)
class Rate:
    """`burst` at once for each key, and `per_s` a second after that; `clock_s` is any clock that goes forward."""

    burst: int
    per_s: float
    clock_s: Callable[[], float]
    _known: OrderedDict[str, Leak] = field(default_factory=OrderedDict)

    def take(self, key: str) -> float:
        """Seconds to wait; 0 takes one."""
        leak = kept(self._known, key, Leak)
        over = leak.now(self.clock_s(), 1 / self.per_s) - self.burst + 1
        if over > 0:
            return over / self.per_s
        leak.count += 1
        return 0.0

    def spent(self, key: str) -> bool:
        """Whether nothing can be taken just now; asking takes nothing."""
        leak = self._known.get(key)
        return leak is not None and leak.now(self.clock_s(), 1 / self.per_s) > self.burst - 1


def kept(known: OrderedDict[_K, _V], key: _K, make: Callable[[], _V]) -> _V:
    """What is known of a key, made where there is nothing yet; what was not asked for longest is forgotten."""
    if key not in known:
        known[key] = make()
        while len(known) > REMEMBERED:
            known.popitem(last=False)
    known.move_to_end(key)
    return known[key]
