"""Groups of members around centres, where some features are missing.

k-means on what is told: a member is as far from a centre as by the features it tells, scaled up to all of them (the
partial distance of Dixon 1979), and a centre is the mean of what its members tell. So nothing is filled in. A medoid
would be one member's own profile, which may not be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.hub.types.arrays import Floats, Ints

RESTARTS = 6
_ROUNDS = 60
_NEAR = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Centres (k, features), and for each member its group and its squared distances to all centres."""

    centres: Floats
    group: Ints
    distance: Floats

    @property
    def emptiness(self) -> float:
        """How empty the borders between neighbouring groups are: 1 where nobody lies near one.

        Each member counts by where it lies on the line from the border, 0, to its own centre, 1: what differs across
        that line cancels, so features in which types do not differ do not blur it.
        """
        nearest = np.argpartition(self.distance, 1, axis=1)[:, :2]
        both = np.take_along_axis(self.distance, nearest, axis=1)
        apart = np.square(self.centres[nearest[:, 0]] - self.centres[nearest[:, 1]]).sum(axis=1)
        place = np.abs(both[:, 0] - both[:, 1]) / np.maximum(apart, 1e-12)
        return float(1 - np.exp(-((place / _NEAR) ** 2)).mean())


def grouped(scaled: Floats, k: int, random: np.random.Generator, restarts: int = RESTARTS) -> Grouping:
    """The best of some starts for k groups of members that each tell something."""
    rows = _rows(scaled)
    tries = [_descended(rows, _started(rows, k, random)) for _ in range(restarts)]
    return min(tries, key=lambda one: float(one.distance.min(axis=1).sum()))


def squared_distances(scaled: Floats, centres: Floats) -> Floats:
    """Between members and centres, by the features that a member tells; a row a member."""
    return _rows(scaled).to(centres)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Members by what they tell."""

    told: Floats
    filled: Floats
    """0 where nothing is told."""
    square: Floats
    up: Floats
    """All features over those that are told."""

    def to(self, centres: Floats) -> Floats:
        apart = self.square + self.told @ (centres**2).T - 2 * self.filled @ centres.T
        found: Floats = np.maximum(apart, 0.0) * self.up
        return found


def _rows(scaled: Floats) -> _Rows:
    told = np.isfinite(scaled)
    filled = np.where(told, scaled, 0.0)
    up = scaled.shape[1] / told.sum(axis=1, keepdims=True)
    return _Rows(told.astype(float), filled, (filled**2).sum(axis=1, keepdims=True), up)


def _started(rows: _Rows, k: int, random: np.random.Generator) -> Floats:
    """Centres at members far from one another (Arthur and Vassilvitskii 2007); gaps filled by the mean of all."""
    middle = rows.filled.sum(axis=0) / np.maximum(rows.told.sum(axis=0), 1.0)
    whole = np.where(rows.told > 0, rows.filled, middle)
    chosen = [int(random.integers(len(whole)))]
    nearest = rows.to(whole[chosen])[:, 0]
    while len(chosen) < k:
        far = np.cumsum(nearest)
        chosen.append(min(int(np.searchsorted(far, random.random() * far[-1], side="right")), len(whole) - 1))
        nearest = np.minimum(nearest, rows.to(whole[chosen[-1:]])[:, 0])
    return whole[chosen]


def _descended(rows: _Rows, centres: Floats) -> Grouping:
    distance = rows.to(centres)
    group = distance.argmin(axis=1)
    numbers = np.arange(len(centres))[:, None]
    for _ in range(_ROUNDS):
        inside = (group == numbers).astype(float)
        count = inside @ rows.told
        centres = np.where(count > 0, inside @ rows.filled / np.maximum(count, 1.0), centres)
        distance = rows.to(centres)
        moved = distance.argmin(axis=1)
        if (moved == group).all():
            break
        group = moved
    return Grouping(centres, group, distance)
