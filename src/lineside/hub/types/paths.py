"""What moved factories of a type: the steps after which an indicator got better most, as far as that was seen.

A step is a pack that members adopted, or another indicator that clearly got better. What is told is an association:
members that took a step may be others than those that did not; only a pack whose pilot worked is told as measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isinf
from typing import Literal

import numpy as np

from lineside.exchange import catalogue
from lineside.hub.pilots import Adoption
from lineside.hub.types.arrays import Flags, Floats, Ints

WINDOW = 6
"""Months before and after a step that are compared."""
LEAST_MONTHS = 3
"""Of each of these windows, that a member has to tell."""
MOST_STEPS = 3
CLEAR = 2
"""Steps of the public grid by which an indicator has to get better to count as a step taken."""
CONFIDENCE = 0.95
_NEVER = 2**40
"""A month that does not come."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and by how much the target got better after it (above 0 is better), in its unit.

    `low` and `high` are the interval of the median at 95 % for all steps at once, by the order of the values (Conover
    1999, "Practical Nonparametric Statistics", 3.2).
    """

    kind: Literal["pack", "indicator"]
    what: str
    gain: float
    low: float
    high: float
    members: int
    beside: int
    """So many of their gains lie at `low` or below, and as many at `high` or above."""
    proven: bool
    """Whether a pilot measured it; else it is only seen together."""
    cost: float | None = None
    """Median of what members told, in yuan, to two digits; None where too few did."""
    takers: tuple[int, ...] = ()
    """The members that took it."""
    payers: tuple[int, ...] = ()
    """Those of them that told a cost."""


@dataclass(frozen=True, slots=True)
class Path:
    """Up to three steps, the surest gain first."""

    target: str
    steps: tuple[Step, ...]
    least: int


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Members of a type: their values of each indicator (members, months), numbers, and the first month's number."""

    values: Mapping[str, Floats]
    members: Ints
    first: int


@dataclass(frozen=True, slots=True)
class Packs:
    """What is known of packs: who adopted which and when, what it cost whom, and which of them a pilot proved."""

    adoptions: Sequence[Adoption] = ()
    costs: Mapping[tuple[int, str], float] = field(default_factory=dict)
    """By member and pack, in yuan."""
    proven: frozenset[str] = frozenset()


def path(group: Group, target: str, packs: Packs, least: int) -> Path:
    """The steps for `target` that at least `least` members of the type took and after which most of them got better.

    Each member's gain is its change from before to after the step less the median change, over the same months, of
    those of the type that did not take it. All steps that could be told hold together (Bonferroni).
    """
    taken = [_by_pack(group, target, pack, packs) for pack in sorted({one.pack for one in packs.adoptions})]
    taken += [_by_indicator(group, target, other) for other in group.values if other != target]
    known = [one for one in taken if len(one.gains) >= least and one.others >= least]
    steps = [_step(one, target, packs, least, (1 - CONFIDENCE) / len(known)) for one in known]
    backed = [step for step in steps if step.low > 0]
    return Path(target, tuple(sorted(backed, key=lambda step: -step.low)[:MOST_STEPS]), least)


