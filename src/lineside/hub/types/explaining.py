"""What sets a type apart: the two or three features in which it differs most, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.exchange import catalogue
from lineside.hub.compare import Scale
from lineside.hub.types.arrays import Floats
from lineside.hub.types.learned import Learned
from lineside.hub.types.profiles import Feature

MOST_TRAITS = 3
LEAST_GAP = 0.5
"""Between the medians, in spreads of all members, below which a feature does not set a type apart."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One feature of a type: its median and that of all others, on the public grid."""

    feature: Feature
    high: bool
    own: float
    others: float
    gap: float
    """Between the medians, in spreads of all members."""


@dataclass(frozen=True, slots=True)
class Character:
    """A type as people see it."""

    number: int
    size: int
    stability: float
    """Mean share of a type that is found again when members are drawn anew (Jaccard)."""
    traits: tuple[Trait, ...]


def characters(found: Learned, least: int) -> tuple[Character, ...]:
    """Each type by what sets it apart; no feature that fewer than `least` of a type or of the others tell."""
    return tuple(
        Character(number, int((found.type == number).sum()), found.stability[number], _traits(found, number, least))
        for number in range(found.number)
    )


def _traits(found: Learned, number: int, least: int) -> tuple[Trait, ...]:
    own = found.type == number
    others = (found.type >= 0) & ~own
    traits = []
    for place, feature in enumerate(found.profiles.features):
        scaled = found.profiles.scaled[:, place]
        told = np.isfinite(scaled)
        if min((told & own).sum(), (told & others).sum()) < least:
            continue
        gap = float(np.median(scaled[told & own]) - np.median(scaled[told & others]))
        measured = found.profiles.measured[:, place]
        medians = [on_grid(middle(np.sort(measured[told & group])), feature) for group in (own, others)]
        traits.append(Trait(feature, gap > 0, medians[0], medians[1], gap))
    clear = [trait for trait in traits if abs(trait.gap) >= LEAST_GAP and trait.own != trait.others]
    return tuple(sorted(clear, key=lambda trait: -abs(trait.gap))[:MOST_TRAITS])


def middle(ordered: Floats) -> float:
    """The lower median of values in order: one of them, as all quantiles that are told."""
    return float(ordered[(len(ordered) - 1) // 2])


def on_grid(value: float, feature: Feature) -> float:
    """The value on the grid to which the catalogue rounds what is told of many; a trend by its width in the unit."""
    indicator = catalogue().of(feature.indicator)
    if feature.kind == "level":
        scale = Scale.of(indicator)
        return scale.at(int(scale.places(np.array([value]))[0]))
    return round(round(value / indicator.step) * indicator.step, 12)
