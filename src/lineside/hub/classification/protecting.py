"""What of learned types and paths all members are told: whole groups, and nothing that few stand behind.

A size is told as "at least", in whole groups of k + c; a quantile where a group lies up to it and a group from it on;
an interval where a group lies at each end. Sizes that could be subtracted from each other differ by whole groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from lineside.hub.classification.statement import PART, Band, Omitted, ToldStep, ToldTrait
from lineside.hub.compare import Secrecy
from lineside.hub.types import Learned, Step, Trait
from lineside.hub.types.arrays import Flags, Floats
from lineside.hub.types.explaining import middle, on_grid

_ENDS = (0.25, 0.75)


def at_least(count: int, secrecy: Secrecy) -> int:
    """A count as it may be told."""
    return count // secrecy.group * secrecy.group


def told_counts(counts: Sequence[int], group: int) -> list[int]:
    """Parts of a whole as "at least": whole groups, and in all so few that a group is left who may be of any part.

    So nobody is certain to be counted in a part, or certain not to be, and one member more changes what is told only
    where its part is full.
    """
    told = [one // group * group for one in counts]
    while any(told) and sum(counts) - sum(told) < group:
        told[told.index(max(told))] -= group
    return told


def share(marked: Flags, of: Flags) -> float:
    """The share of generated members in a group, in tenths; never 0 where there is one."""
    those = int(of.sum())
    if not those:
        return 0.0
    found = float(marked[of].sum()) / those
    return max(round(found * PART), 1) / PART if found else 0.0


def contributors(found: Learned, number: int, trait: Trait) -> tuple[Flags, Flags]:
    """Who told a trait, of a type and of the other types."""
    told = np.isfinite(found.profiles.measured[:, found.profiles.features.index(trait.feature)])
    own = found.type == number
    return told & own, told & (found.type >= 0) & ~own


def told_trait(found: Learned, number: int, trait: Trait, secrecy: Secrecy, *, quartiles: bool) -> ToldTrait:
    """A trait with the bands of its type and of the members of other types.

    Without `quartiles` where those overlap: of three types, a quartile of one and the median of it and another could
    say that all of the other lie on one side. Medians alone leave half of every type on either side.
    """
    measured = found.profiles.measured[:, found.profiles.features.index(trait.feature)]
    own, others = (
        band(measured[one], trait, secrecy, quartiles=quartiles) for one in contributors(found, number, trait)
    )
    return ToldTrait(
        indicator=trait.feature.indicator, kind=trait.feature.kind, high=trait.high, own=own, others=others
    )


def band(values: Floats, trait: Trait, secrecy: Secrecy, *, quartiles: bool) -> Band:
    """The median and quartiles of values, each on the grid; quartiles only with a group on either side."""
    ordered = np.sort(values[np.isfinite(values)])
    low, high = (_quantile(ordered, part, trait, secrecy) if quartiles else None for part in _ENDS)
    return Band(low=low, middle=on_grid(middle(ordered), trait.feature), high=high)


def _quantile(ordered: Floats, part: float, trait: Trait, secrecy: Secrecy) -> float | None:
    rank = ceil(part * len(ordered))
    if rank < secrecy.group or len(ordered) - rank + 1 < secrecy.group:
        return None
    return on_grid(float(ordered[rank - 1]), trait.feature)


def told_step(step: Step, secrecy: Secrecy) -> ToldStep:
    """A step as it may be told."""
    return ToldStep(
        kind=step.kind,
        what=step.what,
        gain=round(step.gain, 12),
        interval=(round(step.low, 12), round(step.high, 12)) if step.beside >= secrecy.group else None,
        members=at_least(step.members, secrecy),
        proven=step.proven,
        cost=step.cost,
    )


def omitted(found: Learned) -> tuple[Omitted, ...]:
    """The features that did not count, and why."""
    return tuple(
        Omitted(indicator=one.feature.indicator, kind=one.feature.kind, why=one.why) for one in found.profiles.left_out
    )
