"""Types of factories as the data have them, or the word that there are none.

As many types as there can be so that they stand out from members of one kind, that each is found again when members are
drawn anew (Hennig 2007, "Cluster-wise assessment of cluster stability"), and that each is large enough to be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np

from lineside.hub.types.agreement import jaccard, overlaps
from lineside.hub.types.arrays import Floats, Ints
from lineside.hub.types.grouping import Grouping, grouped, squared_distances
from lineside.hub.types.profiles import Profiles
from lineside.hub.types.reference import reference

MOST_TYPES = 8
STABLE = 0.85
"""Mean Jaccard index with its likes in samples drawn anew, below which a type is an accident (halves of one: 0.8)."""
SURE = 0.8
"""Of the samples, those in which a member has to fall into its type; else it is near a border."""
NO_TYPE = -1
_WRONG = 0.05


class Why(IntEnum):
    """Why a member is of a type, or of none."""

    TYPED = 0
    BORDER = 1
    LACKING = 2
    NONE_FOUND = 3


@dataclass(frozen=True, slots=True)
class Effort:
    """How often members are drawn anew, and how many worlds of one kind are compared with."""

    samples: int = 50
    references: int = 59


@dataclass(frozen=True, slots=True)
class Trial:
    """One number of types: how empty the borders between them are, how stable and how large they are."""

    number: int
    emptiness: float
    stands_out: float
    """By how much emptier than in worlds of one kind, in their standard deviations."""
    stability: tuple[float, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """The types, by number from 0; `number` is 0 where there are none."""

    profiles: Profiles
    number: int
    type: Ints
    """Of each member; NO_TYPE where it is of none."""
    why: Ints
    sure: Floats
    """Share of the samples in which a member fell into its type; NaN where it was not looked at."""
    stability: tuple[float, ...]
    p: float
    """How often members of one kind seem to have types as clear."""
    trials: tuple[Trial, ...]


Done: TypeAlias = Callable[[int, int], object]
"""Takes how many steps of how many are done."""


@dataclass(slots=True)
class _Steps:
    """How far it is: each world of one kind and each sample drawn anew is a step."""

    done: Done
    all: int
    at: int = 0

    def go_on(self) -> None:
        """The next step begins."""
        self.done(self.at, self.all)
        self.at += 1


def learned(
    profiles: Profiles, least: int, seed: int = 0, effort: Effort = Effort(), done: Done = lambda *_: None
) -> Learned:
    """The types among these members, none smaller than `least`; the same seed gives the same types.

    `done` is told often how far it is, and ends it by what it raises.
    """
    known = profiles.known
    scaled = profiles.scaled[known]
    most = min(MOST_TYPES, len(scaled) // max(2 * least, 1))
    if most < 2 or not profiles.features:
        return _none(profiles, ())
    random = np.random.default_rng(seed)
    numbers = range(2, most + 1)
    steps = _Steps(done, effort.references + effort.samples)
    found = [grouped(scaled, k, random) for k in numbers]
    worlds = _worlds(scaled, numbers, random, effort.references, steps)
    middle, spread = worlds.mean(axis=0), np.maximum(worlds.std(axis=0, ddof=1), 1e-9)
    out = (np.array([one.emptiness for one in found]) - middle) / spread
    chance = ((worlds - middle) / spread).max(axis=1)
    p = float((1 + (chance >= out.max()).sum()) / (1 + len(chance)))
    allowed = _WRONG * (1 + len(chance))
    clear = [place for place in range(len(found)) if 1 + (chance >= out[place]).sum() <= allowed]
    tried: list[Trial] = []
    for place in reversed(clear):
        steps.at = effort.references
        again = _again(scaled, found[place], random, effort.samples, steps)
        trial = Trial(
            numbers[place], found[place].emptiness, float(out[place]), again.stability, again.sizes(found[place])
        )
        tried.append(trial)
        if min(trial.stability) >= STABLE and min(trial.sizes) >= least:
            return _some(profiles, found[place], again, p, tuple(tried))
    return _none(profiles, tuple(tried), p)


@dataclass(frozen=True, slots=True, eq=False)
class _Again:
    """What became of groups in samples drawn anew."""

    stability: tuple[float, ...]
    sure: Floats

    def sizes(self, found: Grouping) -> tuple[int, ...]:
        counted = np.bincount(found.group[self.sure >= SURE], minlength=len(found.centres))
        return tuple(counted.tolist())


def _worlds(scaled: Floats, numbers: range, random: np.random.Generator, count: int, steps: _Steps) -> Floats:
    """How empty borders are in worlds of one kind, for each number of groups."""
    drawn_from = reference(scaled)
    worlds = np.empty((count, len(numbers)))
    for row in range(count):
        steps.go_on()
        drawn = drawn_from.drawn(random)
        worlds[row] = [grouped(drawn, k, random, 3).emptiness for k in numbers]
    return worlds


def _again(scaled: Floats, found: Grouping, random: np.random.Generator, samples: int, steps: _Steps) -> _Again:
    """Group samples of the members, drawn with repetition, and see who falls where among all."""
    from scipy.optimize import linear_sum_assignment

    k = len(found.centres)
    likes = np.zeros((samples, k))
    same = np.zeros(len(scaled))
    for row in range(samples):
        steps.go_on()
        drawn = random.integers(len(scaled), size=len(scaled))
        centres = grouped(scaled[drawn], k, random, 3).centres
        group = squared_distances(scaled, centres).argmin(axis=1)
        alike = jaccard(overlaps(found.group, group, k))
        likes[row] = alike.max(axis=1)
        own, others = linear_sum_assignment(-alike)
        named = np.empty(k, np.int64)
        named[others] = own
        same += named[group] == found.group
    return _Again(tuple(likes.mean(axis=0).tolist()), same / samples)


def _some(profiles: Profiles, found: Grouping, again: _Again, p: float, tried: tuple[Trial, ...]) -> Learned:
    """The types, the largest first."""
    order = np.argsort(-np.bincount(found.group, minlength=len(found.centres)), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    known = np.flatnonzero(profiles.known)
    type_of = np.full(len(profiles.members), NO_TYPE, np.int64)
    why = np.full(len(profiles.members), int(Why.LACKING), np.int64)
    sure = np.full(len(profiles.members), np.nan)
    held = again.sure >= SURE
    type_of[known] = np.where(held, place[found.group], NO_TYPE)
    why[known] = np.where(held, int(Why.TYPED), int(Why.BORDER))
    sure[known] = again.sure
    stability = tuple(again.stability[one] for one in order.tolist())
    return Learned(profiles, len(order), type_of, why, sure, stability, p, tried)


def _none(profiles: Profiles, tried: tuple[Trial, ...], p: float = 1.0) -> Learned:
    none = np.full(len(profiles.members), NO_TYPE, np.int64)
    why = np.where(profiles.known, int(Why.NONE_FOUND), int(Why.LACKING))
    return Learned(profiles, 0, none, why, np.full(len(none), np.nan), (), p, tried)
