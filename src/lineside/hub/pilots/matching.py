"""A comparison group of the members nearest to those that take part, and why each is in it.

Nearest by level and trend, each weighed by how much of it is more than noise. Where those that take part stand higher
than the rest, the nearest of the rest are those that happened to be high, and fall back by themselves afterwards; if
that counts as "after", an effect is seen that is none (Daw and Hatfield 2018, "Matching and regression to the mean in
difference-in-differences analysis"). So match on months that the pilot does not count as "before"; where that cannot
be, `falls_back` says about how much of an effect this makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.errors import UnusableData
from lineside.hub.pilots.changes import enough
from lineside.hub.pilots.noise import PAST_MONTHS, Noise, noise_of
from lineside.hub.pilots.panel import Flags, Floats, Ints, Panel

_NOTHING = 1e-9
FARTHEST = 2.5
"""A pair farther apart is none: in standard deviations of level and trend, one more for each class that differs."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The classes of all members of a panel, by row; -1 where a member's size is not known."""

    industry: Sequence[str]
    size: Sequence[int]


@dataclass(frozen=True, slots=True)
class Match:
    """A member of the comparison group, for whom it stands, and how near it is."""

    member: int
    treated: int
    distance: float
    level: float
    """Its level before less the other's, in the indicator's unit (logarithms for a relative hypothesis)."""
    trend: float
    """The same of the trend, per month."""
    same_industry: bool
    same_size: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """The comparison group, and who of those that take part has nobody near enough."""

    matches: tuple[Match, ...]
    alone: tuple[int, ...]
    months: tuple[int, int]
    """What was looked at: the first month, and the one after the last."""
    falls_back: float
    """The effect that is none, if these are the months before: what the mean of the others makes them fall back to."""

    @property
    def comparison(self) -> tuple[int, ...]:
        """The numbers of the members, for a plan."""
        return tuple(sorted(one.member for one in self.matches))


def matched(
    panel: Panel,
    classes: Candidates,
    treated: Sequence[int],
    among: Sequence[int],
    months: tuple[int, int],
    *,
    each: int = 2,
) -> Matched:
    """Up to `each` members of `among` for every treated one, none twice, with the least squared distance in all.

    `months` are the first of those looked at and the one after the last. Whoever told fewer than half of them is left
    out. Raises UnusableData where too few told anything.
    """  # fmt: skip
    from scipy.optimize import linear_sum_assignment

    mine = {*treated}
    everybody = [*treated, *(one for one in among if one not in mine)]
    rows = panel.rows(everybody)
    window = panel.between(rows, *months)
    takes_part = np.arange(len(rows)) < len(treated)
    known = enough(np.isfinite(window.value))
    if not (known & takes_part).any() or not (known & ~takes_part).any():
        raise UnusableData("pilots.nobody_to_match")
    noise = noise_of(panel.between(rows[known], min(months[0], months[1] - PAST_MONTHS), months[1]).value)
    level, trend = _traits(window.value, noise, takes_part, known)
    industry = np.array([classes.industry[row] for row in rows])
    size = np.array([classes.size[row] for row in rows])
    own, others = np.flatnonzero(takes_part & known), np.flatnonzero(~takes_part & known)
    same = industry[own][:, None] == industry[others], size[own][:, None] == size[others]
    distance = np.sqrt(_apart(level, own, others) + _apart(trend, own, others) + ~same[0] + ~same[1])
    place = linear_sum_assignment(np.tile(np.minimum(distance, FARTHEST * 4) ** 2, (each, 1)))
    found = tuple(
        Match(
            member=everybody[others[b]],
            treated=everybody[own[a]],
            distance=float(distance[a, b]),
            level=float(level.seen[others[b]] - level.seen[own[a]]),
            trend=float(trend.seen[others[b]] - trend.seen[own[a]]),
            same_industry=bool(same[0][a, b]),
            same_size=bool(same[1][a, b]),
        )
        for a, b in sorted(zip((place[0] % len(own)).tolist(), place[1].tolist(), strict=True))
        if distance[a, b] <= FARTHEST
    )
    paired = {one.treated for one in found}
    apart = float(level.seen[own].mean() - level.seen[others].mean())
    alone = tuple(one for one in treated if one not in paired)
    return Matched(found, alone, months, (1 - level.reliable) * apart * _back(noise, months[1] - months[0]))


def _back(noise: Noise, months: int) -> float:
    """How much of the noise in the mean of some months is gone in the mean of as many after them."""
    alone = noise.variance(np.full(months, 1 / months))
    return noise.of_change(months, months) / (2 * alone) if alone > 0 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Trait:
    """What is matched on, its standard deviation within a group, and the share of its variance that stays."""

    seen: Floats
    sd: float
    reliable: float
    weight: float
    """The same, or 0 where it is not clearly more than noise."""


def _traits(value: Floats, noise: Noise, takes_part: Flags, known: Flags) -> tuple[_Trait, _Trait]:
    months = value.shape[1]
    time = np.arange(months) - (months - 1) / 2
    level = _weighted(value, np.ones(months))
    trend = _weighted(value - level[:, None], time)
    groups = takes_part & known, ~takes_part & known
    noisy = noise.variance(np.full(months, 1 / months)), noise.variance(time / (time**2).sum())
    return _trait(level, groups, noisy[0]), _trait(trend, groups, noisy[1])


def _weighted(value: Floats, weights: Floats) -> Floats:
    """The sum of the values by their weights over that of the squared weights: a mean, or a slope by least squares."""
    told = np.isfinite(value)
    size = (told * weights**2).sum(axis=1)
    sums: Floats = (np.where(told, value, 0.0) * weights).sum(axis=1)
    return np.where(size > 0, sums / np.where(size > 0, size, 1.0), np.nan)


def _trait(seen: Floats, groups: tuple[Flags, Flags], noise: float) -> _Trait:
    left = np.concatenate([seen[group] - seen[group].mean() for group in groups])
    freedom = max(len(left) - 2, 1)
    variance = float((left**2).sum() / freedom)
    if variance <= noise or np.sqrt(variance) < _NOTHING * np.nanmax(np.abs(seen)):
        return _Trait(seen, 0.0, 0.0, 0.0)
    reliable = 1 - noise / variance
    clear = variance > noise * (1 + 2 * np.sqrt(2 / freedom))
    return _Trait(seen, float(np.sqrt(variance)), reliable, reliable if clear else 0.0)


def _apart(trait: _Trait, own: Ints, others: Ints) -> Floats:
    """The squared distances in standard deviations, weighed by how much of them stays."""
    apart: Floats = trait.seen[own][:, None] - trait.seen[others]
    return trait.weight * (apart / trait.sd) ** 2 if trait.weight else np.zeros_like(apart)
