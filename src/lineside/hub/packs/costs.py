"""What packs cost those who told it: told of many together, and only when as many more have told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from lineside.exchange import Cost
from lineside.hub.packs.uses import Use


@dataclass(frozen=True, slots=True)
class ToldCost:
    """What it cost once, in yuan: the median to two digits, and the middle half rounded outward to one."""

    median: float
    low: float
    high: float
    members: int
    generated: bool
    """Whether any of them was made up."""


def told_cost(found: Sequence[Use], generated: frozenset[int], least: int) -> ToldCost | None:
    """What the first whole groups of `least` members told; None where fewer did.

    Who told counts once and for good, so two answers, earlier and later, differ by `least` members or by none. An
    edition of a pack can cost something else: those of all count.
    """
    first: dict[int, float] = {}
    for one in found:
        if one.cost_cny is not None:
            first.setdefault(one.member, one.cost_cny)
    counted = list(first)[: len(first) // least * least]
    if not counted:
        return None
    costs = np.array([first[member] for member in counted])
    low, median, high = np.quantile(costs, [0.25, 0.5, 0.75]).tolist()
    return ToldCost(
        float(f"{median:.2g}"), _down(low), _up(high), len(counted), any(one in generated for one in counted)
    )


def as_cost(told: ToldCost, stated: Cost) -> Cost:
    """The cost of an edition that goes by what members told; what they did not tell is as stated."""
    return Cost(once_cny=(told.low, told.high), yearly_cny=stated.yearly_cny, days=stated.days, members=told.members)


def _down(value: float) -> float:
    step = _step(value)
    return float(floor(value / step + 1e-9) * step)


def _up(value: float) -> float:
    step = _step(value)
    return float(ceil(value / step - 1e-9) * step)


def _step(value: float) -> float:
    return 1.0 if value < 1 else float(10 ** floor(log10(value)))
