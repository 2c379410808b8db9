"""How sure a difference of two groups of factories is: Welch's interval, and what chance alone would do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb, inf, nan, sqrt

import numpy as np

from lineside.hub.pilots.panel import Flags, Floats

DRAWS = 1999
"""Of groups at random, where not all of them can be looked at."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its interval."""

    mean: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value is possible by it."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of some less the mean of others, with its standard error and degrees of freedom."""

    mean: float
    error: float
    freedom: float

    def interval(self, alpha: float) -> Interval:
        """The interval that holds the truth in 1 - alpha of all cases; without end where nothing is known."""
        from scipy.special import stdtrit

        if not self.freedom > 0:
            return Interval(self.mean, -inf, inf)
        half = float(stdtrit(self.freedom, 1 - alpha / 2)) * self.error
        return Interval(self.mean, self.mean - half, self.mean + half)


def difference(some: Floats, others: Floats) -> Difference:
    """Welch's difference of means, each group with its own spread (Welch 1947, Satterthwaite's degrees of freedom).

    It is what regression with the cluster-robust CR2 errors gives for two groups of changes (Imbens and Kolesár 2016),
    but the degrees of freedom follow the spread that is seen. NaN where a group has fewer than two.
    """
    if min(len(some), len(others)) < 2:
        return Difference(nan, inf, 0.0)
    parts = some.var(ddof=1) / len(some), others.var(ddof=1) / len(others)
    total = float(sum(parts))
    if total == 0:
        return Difference(float(some.mean() - others.mean()), 0.0, float(len(some) + len(others) - 2))
    freedom = total**2 / (parts[0] ** 2 / (len(some) - 1) + parts[1] ** 2 / (len(others) - 1))
    return Difference(float(some.mean() - others.mean()), sqrt(total), float(freedom))


def selections(members: int, chosen: int, random: np.random.Generator, draws: int = DRAWS) -> Flags:
    """Groups of `chosen` out of `members`: all of them where they are at most `draws`, else so many at random."""
    if comb(members, chosen) <= draws:
        every = np.array(list(combinations(range(members), chosen)), np.int64).reshape(-1, chosen)
    else:
        every = random.random((draws, members)).argpartition(chosen - 1, axis=1)[:, :chosen]
    found = np.zeros((len(every), members), bool)
    np.put_along_axis(found, every, values=True, axis=1)
    return found


def statistics(groups: Flags, value: Floats) -> Floats:
    """Welch's t for each group against the rest in each column of `value`; NaN where a side has fewer than two."""
    told = np.isfinite(value)
    filled = np.where(told, value - np.nanmean(np.where(told.any(axis=0), value, 0.0), axis=0), 0.0)
    inside = groups.astype(float)
    counts = inside @ told, (~groups).astype(float) @ told
    sums = inside @ filled, (~groups).astype(float) @ filled
    squares = inside @ filled**2, (~groups).astype(float) @ filled**2
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = [
            np.where(n >= 2, np.maximum(q - s**2 / n, 0.0) / (n - 1) / n, np.nan)
            for n, s, q in zip(counts, sums, squares, strict=True)
        ]
        found: Floats = (sums[0] / counts[0] - sums[1] / counts[1]) / np.sqrt(spread[0] + spread[1])
    return found


def by_chance(value: Floats, treated: Flags, random: np.random.Generator, draws: int = DRAWS) -> float:
    """How often groups taken at random differ as much as these in any column: the p of a permutation test.

    The statistic is Welch's t, so that it holds for groups of unequal spread, too (Chung and Romano 2013); over several
    columns its largest magnitude (Westfall and Young 1993). NaN where nothing can be compared.
    """
    value = value[:, None] if value.ndim == 1 else value
    seen = _largest(statistics(treated[None, :], value))[0]
    if np.isnan(seen):
        return nan
    groups = selections(len(treated), int(treated.sum()), random, draws)
    others = _largest(statistics(groups, value))
    as_large = int((others >= seen - 1e-9).sum())
    every = comb(len(treated), int(treated.sum())) <= draws
    return as_large / len(groups) if every else (as_large + 1) / (len(groups) + 1)


def _largest(found: Floats) -> Floats:
    """The largest magnitude of each row; infinite statistics of groups without any spread count as such."""
    size = np.abs(found)
    known = np.isfinite(size) | np.isinf(size)
    most: Floats = np.where(known.any(axis=1), np.where(known, size, -np.inf).max(axis=1), np.nan)
    return most
