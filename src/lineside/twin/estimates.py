"""Estimates with intervals: what is known of a mean, a share or a rate, and how well."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lineside.twin.tally import Floats

CONFIDENCE = 0.95
"""Of every interval of a fit or a validation; those of simulations are of 99 %."""
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its interval."""

    mean: float
    low: float
    high: float


def wilson(inside: int, of: int) -> Interval:
    """A share and its 95 % interval (Wilson 1927); everything is possible where nothing was seen."""
    if of == 0:
        return Interval(math.nan, 0.0, 1.0)
    share, square = inside / of, Z * Z / of
    middle = (share + square / 2) / (1 + square)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return Interval(share, max(middle - half, 0.0), min(middle + half, 1.0))


def student(n: float, confidence: float = CONFIDENCE, comparisons: int = 1) -> float:
    """Student's quantile of a two-sided interval of the mean of n values; Bonferroni's for several at once."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - (1 - confidence) / (2 * comparisons)))


def half_width(values: Floats, confidence: float = CONFIDENCE, comparisons: int = 1) -> float:
    """Half of Student's interval of the mean of independent values; without end for fewer than two."""
    n = len(values)
    return student(n, confidence, comparisons) * float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf


def mean_of_sample(values: Floats, confidence: float = CONFIDENCE) -> Interval:
    """The mean of independent values with Student's interval; without end for fewer than two."""
    mean, half = float(values.mean()), half_width(values, confidence)
    return Interval(mean, mean - half, mean + half)


def positive_mean(mean: float, relative_sd: float, n: float) -> Interval:
    """The mean of positive values of a known relative spread: the interval is even on the log scale.

    With few, skewed values it covers better than Student's, and never goes below 0.
    """
    if n < 2:
        return Interval(mean, 0.0, math.inf)
    factor = math.exp(student(n) * relative_sd / math.sqrt(n))
    return Interval(mean, mean / factor, mean * factor)


def mean_life(exposure: float, failures: int) -> Interval:
    """The mean time between events of a Poisson process seen for `exposure`, by chi-square (Garwood 1936)."""
    from scipy.special import chdtri

    if failures == 0:
        return Interval(math.inf, exposure / float(chdtri(2, 0.05)) * 2, math.inf)
    low = 2 * exposure / float(chdtri(2 * failures + 2, 0.025))
    high = 2 * exposure / float(chdtri(2 * failures, 0.975))
    return Interval(exposure / failures, low, high)
