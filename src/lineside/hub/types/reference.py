"""Members without types: as many, as spread, as related and as lacking as the real ones, but of one kind.

Features hang together as the real ones do (normal scores), and each has one hump with the real one's spread, skew and
tails: on either side of the median the quantile function a z exp(h z^2 / 2), h not below 0 (Tukey's g-and-h family by
halves). Grouping cuts such members apart, too; only what it finds beyond that is a type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.hub.types.agreement import ranks
from lineside.hub.types.arrays import Flags, Floats

_INNER, _OUTER = 0.5244, 1.5732
"""Normal quantiles of 0.70 and 0.942, as in the fit of Slifker and Shapiro (1980)."""
_MOST_TAIL = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What members of one kind are drawn from."""

    root: Floats
    """Of the correlation matrix of the features."""
    middle: Floats
    scale: Floats
    """(2, features): below and above the median."""
    tail: Floats
    least: Floats
    most: Floats
    told: Flags

    def drawn(self, random: np.random.Generator) -> Floats:
        """As many members as there are, with the same gaps."""
        normal = np.einsum("mf,fg->mg", random.normal(size=self.told.shape), self.root)  # BLAS would share it out
        above = normal > 0
        scale, tail = (np.where(above, both[1], both[0]) for both in (self.scale, self.tail))
        value = self.middle + scale * normal * np.exp(tail * np.minimum(normal**2, 12.0) / 2)
        return np.where(self.told, np.clip(value, self.least, self.most), np.nan)


def reference(scaled: Floats) -> Reference:
    """Members of one kind like these."""
    told = np.isfinite(scaled)
    sides = [_sides(column[np.isfinite(column)]) for column in scaled.T]
    scores = np.column_stack([_scores(column) for column in scaled.T])
    return Reference(
        _root(_correlation(scores, told)),
        np.array([np.median(column[np.isfinite(column)]) for column in scaled.T]),
        np.array([scale for scale, _ in sides]).T,
        np.array([tail for _, tail in sides]).T,
        np.nanmin(scaled, axis=0),
        np.nanmax(scaled, axis=0),
        told,
    )


def _sides(values: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Scale and tail below and above the median."""
    from scipy.special import ndtr

    middle = float(np.median(values))
    scales, tails = [], []
    for side in (-1, 1):
        inner, outer = (side * (float(np.quantile(values, ndtr(side * z))) - middle) for z in (_INNER, _OUTER))
        inner, outer = max(inner, 1e-9), max(outer, 1e-9)
        tail = np.log(outer * _INNER / (inner * _OUTER)) * 2 / (_OUTER**2 - _INNER**2)
        tail = float(np.clip(tail, 0.0, _MOST_TAIL))
        scales.append(outer / (_OUTER * np.exp(tail * _OUTER**2 / 2)))
        tails.append(tail)
    return (scales[0], scales[1]), (tails[0], tails[1])


def _scores(column: Floats) -> Floats:
    from scipy.special import ndtri

    told = np.isfinite(column)
    found = np.zeros(len(column))
    found[told] = ndtri((ranks(column[told]) - 0.5) / told.sum())
    return found


def _correlation(scores: Floats, told: Flags) -> Floats:
    both = told.astype(float)
    products, squares = scores.T @ scores, (scores**2).T @ both
    found: Floats = products / np.sqrt(np.maximum(squares * squares.T, 1e-12))
    np.fill_diagonal(found, 1.0)
    return found


def _root(correlation: Floats) -> Floats:
    sizes, axes = np.linalg.eigh(correlation)
    root = (axes * np.sqrt(np.maximum(sizes, 0.0))) @ axes.T
    found: Floats = root / np.sqrt((root**2).sum(axis=0))
    return found
