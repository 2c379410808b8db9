"""The indicator of a pack month by month, before it and after: what changed, and whether that was foreseen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from lineside.exchange import Foreseen, month_name, month_number

BEFORE = 6
"""So many months before it are looked at."""
AFTER = 12
_CONFIDENCE = 0.95

Stand: TypeAlias = Literal["below", "inside", "above", "apart"]
"""Where what was measured lies by what was foreseen: below or above the whole interval as a point, inside it; or
"apart", where even the intervals do not meet."""
_Bounds: TypeAlias = tuple[float | None, float | None]


class MonthValue(Struct, frozen=True):
    """One month of it, as the node computes it for itself."""

    month: str
    value: float | None
    coverage: float | None = None
    absent: str | None = None
    origin: str = "measured"


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The mean of months before and after and the change between, as the indicator's own unit or share of before.

    `low` and `high` are Welch's interval of 95 % for the difference of means, where both sides have two months; months
    are taken as independent. It says what changed, not why.
    """

    before: float | None
    after: float | None
    months_before: int
    months_after: int
    left_out: int
    """Months without a value, or with less coverage than its comparison needs."""
    change: float | None = None
    low: float | None = None
    high: float | None = None
    stand: Stand | None = None


def months_looked_at(at_month: str, first: str, last_whole: str, ended: str | None) -> tuple[list[str], list[str]]:
    """The whole months before the one in which a pack was applied, and those from its first on while it was in use."""
    start, begin = month_number(at_month), month_number(first)
    until = min(month_number(last_whole), begin + AFTER - 1)
    if ended is not None:
        until = min(until, month_number(ended) - 2)  # the month in which it ended is in part without it
    before = [month_name(one) for one in range(start - BEFORE, start)]
    return before, [month_name(one) for one in range(begin, until + 1)]


def compared(
    before: Sequence[MonthValue],
    after: Sequence[MonthValue],
    coverage: float,
    foreseen: Foreseen | None,
    *,
    relative: bool,
) -> BeforeAfter:
    """Months before against months after; `relative` tells the change as a share of the mean before."""
    old, new = (_usable(months, coverage) for months in (before, after))
    left_out = len(before) + len(after) - len(old) - len(new)
    means = [fmean(values) if values else None for values in (old, new)]
    first, then = means
    counts = (len(old), len(new), left_out)
    if first is None or then is None or (relative and not first):
        return BeforeAfter(first, then, *counts)
    scale = 1 / first if relative else 1.0
    half = _half_width(old, new)
    change = (then - first) * scale
    ends = None if half is None else [(then - first + one) * scale for one in (-half, half)]
    bounds: _Bounds = (None, None) if ends is None else (min(ends), max(ends))
    stand = _stand(change, bounds, foreseen, relative=relative)
    return BeforeAfter(first, then, *counts, change, bounds[0], bounds[1], stand)


def _usable(months: Sequence[MonthValue], coverage: float) -> list[float]:
    known = [one for one in months if one.value is not None]
    return [one.value for one in known if one.value is not None and (one.coverage is None or one.coverage >= coverage)]


def _half_width(old: Sequence[float], new: Sequence[float]) -> float | None:
    """Of the difference of two means of samples with different variances (Welch 1947); None for fewer than two each."""
    if min(len(old), len(new)) < 2:
        return None
    parts = [variance(values) / len(values) for values in (old, new)]
    spread = sum(parts)
    if not spread:
        return 0.0
    freedom = spread**2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (old, new), strict=True))
    from scipy.stats import t

    return float(t.ppf((1 + _CONFIDENCE) / 2, freedom)) * math.sqrt(spread)


def _stand(change: float, bounds: _Bounds, foreseen: Foreseen | None, *, relative: bool) -> Stand | None:
    if foreseen is None or foreseen.relative != relative:
        return None
    low, high = bounds
    if low is not None and high is not None and (high < foreseen.low or low > foreseen.high):
        return "apart"
    return "below" if change < foreseen.low else "above" if change > foreseen.high else "inside"


def series_of(told: Mapping[str, object] | None) -> tuple[list[MonthValue], list[MonthValue]] | None:
    """The months before and after as they are kept; None where nobody computed them."""
    if told is None:
        return None
    return msgspec.convert(told["before"], list[MonthValue]), msgspec.convert(told["after"], list[MonthValue])
