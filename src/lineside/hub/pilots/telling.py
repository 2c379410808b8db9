"""What others than the hub's analysts may be told of a pilot: figures of groups alone, on the public grid."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf, isfinite

from lineside.hub.pilots.inference import Interval
from lineside.hub.pilots.outcome import Doubt, Outcome, Verdict


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


def on_grid(one: Interval, step: float) -> Interval:
    """The interval on the grid, never narrower than it was."""
    low = floor(one.low / step + 1e-9) * step if isfinite(one.low) else -inf
    high = ceil(one.high / step - 1e-9) * step if isfinite(one.high) else inf
    return Interval(round(one.mean / step) * step, low, high)
