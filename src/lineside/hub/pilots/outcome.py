"""What became of a pilot, by the plan that was fixed before it started."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lineside.errors import UnusableData
from lineside.exchange import month_name
from lineside.hub.pilots.changes import Changes, changes
from lineside.hub.pilots.checks import Fakes, Parallel, Without, fakes, parallel, without_each
from lineside.hub.pilots.inference import Interval, by_chance, difference
from lineside.hub.pilots.panel import Panel
from lineside.hub.pilots.picture import Point, event_study
from lineside.hub.pilots.plan import Plan, Registered, plan_of

LEAST_COUNTED = 3
"""Members of each group that must have told enough."""
LEAST_TREATED = 2 / 3
"""Of those that took part, below which nothing is said: those that fell silent may be those that it failed."""
_WRONG = 0.05
_MOST = 0.5
"""Of the effect, that has to be left without any one member, and if trends of before went on."""


class Verdict(StrEnum):
    """What may be said, never more than the interval allows."""

    WORKED = "worked"
    """All that is possible lies on the side that was expected, and nothing speaks against it."""
    FAILED = "failed"
    """All that is possible is less than what was worth having; or the change went the other way."""
    OPEN = "open"
    """Both are still possible, or a check failed."""


class Doubt(StrEnum):
    """Why nothing can be said although the interval would allow it; the key of a sentence under `pilots.doubt.`."""

    CHANCE = "chance"
    APART = "apart"
    FAKE_START = "fake_start"
    DRIFT = "drift"
    ONE_CARRIES = "one_carries"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Attrition:
    """How many of a group were planned, and how many told enough months both before and after to be counted."""

    planned: int
    counted: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found; effects are in the indicator's unit, or shares of the level before (-0.25: a quarter less)."""

    plan: Plan
    verdict: Verdict
    doubts: tuple[Doubt, ...]
    effect: Interval
    p_chance: float
    """How often members taken at random differ as much."""
    picture: tuple[Point, ...]
    parallel: Parallel | None
    fakes: Fakes
    without: tuple[Without, ...]
    treated: Attrition
    comparison: Attrition
    unused: tuple[int, ...]
    """Months left out, as too few of the comparison group told them; since the start."""
    missing: float
    """Share of the values of the counted members that were not told."""
    generated: float
    """Share of the counted members that were made up for a demonstration."""


def outcome(registered: Registered, panel: Panel, month: int, seed: int = 0) -> Outcome:
    """What became of a pilot whose last month is over in this month, by the hub's clock.

    Raises ConfigurationError or UnusableData: it is not over, its plan is not the one that was fixed, or too few
    members told enough.
    """
    plan = plan_of(registered)
    if month < plan.end:
        raise UnusableData("pilots.not_over", last=month_name(plan.end - 1))
    window = panel.between(panel.rows((*plan.treated, *plan.comparison)), plan.first, plan.end)
    value = window.relative().value if plan.hypothesis.relative else window.value
    takes_part = np.arange(len(value)) < len(plan.treated)
    seen = changes(value, takes_part, plan.pre)
    attrition = _attrition(seen, takes_part)
    random = np.random.default_rng([seed, plan.start])
    points = event_study(seen, plan.pre, plan.alpha)
    effect = difference(*seen.groups).interval(plan.alpha)
    found = _Found(
        effect,
        by_chance(seen.change, seen.treated, random),
        parallel(seen, plan.pre, points, plan.alpha, random),
        fakes(value, seen, plan.pre, plan.alpha, random),
        without_each(seen, tuple(int(one) for one in window.members[takes_part & seen.kept]), plan.alpha),
        attrition[0],
    )
    doubts = found.doubts(plan)
    told = _Units(plan.hypothesis.relative)
    return Outcome(
        plan=plan,
        verdict=_verdict(plan, told.interval(effect), doubts),
        doubts=doubts,
        effect=told.interval(effect),
        p_chance=found.p,
        picture=tuple(told.point(point) for point in points),
        parallel=found.parallel and told.parallel(found.parallel),
        fakes=Fakes(found.fakes.start and told.interval(found.fakes.start), found.fakes.share, found.fakes.number),
        without=tuple(Without(one.member, told.interval(one.effect)) for one in found.without),
        treated=attrition[0],
        comparison=attrition[1],
        unused=tuple((np.flatnonzero(~seen.used) - plan.pre).tolist()),
        missing=float(np.isnan(window.value[seen.kept]).mean()),
        generated=0.0 if window.generated is None else float(window.generated[seen.kept].mean()),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What speaks for and against an effect, as it was computed."""

    effect: Interval
    p: float
    parallel: Parallel | None
    fakes: Fakes
    without: tuple[Without, ...]
    treated: Attrition

    def doubts(self, plan: Plan) -> tuple[Doubt, ...]:
        """What keeps an effect from being believed."""
        fake, before, seen = self.fakes.start, self.parallel, not self.effect.holds(0.0)
        said = {
            Doubt.CHANCE: seen and not self.p <= plan.alpha,
            Doubt.APART: before is None or before.p <= _WRONG,
            Doubt.FAKE_START: fake is not None and not fake.holds(0.0),
            Doubt.DRIFT: seen and before is not None and before.drift.mean / self.effect.mean > _MOST,
            Doubt.ONE_CARRIES: seen and any(one.effect.mean / self.effect.mean < _MOST for one in self.without),
            Doubt.SILENT: self.treated.counted < LEAST_TREATED * self.treated.planned,
        }
        return tuple(doubt for doubt, holds in said.items() if holds)


def _verdict(plan: Plan, effect: Interval, doubts: tuple[Doubt, ...]) -> Verdict:
    """What may be said of an effect.

    Chance, trends that go on and one factory that carries it speak against "worked" alone.
    """
    side = plan.hypothesis.direction
    least, most = sorted((side * effect.low, side * effect.high))
    breaks_any = {Doubt.APART, Doubt.FAKE_START, Doubt.SILENT} & {*doubts}
    if most < abs(plan.hypothesis.worth):
        return Verdict.OPEN if breaks_any else Verdict.FAILED
    return Verdict.WORKED if least > 0 and not doubts else Verdict.OPEN


def _attrition(seen: Changes, takes_part: np.ndarray) -> tuple[Attrition, Attrition]:
    groups = takes_part, ~takes_part
    told = [Attrition(int(group.sum()), int((group & seen.kept).sum())) for group in groups]
    if min(one.counted for one in told) < LEAST_COUNTED:
        counted, others = told[0].counted, told[1].counted
        raise UnusableData("pilots.too_few_told", treated=counted, comparison=others, least=LEAST_COUNTED)
    return told[0], told[1]


@dataclass(frozen=True, slots=True)
class _Units:
    """Brings logarithms back to shares of the level before."""

    relative: bool

    def of(self, value: float) -> float:
        return float(np.expm1(value)) if self.relative else value

    def interval(self, one: Interval) -> Interval:
        return Interval(self.of(one.mean), self.of(one.low), self.of(one.high))

    def point(self, one: Point) -> Point:
        both = self.interval(one.effect), self.interval(one.together)
        return Point(one.month, *both, one.treated, one.comparison)

    def parallel(self, one: Parallel) -> Parallel:
        largest, drift = self.interval(one.largest), self.interval(one.drift)
        return Parallel(one.p, largest, one.month, self.of(one.not_ruled_out), drift)
