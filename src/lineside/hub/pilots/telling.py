"""What others than the hub's analysts may be told of a pilot: figures of groups alone, on the public grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite

from lineside.exchange import Indicator
from lineside.hub.pilots.inference import Interval
from lineside.hub.pilots.outcome import Doubt, Outcome, Verdict
from lineside.hub.pilots.plan import Hypothesis, Plan
from lineside.hub.pilots.separating import separable

SHARE_STEP = 0.01
"""The grid of relative effects, unless that of their indicator is a ratio itself."""


@dataclass(frozen=True, slots=True)
class ToldPoint:
    """A month of the picture, rounded."""

    month: int
    effect: Interval


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome for members and the public.

    Numbers of members are told as "at least"; who took part, who was compared and what is found without one of them
    are not told. Both groups hold `least` members or more in the whole and in each month of the picture.
    """

    name: str
    indicator: str
    relative: bool
    verdict: Verdict
    doubts: tuple[Doubt, ...]
    effect: Interval
    picture: tuple[ToldPoint, ...]
    treated: int
    comparison: int
    generated: bool
    """Whether any of the members was made up for a demonstration."""


def told(found: Outcome, least: int, step: float) -> Told | None:
    """What may be told with a minimum group of `least` (group and colluders); None where the groups are too small.

    `step` is the grid of the indicator, or of shares for a relative hypothesis; ends of intervals are rounded outward.
    Tell an outcome once: two tellings of corrected values can be subtracted.
    """
    if min(found.treated.counted, found.comparison.counted) < least:
        return None
    points = (one for one in found.picture if min(one.treated, one.comparison) >= least)
    return Told(
        name=found.plan.name,
        indicator=found.plan.hypothesis.indicator,
        relative=found.plan.hypothesis.relative,
        verdict=found.verdict,
        doubts=found.doubts,
        effect=on_grid(found.effect, step),
        picture=tuple(ToldPoint(one.month, on_grid(one.together, step)) for one in points),
        treated=found.treated.counted // least * least,
        comparison=found.comparison.counted // least * least,
        generated=found.generated > 0,
    )


def step_of(hypothesis: Hypothesis, indicator: Indicator) -> float:
    """The grid on which an effect is told, in the unit of its hypothesis."""
    if hypothesis.relative:
        return indicator.step if indicator.ratio else SHARE_STEP
    return indicator.step * abs(hypothesis.expected) if indicator.ratio else indicator.step


def too_near(plan: Plan, others: Iterable[Plan], least: int) -> bool:
    """Whether this plan's groups and those that were told could be combined until fewer than `least` members are left.

    Each group counts as if its own mean were told, which is more than its difference from the other. Plans of other
    indicators, or whose months have nothing in common with this one's, add nothing.
    """
    near = [
        other
        for other in others
        if other.hypothesis.indicator == plan.hypothesis.indicator and other.first < plan.end and plan.first < other.end
    ]
    return bool(near) and separable([group for one in (plan, *near) for group in (one.treated, one.comparison)], least)


def on_grid(one: Interval, step: float) -> Interval:
    """The interval on the grid, never narrower than it was."""
    low = floor(one.low / step + 1e-9) * step if isfinite(one.low) else -inf
    high = ceil(one.high / step - 1e-9) * step if isfinite(one.high) else inf
    return Interval(round(one.mean / step) * step, low, high)
