"""What members are like, by measurement: levels and trends of indicators, put on one scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lineside.hub.types.agreement import rank_correlation
from lineside.hub.types.arrays import Flags, Floats, Ints

LEVEL_MONTHS = 12
LEAST_LEVEL = 6
"""Of the last twelve months, that have to be told for a level."""
LEAST_TREND = 12
LEAST_MEMBERS = 0.6
"""Share of members that have to tell a feature for it to count."""
LEAST_REPEATED = 0.3
"""Correlation between members of a feature in one half of the months and in the other, below which it is noise."""
LEAST_FEATURES = 2 / 3
"""Share of the features that a member has to tell to be of a type."""
FAR = 2.0
"""Scaled values farther out grow as their logarithm alone: a few that are far out are not a type."""
_NORMAL = 1.4826
_LEAST_BOTH = 10


FeatureKind: TypeAlias = Literal["level", "trend"]


@dataclass(frozen=True, slots=True)
class Feature:
    """The level of an indicator, or its trend in units a year."""

    indicator: str
    kind: FeatureKind


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A feature that does not count, and why: the key of a sentence under `types.left_out.`."""

    feature: Feature
    why: Literal["few", "noise", "alike"]


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """A row a member: features as measured, and by medians and spreads of all; NaN where a member does not tell."""

    members: Ints
    features: tuple[Feature, ...]
    measured: Floats
    scaled: Floats
    left_out: tuple[LeftOut, ...]

    @property
    def known(self) -> Flags:
        """Which members tell enough to be of a type."""
        told: Flags = np.isfinite(self.scaled).sum(axis=1) >= max(LEAST_FEATURES * len(self.features), 1)
        return told


KINDS: tuple[FeatureKind, ...] = ("level", "trend")


def profiles(
    values: Mapping[str, Floats], members: Sequence[int] | Ints, kinds: Sequence[FeatureKind] = KINDS
) -> Profiles:
    """The profiles of members from months of each indicator (members, months), the last month last.

    Nothing is filled in. Features that few tell, that hardly differ, or that do not repeat from one half of the months
    to the other are left out and named.
    """
    kept: list[tuple[Feature, Floats, Floats]] = []
    left_out: list[LeftOut] = []
    for indicator, value in values.items():
        for kind in kinds:
            measured, halves = _PARTS[kind](value)
            feature, why = Feature(indicator, kind), _unfit(measured, halves)
            if why is None:
                kept.append((feature, measured, _scaled(measured)))
            else:
                left_out.append(LeftOut(feature, why))
    shape = len(members), 0
    return Profiles(
        np.asarray(members, np.int64),
        tuple(feature for feature, _, _ in kept),
        np.column_stack([measured for _, measured, _ in kept]) if kept else np.zeros(shape),
        np.column_stack([scaled for _, _, scaled in kept]) if kept else np.zeros(shape),
        tuple(left_out),
    )


_Halves: TypeAlias = tuple[Floats, Floats]


def _level(value: Floats) -> tuple[Floats, _Halves]:
    """The level, and those of the earlier and the later half of its months."""
    last = value[:, -LEVEL_MONTHS:]
    half = last.shape[1] // 2
    return levels(last, LEAST_LEVEL), (levels(last[:, :half], 2), levels(last[:, half:], 2))


def _trend(value: Floats) -> tuple[Floats, _Halves]:
    """The trend, and those of the even and the odd months."""
    months = np.arange(value.shape[1])
    even, odd = (trends(np.where(months % 2 == part, value, np.nan), LEAST_TREND // 2) for part in (0, 1))
    return trends(value, LEAST_TREND), (even, odd)


_PARTS: Mapping[FeatureKind, Callable[[Floats], tuple[Floats, _Halves]]] = {"level": _level, "trend": _trend}


def levels(value: Floats, least: int) -> Floats:
    """The median of the months of each member; NaN for those that told fewer than `least`."""
    enough = np.isfinite(value).sum(axis=1) >= least
    found = np.full(len(value), np.nan)
    if enough.any():
        found[enough] = np.nanmedian(value[enough], axis=1)
    return found


def trends(value: Floats, least: int) -> Floats:
    """The median slope between pairs of months (Theil 1950, Sen 1968), in units a year; NaN as for `levels`."""
    first, second = np.triu_indices(value.shape[1], 1)
    enough = np.isfinite(value).sum(axis=1) >= least
    found = np.full(len(value), np.nan)
    for rows in np.array_split(np.flatnonzero(enough), max(len(value) // 1000, 1)):
        if len(rows):
            slopes = (value[rows][:, second] - value[rows][:, first]) / (second - first)
            found[rows] = 12 * np.nanmedian(slopes, axis=1)
    return found


def _unfit(measured: Floats, halves: _Halves) -> Literal["few", "noise", "alike"] | None:
    told = np.isfinite(measured)
    if not told.any() or told.mean() < LEAST_MEMBERS:
        return "few"
    if not _spread(measured[told]) > 0:
        return "alike"
    both = np.isfinite(halves[0]) & np.isfinite(halves[1])
    if both.sum() < _LEAST_BOTH:
        return "few"
    return None if rank_correlation(halves[0][both], halves[1][both]) >= LEAST_REPEATED else "noise"


def _scaled(measured: Floats) -> Floats:
    told = measured[np.isfinite(measured)]
    return drawn_in((measured - np.median(told)) / _spread(told))


def drawn_in(scaled: Floats) -> Floats:
    """Values beyond `FAR` drawn in smoothly: cut off they would gather at an edge and look like a type."""
    beyond = np.maximum(np.abs(scaled) - FAR, 0.0)
    found: Floats = np.sign(scaled) * (np.minimum(np.abs(scaled), FAR) + np.log1p(beyond))
    return found


def _spread(told: Floats) -> float:
    """A standard deviation by the median deviation; by that of all where more than half are equal."""
    robust = _NORMAL * float(np.median(np.abs(told - np.median(told))))
    return robust or float(told.std())
