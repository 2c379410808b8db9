"""The owner's rules, and what they say of one group of contributors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lineside.errors import ConfigurationError

RuleName = Literal[
    "contributors",
    "dominance",
    "closeness",
    "nothing",
    "span",
    "crossing",
    "changed",
    "correction",
    "together",
    "another",
    "mixed",
]
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be published of a measure.

    `contributors` (k) is the least number of distinct contributors. `largest` are dominance rules: the n largest
    together give at most this share. `closeness` (p) asks that all but the two largest together give at least this
    share of the largest, so that the second cannot estimate the first more closely; 0 switches it off. Shares are of
    magnitudes: a negative value counts by its absolute value. `span_us` is the shortest time.

    `pooled` judges as if all recipients showed each other what they got. `related` names groups of measures of which
    one can be calculated from others (good, rejected, all units): their figures are judged for k as one family.
    """

    contributors: int = 5
    largest: tuple[tuple[int, float], ...] = ((1, 0.75), (2, 0.85))
    closeness: float = 0.1
    span_us: int = HOUR_US
    pooled: bool = True
    related: tuple[frozenset[str], ...] = ()

    def __post_init__(self) -> None:
        if self.contributors < 2:
            raise ConfigurationError("valve.too_few_contributors", contributors=self.contributors)
        shares = (*(share for _, share in self.largest), self.closeness)
        if not all(0 <= share <= 1 for share in shares) or not all(n >= 1 for n, _ in self.largest):
            raise ConfigurationError("valve.no_share")
        if self.span_us < 0:
            raise ConfigurationError("valve.no_span")
        measures = [measure for group in self.related for measure in group]
        if len(measures) > len(set(measures)):
            raise ConfigurationError("valve.related_twice")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, for the owner: what was found and what is needed."""

    rule: RuleName
    fields: Mapping[str, object]


def broken_by(magnitudes: Sequence[float], rules: Rules) -> Broken | None:
    """The first rule on contributors that these magnitudes break; those that give nothing count as contributors.

    Where all give nothing, the sum would tell each one's value.
    """
    if len(magnitudes) < rules.contributors:
        return Broken("contributors", {"have": len(magnitudes), "need": rules.contributors})
    ranked = sorted(magnitudes, reverse=True)
    total, largest = sum(ranked), ranked[0]
    if total <= 0:
        return Broken("nothing", {})
    for n, share in rules.largest:
        if (top := sum(ranked[:n])) > share * total:
            return Broken("dominance", {"n": n, "have": _percent(top / total), "need": _percent(share)})
    rest = sum(ranked[2:])
    if rest < rules.closeness * largest:
        return Broken("closeness", {"have": _percent(rest / largest), "need": _percent(rules.closeness)})
    return None


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
