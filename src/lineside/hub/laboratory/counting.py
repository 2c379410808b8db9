"""The figures of one trial: a population with nothing left open but what nobody knows, and one set of weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from lineside.hub.laboratory.arrays import Floats
from lineside.hub.laboratory.judging import Judgements
from lineside.hub.laboratory.population import Indices

MOVED = ("gains", "loses", "enters", "drops_out", "cannot_say", "cost_before", "cost_after")
SPREAD = ("receivers", "tenth", "quarter", "median", "three_quarters", "nine_tenths", "largest_tenth")
_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
_EQUAL = 1e-9
"""Two amounts that differ by less than this share are the same."""


class Inequality(Protocol):
    """How unevenly values are spread over enterprises: a Gini coefficient, Theil's T, as `hub.compare` has them."""

    def __call__(self, values: Floats, weights: Floats, /) -> Floats:
        """For each row of weights: 0 where all have the same. The values come in order, the smallest first."""
        ...


Resulting: TypeAlias = Callable[[Floats, Floats], Floats]
"""What an outcome is once an amount was received."""


@dataclass(frozen=True, slots=True, eq=False)
class Uneven:
    """What is asked about inequality: an outcome of members (NaN where not known), and by which measures."""

    outcome: Floats
    measures: Mapping[str, Inequality]
    resulting: Resulting = np.add


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Of one trial."""

    moved: Floats
    """By class, and last of all: the figures of MOVED."""
    spreads: tuple[Floats, Floats]
    """Before and after: the figures of SPREAD."""
    costs: tuple[float, float]
    """Before any budget is shared."""
    uneven: Floats
    """By measure: before and after."""


class Trial:
    """What members receive before and after the change; worked out once, and summed for many sets of weights."""

    def __init__(
        self, before: Judgements, after: Judgements, classes: Indices, count: int, uneven: Uneven | None
    ) -> None:
        self._sides, self._classes, self._count, self._uneven = (before, after), classes, count, uneven
        self._paid = before.low, after.low
        self._unknown = (before.low != before.high) | (after.low != after.high)
        self._unknown |= (before.standing == 0) | (after.standing == 0)
        self._masks = self._moves(self._paid)
        self._orders = _order(before.low), _order(after.low)
        self._outcomes = self._resulting(self._paid)

    def figures(self, weights: Floats, factors: Callable[[tuple[float, float]], tuple[float, float]]) -> Figures:
        """Everything for these weights; `factors` gives by how much amounts of that cost are cut."""
        costs = float(weights @ self._paid[0]), float(weights @ self._paid[1])
        cut = factors(costs)
        paid, masks, outcomes = self._paid, self._masks, self._outcomes
        if cut != (1.0, 1.0):
            paid = paid[0] * cut[0], paid[1] * cut[1]
            masks, outcomes = self._moves(paid), self._resulting(paid)
        columns = [np.where(one, weights, 0.0) for one in masks] + [weights * one for one in paid]
        moved = np.array([np.bincount(self._classes, one, self._count) for one in columns]).T
        return Figures(
            np.vstack([moved, moved.sum(0)]),
            (spread(paid[0], weights, self._orders[0]), spread(paid[1], weights, self._orders[1])),
            costs,
            self._unevenness(outcomes, weights),
        )

    def _resulting(self, paid: tuple[Floats, Floats]) -> tuple[tuple[Indices, Floats], ...]:
        """Before and after: members in the order of their outcomes, and these."""
        if self._uneven is None:
            return ()
        known = np.flatnonzero(~np.isnan(self._uneven.outcome))
        found = [self._uneven.resulting(self._uneven.outcome[known], one[known]) for one in paid]
        orders = [np.argsort(one, kind="stable") for one in found]
        return tuple((known[order], one[order]) for order, one in zip(orders, found, strict=True))

    def _unevenness(self, outcomes: tuple[tuple[Indices, Floats], ...], weights: Floats) -> Floats:
        measures = () if self._uneven is None else self._uneven.measures.values()
        return np.array([[of(one, weights[None, order])[0] for order, one in outcomes] for of in measures]).reshape(
            -1, 2
        )

    def _moves(self, paid: tuple[Floats, Floats]) -> tuple[npt.NDArray[np.bool_], ...]:
        more = paid[1] - paid[0]
        differs = ~self._unknown & (np.abs(more) > _EQUAL * np.maximum(np.abs(paid[0]), np.abs(paid[1])))
        was, is_ = (one.standing > 0 for one in self._sides)
        enters, drops_out = ~was & is_ & ~self._unknown, was & ~is_ & ~self._unknown
        return differs & (more > 0), differs & (more < 0), enters, drops_out, self._unknown


def _order(amounts: Floats) -> Indices:
    """Members that receive anything, the smallest amount first."""
    receiving = np.flatnonzero(amounts > 0)
    return receiving[np.argsort(amounts[receiving], kind="stable")]


def spread(amounts: Floats, weights: Floats, order: Indices) -> Floats:
    """The figures of SPREAD over members in the order of their amounts; nan where nobody receives anything."""
    paid, weighing = amounts[order], weights[order]
    below = np.cumsum(weighing)
    if not len(order) or below[-1] <= 0:
        return np.array([0.0, *[np.nan] * (len(SPREAD) - 1)])
    at = np.minimum(np.searchsorted(below, np.array(_SHARES) * below[-1]), len(paid) - 1)
    return np.array([below[-1], *paid[at], _largest_share(paid, weighing, below)])


def _largest_share(paid: Floats, weighing: Floats, below: Floats) -> float:
    """What the tenth with the largest amounts receives of all; who stands across the edge counts in part."""
    edge = 0.9 * below[-1]
    within = np.clip(below - edge, 0, weighing)
    return float(within @ paid / (weighing @ paid))
