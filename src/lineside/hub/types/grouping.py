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
_ALONE = 2**15
"""Numbers in a part of the members: a product of it with the centres is too small for BLAS to share it among threads,
which on a busy machine wait for one another: thirty times as long."""


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
    both: Floats
    """What is told, and filled, a column a member: so that one product gives distances, or sums of groups."""
    parts: Floats
    """The same in parts, (parts, rows, columns), the last filled up with zeros."""

    def to(self, centres: Floats) -> Floats:
        apart = self._apart(centres).transpose(0, 2, 1).reshape(-1, len(centres))[: len(self.square)]
        found: Floats = np.maximum(self.square + apart, 0.0) * self.up
        return found

    def nearest(self, centres: Floats) -> Ints:
        """The nearest centre of each: what all centres have in common is left out."""
        found: Ints = self._apart(centres).argmin(axis=1).reshape(-1)[: len(self.square)]
        return found

    def _apart(self, centres: Floats) -> Floats:
        found: Floats = np.hstack([centres**2, -2 * centres]) @ self.parts
        return found

    def sums(self, group: Ints, k: int) -> Floats:
        """For each group, how many tell each feature and what it comes to, side by side."""
        inside = (group == np.arange(k)[:, None]).astype(float)
        found: Floats = inside @ self.both.T
        return found

    def moved(self, those: Ints, before: Ints, now: Ints, k: int) -> Floats:
        """By how much the sums change where these members go from their groups before to those of now."""
        numbers = np.arange(k)[:, None]
        change = (now[those] == numbers).astype(float) - (before[those] == numbers)
        found: Floats = change @ self.both[:, those].T
        return found


def _rows(scaled: Floats) -> _Rows:
    told = np.isfinite(scaled)
    filled = np.where(told, scaled, 0.0)
    up = scaled.shape[1] / told.sum(axis=1, keepdims=True)
    both = np.hstack([told, filled])
    width = max(_ALONE // both.shape[1], 1)
    whole = np.zeros((-(-len(both) // width), width, both.shape[1]))
    whole.reshape(-1, both.shape[1])[: len(both)] = both
    parts = np.ascontiguousarray(whole.transpose(0, 2, 1))
    return _Rows(told.astype(float), filled, (filled**2).sum(axis=1, keepdims=True), up, both.T.copy(), parts)


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
    k, features = centres.shape
    group = rows.nearest(centres)
    sums = rows.sums(group, k)
    for _ in range(_ROUNDS):
        count, total = sums[:, :features], sums[:, features:]
        centres = np.where(count > 0, total / np.maximum(count, 1.0), centres)
        moved = rows.nearest(centres)
        those = np.flatnonzero(moved != group)
        if not len(those):
            break
        sums = rows.sums(moved, k) if len(those) > len(group) // 4 else sums + rows.moved(those, group, moved, k)
        group = moved
    return Grouping(centres, group, rows.to(centres))