def beside(number: int, alpha: float) -> int:
    """How many of so many values lie at or outside each end of the interval of their median at 1 - alpha or more."""
    from scipy.special import bdtr

    below = bdtr(np.arange(number // 2 + 1, dtype=float), number, 0.5)
    return int((below <= alpha / 2).sum())


def median_interval(values: Floats, alpha: float = 1 - CONFIDENCE) -> tuple[float, float, float]:
    """The median with the ends of its interval at 1 - alpha or more, whatever the law of the values.

    Without end where the values are too few for that.
    """
    ordered = np.sort(values)
    out = beside(len(ordered), alpha)
    ends = (float(ordered[out - 1]), float(ordered[-out])) if out else (-inf, inf)
    return float(np.median(ordered)), *ends


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """A step and what followed, member by member; `others` is the fewest that it was held against."""

    kind: Literal["pack", "indicator"]
    what: str
    members: Ints
    gains: Floats
    others: int


def _by_pack(group: Group, target: str, pack: str, packs: Packs) -> _Taken:
    since: dict[int, int] = {}
    for one in packs.adoptions:
        if one.pack == pack:
            since[one.member] = min(one.month, since.get(one.member, one.month))
    began = np.array([since.get(int(member), _NEVER) for member in group.members], np.int64)
    value = _better(group.values[target], target)
    members, gains, fewest = [], [], len(group.members)
    for month in np.unique(began[began != _NEVER]).tolist():
        changed = _changed(value, month - group.first)
        others = changed[(began >= month + WINDOW) & np.isfinite(changed)]
        now = np.flatnonzero((began == month) & np.isfinite(changed))
        if len(others) and len(now):
            fewest = min(fewest, len(others))
            members.append(group.members[now])
            gains.append(changed[now] - np.median(others))
    return _Taken("pack", pack, _joined(members).astype(np.int64), _joined(gains), fewest)


def _by_indicator(group: Group, target: str, other: str) -> _Taken:
    """Over the last two windows: who got clearly better in the other indicator, against who did not."""
    middle = group.values[target].shape[1] - WINDOW
    moved = _changed(_better(group.values[other], other), middle)
    changed = _changed(_better(group.values[target], target), middle)
    known: Flags = np.isfinite(moved) & np.isfinite(changed)
    took = known & (moved >= CLEAR * catalogue().of(other).step)
    others = changed[known & ~took]
    gains = changed[took] - np.median(others) if len(others) else changed[took]
    return _Taken("indicator", other, group.members[took], gains, len(others))


def _step(taken: _Taken, target: str, packs: Packs, least: int, alpha: float) -> Step:
    grid, costs = catalogue().of(target).step, _costs(taken, packs)
    gain, low, high = (end if isinf(end) else round(end / grid) * grid for end in median_interval(taken.gains, alpha))
    return Step(
        kind=taken.kind,
        what=taken.what,
        gain=gain,
        low=low,
        high=high,
        members=len(taken.gains),
        beside=beside(len(taken.gains), alpha),
        proven=taken.kind == "pack" and taken.what in packs.proven,
        cost=float(f"{np.median(list(costs.values())):.2g}") if len(costs) >= least else None,
        takers=tuple(taken.members.tolist()),
        payers=tuple(costs),
    )


def _costs(taken: _Taken, packs: Packs) -> dict[int, float]:
    """What members that took a pack told that they paid."""
    if taken.kind != "pack":
        return {}
    return {one: packs.costs[one, taken.what] for one in taken.members.tolist() if (one, taken.what) in packs.costs}


def _better(value: Floats, indicator: str) -> Floats:
    """The values with the sign turned where less is better."""
    return value if catalogue().of(indicator).better == "higher" else -value


def _joined(parts: list[Floats] | list[Ints]) -> Floats:
    return np.concatenate(parts).astype(float) if parts else np.zeros(0)


def _changed(value: Floats, place: int) -> Floats:
    """The mean of the months from `place` on less that of those before; NaN where too few are told."""
    before, after = window_means(value, place)
    changed: Floats = after - before
    return changed


def window_means(value: Floats, place: int) -> tuple[Floats, Floats]:
    """The means of the months before `place`, and of those from it on, member by member; NaN where too few are told."""
    parts = value[:, max(place - WINDOW, 0) : max(place, 0)], value[:, max(place, 0) : max(place + WINDOW, 0)]
    means: list[Floats] = []
    for part in parts:
        told = np.isfinite(part)
        count = told.sum(axis=1)
        mean = np.where(told, part, 0.0).sum(axis=1) / np.maximum(count, 1)
        means.append(np.where(count >= LEAST_MONTHS, mean, np.nan))
    return means[0], means[1]
