"""A shock: what is lost, capped or dearer, how much of it and for how long; and the three that everybody is told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize

from lineside.errors import ConfigurationError

MOST_DAYS = 180
MOST_RISE = 5.0


class ShockKind(StrEnum):
    """What happens."""

    SUPPLIER = "supplier"
    """An input from outside is lost, or a part of it."""
    POWER = "power"
    """Everybody gets that much less of the power that they take while they work."""
    PRICE = "price"
    """Electricity costs that much more."""


@dataclass(frozen=True, slots=True)
class Shock:
    """`size` is the share of the input that is lost, of the power that is cut, or of the price that is added.

    `what` names the input; without a name each factory loses the one that it misses most. Raises ConfigurationError.
    """

    kind: ShockKind
    size: float
    days: float
    what: str = ""

    def __post_init__(self) -> None:
        most = MOST_RISE if self.kind is ShockKind.PRICE else 1.0
        if not (0 < self.size <= most and 1 <= self.days <= MOST_DAYS):
            raise ConfigurationError("shocks.no_shock", size=self.size, most=most, days=self.days, longest=MOST_DAYS)


PUBLISHED = (
    Shock(ShockKind.SUPPLIER, 1.0, 30.0),
    Shock(ShockKind.POWER, 0.2, 10.0),
    Shock(ShockKind.PRICE, 0.3, 90.0),
)
"""What groups are told of, always these: who could choose the days would read single stocks off the steps of a curve.

Nothing in them depends on what members said, so that no choice of them tells anything.
"""


_BETWEEN = str.maketrans(dict.fromkeys("-_‐‑–—", " "))


@lru_cache(maxsize=2**14)  # a cluster names few goods, and each shock looks at all of them
def plain_name(what: str) -> str:
    """The name of an input without what people write differently: spaces, hyphens, case, wide letters."""
    narrow = normalize("NFKC", what).translate(_BETWEEN)
    return "".join(narrow.split()).casefold()
