"""What would show that an effect is none: groups that went apart before, fakes that look alike, one factory alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from lineside.errors import UnusableData
from lineside.hub.pilots.changes import Changes, changes
from lineside.hub.pilots.inference import DRAWS, Interval, by_chance, difference, selections, statistics
from lineside.hub.pilots.panel import Flags, Floats
from lineside.hub.pilots.picture import Point

LEAST_FAKES = 20
"""Fake pilots among the comparison group below which their share says nothing."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Whether both groups went alike before the start."""

    p: float
    """How often groups at random go apart as far, in any month before or in their trend."""
    largest: Interval
    """The largest difference of a month before; its interval holds for all of these months at once."""
    month: int
    not_ruled_out: float
    """A difference of a month before that cannot be ruled out, in units: the farthest end of those intervals."""
    drift: Interval
    """What the difference of the trends before, gone on, makes from the middle of before to the middle of after."""


@dataclass(frozen=True, slots=True)
class Fakes:
    """Pilots that never were, judged alike."""

    start: Interval | None
    """The effect of a start halfway through the months before; None where too few months or members tell."""
    share: float | None
    """Of fake pilots among the comparison group, those that look as clear; None where there are too few."""
    number: int


@dataclass(frozen=True, slots=True)
class Without:
    """What is found without one member."""

    member: int
    effect: Interval


def parallel(
    seen: Changes, pre: int, points: tuple[Point, ...], alpha: float, random: np.random.Generator
) -> Parallel | None:
    """The check of the months before the start; None where none can be compared."""
    before = [point for point in points if point.month < 0]
    if not before:
        return None
    slope = _slopes(seen.months[:, :pre])
    distance = seen.months.shape[1] / 2
    largest = max(before, key=lambda point: abs(point.effect.mean))
    drift = difference(slope[seen.treated], slope[~seen.treated]).interval(alpha)
    return Parallel(
        p=by_chance(np.column_stack([seen.months[:, :pre], slope]), seen.treated, random),
        largest=largest.together,
        month=largest.month,
        not_ruled_out=max(max(abs(point.together.low), abs(point.together.high)) for point in before),
        drift=Interval(drift.mean * distance, drift.low * distance, drift.high * distance),
    )


def fakes(value: Floats, seen: Changes, pre: int, alpha: float, random: np.random.Generator) -> Fakes:
    """A start that never was, and members that never took part: as many as did, taken from the comparison group."""
    own, others = seen.groups
    shown = abs(statistics(seen.treated[None, :], seen.change[:, None])[0, 0])
    chosen = min(len(own), len(others) // 2)
    groups = selections(len(others), chosen, random, DRAWS) if chosen >= 2 else np.zeros((0, len(others)), bool)
    if len(groups) < LEAST_FAKES:
        return Fakes(_fake_start(value, seen, pre, alpha), None, len(groups))
    fake = np.abs(statistics(groups, others[:, None])[:, 0])
    return Fakes(_fake_start(value, seen, pre, alpha), float((fake >= shown).mean()), len(groups))


def without_each(seen: Changes, members: tuple[int, ...], alpha: float) -> tuple[Without, ...]:
    """What is found without each of those that took part; `members` are their numbers in the order of the rows."""
    own, others = seen.groups
    return tuple(
        Without(member, difference(np.delete(own, place), others).interval(alpha))
        for place, member in enumerate(members)
    )


def _fake_start(value: Floats, seen: Changes, pre: int, alpha: float) -> Interval | None:
    try:
        fake = changes(value[seen.kept, :pre], seen.treated, pre // 2)
    except UnusableData:
        return None
    found = difference(*fake.groups)
    return found.interval(alpha) if found.freedom else None


def _slopes(months: Floats) -> Floats:
    """The trend of each member, per month, by least squares over the months that it told; NaN for fewer than two."""
    told: Flags = np.isfinite(months)
    time = np.where(told, np.arange(months.shape[1], dtype=float), 0.0)
    count = np.maximum(told.sum(axis=1, keepdims=True), 1)
    time = np.where(told, time - time.sum(axis=1, keepdims=True) / count, 0.0)
    size = (time**2).sum(axis=1)
    slope = (time * np.where(told, months, 0.0)).sum(axis=1)
    found: Floats = np.where(size > 0, slope / np.where(size > 0, size, 1.0), nan)
    return found
