"""Inequality between factories: Gini, Theil's T and L with their exact split by groups, and intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.hub.compare.given import Floats, Ints

DRAWS = 400
_AT_ONCE = 50
_EQUAL = 1e-12
_NORMAL = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
Measure = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the bounds of its interval at 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Split:
    """A Theil index in two parts that add up to it: within groups and between their means."""

    total: float
    within: float
    between: float


def gini(x: Floats) -> float:
    """Half the mean difference of all pairs over the mean, from 0 (equal) to 1 - 1/n; x >= 0, not all 0.

    G = sum |x_i - x_j| / (2 n^2 m), without the small-sample factor n / (n - 1). (Cowell, Measuring Inequality, 2011).
    """
    return float(_gini(np.sort(x), np.ones((1, x.size)))[0])


def theil_t(x: Floats) -> float:
    """T = (1/n) sum (x_i / m) ln(x_i / m), 0 to ln n; x >= 0, not all 0, and a zero adds nothing."""
    return float(_theil_t(x, np.ones((1, x.size)))[0])


def theil_l(x: Floats) -> float:
    """L = (1/n) sum ln(m / x_i), the mean logarithmic deviation; x > 0."""
    return float(_theil_l(x, np.ones((1, x.size)))[0])


def split_t(x: Floats, group: Ints) -> Split:
    """T = sum s_g T_g + sum s_g ln(m_g / m), s_g the share of group g in the total (Bourguignon 1979)."""
    n, total = _by_group(x, group)
    share, mean = total / total.sum(), total / n
    between = float(np.sum(np.where(share > 0, share * np.log(np.where(share > 0, mean / x.mean(), 1)), 0)))
    own = [theil_t(x[group == g]) if total[g] > 0 else 0.0 for g in range(n.size)]
    return Split(theil_t(x), float(share @ np.array(own)), between)


def split_l(x: Floats, group: Ints) -> Split:
    """L = sum (n_g / n) L_g + sum (n_g / n) ln(m / m_g), whose weights do not hang on x (Bourguignon 1979)."""
    n, total = _by_group(x, group)
    weight = n / n.sum()
    own = [theil_l(x[group == g]) for g in range(n.size)]
    return Split(theil_l(x), float(weight @ np.array(own)), float(weight @ np.log(x.mean() / (total / n))))


def intervals(x: Floats, measures: Sequence[Measure], seed: int, draws: int = DRAWS) -> list[Interval]:
    """Measures (`GINI`, `THEIL_T`, `THEIL_L`) with their bootstrap intervals; the same seed gives the same bytes.

    The logarithm of a measure counts as normal, with the spread and the bias of its bootstrap. Of samples of 30 and 80
    that held the true index in 92 to 95 of 100 cases where logarithms of values spread by 0.3 or less, in 88 to 93 at
    0.6 and in 81 to 90 at 1, Theil's T the least: the more unequal, the narrower it is (Cowell and Flachaire 2007). It
    says how much the figure hangs on which members there are, as if they were drawn at random; they are not.
    """
    x = np.sort(x)
    chance = np.random.default_rng(seed)
    found = []
    for at in range(0, draws, _AT_ONCE):
        weights = _drawn(chance, min(_AT_ONCE, draws - at), x.size)
        found.append([measure(x, weights) for measure in measures])
    once = np.ones((1, x.size))
    return [
        _interval(float(measure(x, once)[0]), np.concatenate([part[i] for part in found]))
        for i, measure in enumerate(measures)
    ]


def _interval(value: float, found: Floats) -> Interval:
    if value <= 0 or found.min() <= 0:
        low, high = np.quantile(found, [0.025, 0.975])
        return Interval(value, float(low), float(high))
    logs = np.log(found / value)
    middle, reach = -logs.mean(), _NORMAL * logs.std(ddof=1)
    return Interval(value, value * float(np.exp(middle - reach)), value * float(np.exp(middle + reach)))


def _drawn(chance: np.random.Generator, rows: int, n: int) -> Floats:
    """How often each of n values is drawn in each row, n times with replacement."""
    places = chance.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
    return np.bincount(places.reshape(-1), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _by_group(x: Floats, group: Ints) -> tuple[Floats, Floats]:
    return np.bincount(group).astype(np.float64), np.bincount(group, weights=x).astype(np.float64)


def _gini(x: Floats, weights: Floats) -> Floats:
    """Of values in order, each counted as often as its weight says: sum w_i x_i (2 W_i - w_i - W) / (W S)."""
    up_to = np.cumsum(weights, axis=1)
    whole = up_to[:, -1]
    given = weights * x
    lean = (given * (2 * up_to - weights - whole[:, None])).sum(axis=1)
    return _told(lean / (whole * given.sum(axis=1)))


def _theil_t(x: Floats, weights: Floats) -> Floats:
    whole = weights.sum(axis=1)
    mean = (weights @ x) / whole
    with np.errstate(divide="ignore", invalid="ignore"):
        term = np.where(x > 0, x * np.log(x), 0.0)
    return _told((weights @ term) / whole / mean - np.log(mean))


def _theil_l(x: Floats, weights: Floats) -> Floats:
    whole = weights.sum(axis=1)
    return _told(np.log((weights @ x) / whole) - (weights @ np.log(x)) / whole)


def _told(found: Floats) -> Floats:
    """Without the dust of equal values, which would be an inequality below zero."""
    return np.where(np.abs(found) < _EQUAL, 0.0, found)


GINI: Measure = _gini
THEIL_T: Measure = _theil_t
THEIL_L: Measure = _theil_l
