"""How noisy months are and how they hang together: what planning and matching rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.errors import UnusableData
from lineside.hub.pilots.changes import month_effects
from lineside.hub.pilots.panel import Floats

LEAST_MONTHS = 4
PAST_MONTHS = 24
"""How far back noise is looked at."""
_GRID = tuple(step / 40 for step in range(39))
"""Correlations that are looked at; none below 0, which would make planning too hopeful."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What a member's months scatter by around its level, once what hit everybody is taken out."""

    sd: float
    correlation: float
    """Between one month and the next; that of months further apart falls as its powers (AR(1))."""
    missing: float
    """Share of values that are not told."""

    def variance(self, weights: Floats) -> float:
        """The variance of a weighted sum of consecutive months; single months may be missing at random."""
        steps = np.arange(len(weights))
        related = self.correlation ** np.abs(steps[:, None] - steps)
        np.fill_diagonal(related, 1.0 / (1.0 - min(self.missing, 0.9)))
        return float(self.sd**2 * (weights @ related @ weights))

    def of_change(self, pre: int, post: int) -> float:
        """The variance of the mean of `post` months less that of the `pre` before."""
        return self.variance(np.concatenate([np.full(pre, -1 / pre), np.full(post, 1 / post)]))


def noise_of(value: Floats) -> Noise:
    """The noise of these members over these months, in which nothing was changed on purpose.

    The correlation and the spread are those of which own means of so short rows leave what is seen (the bias of Nickell
    1981, solved instead of expanded). Raises UnusableData for fewer than four months or members.
    """
    members = value[np.isfinite(value).sum(axis=1) >= LEAST_MONTHS]
    if len(members) < LEAST_MONTHS:
        raise UnusableData("pilots.no_past", least=LEAST_MONTHS)
    seen = np.flatnonzero(np.isfinite(members).any(axis=0))
    members = members[:, seen[0] : seen[-1] + 1]
    told = np.isfinite(members)
    months = members - month_effects(members)
    left = np.where(told, months - np.nanmean(months, axis=1, keepdims=True), 0.0)
    pairs = (told[:, 1:] & told[:, :-1]).sum()
    missing = 1 - float(told.mean())
    own_means = np.count_nonzero(told.any(axis=0)) - 1
    variance = float((left**2).sum()) / max(told.sum() - own_means, 1)
    if variance <= np.finfo(float).eps * float(np.square(members[told]).mean()) or not pairs:
        return Noise(0.0, 0.0, missing)
    ratio = float((left[:, 1:] * left[:, :-1]).sum()) / pairs / (float((left**2).sum()) / told.sum())
    rows = round(float(told.sum(axis=1).mean()))
    leaves = [_left_of(rows, correlation) for correlation in _GRID]
    ratios = [lagged / spread for spread, lagged in leaves]
    correlation = float(np.interp(ratio, ratios, _GRID))
    return Noise(float(np.sqrt(variance / _left_of(rows, correlation)[0])), correlation, missing)


def _left_of(months: int, correlation: float) -> tuple[float, float]:
    """What is left of a variance of 1 and of the covariance of neighbours when rows lose their own means."""
    centre = np.eye(months) - 1 / months
    left = centre @ correlation ** np.abs(np.subtract.outer(np.arange(months), np.arange(months))) @ centre
    return float(np.trace(left)) / months, float(np.diag(left, 1).mean())
