"""The smallest effect that a pilot could find: looked at before it starts, so that a hopeless one is seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from lineside.hub.pilots.noise import PAST_MONTHS, Noise, noise_of
from lineside.hub.pilots.panel import Panel
from lineside.hub.pilots.plan import Plan

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Reach:
    """What a plan can find, as its members' past says.

    `smallest` is found in four of five pilots; with effects that differ between factories it takes more. It carries
    the sign and the unit of the hypothesis.
    """

    smallest: float
    expected: float
    noise: Noise

    @property
    def hopeless(self) -> bool:
        """Whether the effect that is expected would more often be missed than the plan can afford."""
        return abs(self.smallest) > abs(self.expected)


def reach(plan: Plan, panel: Panel, month: int) -> Reach:
    """What the plan can find, by the two years before this month and the start.

    Raises UnusableData where its members told too little. Bloom 1995, "Minimum detectable effects", with Welch's
    degrees of freedom for groups of equal spread.
    """
    until = min(month, plan.start)
    window = panel.between(panel.rows((*plan.treated, *plan.comparison)), until - PAST_MONTHS, until)
    noise = noise_of(window.relative().value if plan.hypothesis.relative else window.value)
    size = smallest(noise, plan, len(plan.treated), len(plan.comparison))
    size *= plan.hypothesis.direction
    return Reach(float(np.expm1(size)) if plan.hypothesis.relative else size, plan.hypothesis.expected, noise)


def smallest(noise: Noise, plan: Plan, treated: int, comparison: int) -> float:
    """The size that is found in four of five pilots of so many members; in logarithms for a relative hypothesis."""
    from scipy.special import stdtrit

    parts = 1 / treated, 1 / comparison
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (treated - 1) + parts[1] ** 2 / (comparison - 1))
    quantiles = stdtrit(freedom, 1 - plan.alpha / 2) + stdtrit(freedom, POWER)
    return float(quantiles) * sqrt(noise.of_change(plan.pre, plan.post) * sum(parts))
