"""Tries a change of a rule on a population before it is law: who gains, who drops out, what it costs, how sure that is.

Nobody is assumed to act otherwise because of the change. What members did not tell is filled in many times over, and
where members stand for others other samples are drawn; the figures of all these trials make the intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lineside.errors import ConfigurationError
from lineside.hub.laboratory.counting import MOVED, SPREAD, Figures, Trial, Uneven
from lineside.hub.laboratory.effect import Bounds, Budget, Effect, Estimate, Movement, Note, Spread, Unevenness
from lineside.hub.laboratory.imputing import Imputation
from lineside.hub.laboratory.judging import Judgements, judge
from lineside.hub.laboratory.population import Population
from lineside.hub.laboratory.resampling import Sampling, lone_classes, samples
from lineside.rules import Programme


@dataclass(frozen=True, slots=True)
class Trials:
    """How often what is tried; 20 fillings and 200 samples of 10,000 members take less than a second."""

    level: float = 0.95
    fillings: int = 20
    samples: int = 200
    share_budget: bool = False
    """Whether everybody receives the less, alike, where the budget is not enough; else the cost goes above it."""


def try_change(
    before: Programme,
    after: Programme,
    population: Population,
    on: date,
    random: np.random.Generator,
    *,
    trials: Trials | None = None,
    uneven: Uneven | None = None,
) -> Effect:
    """The effect of putting `after` in the place of `before`. Raises ConfigurationError for what cannot be compared."""
    how = trials or Trials()
    _comparable(before, after, population, how)
    imputation = Imputation(population)
    fillings = [population]
    if imputation.needed:
        fillings = [imputation.filled(random) for _ in range(how.fillings)]
    classes, count = population.classes, len(population.class_names)
    tried = [Trial(judge(before, one, on), judge(after, one, on), classes, count, uneven) for one in fillings]
    budgets = _budget(before, on), _budget(after, on)

    def factors(costs: tuple[float, float]) -> tuple[float, float]:
        return _factor(costs[0], budgets[0], how), _factor(costs[1], budgets[1], how)

    drawn = points = [one.figures(population.weights, factors) for one in tried]
    if samples(population):
        sampling = Sampling(population)
        drawn = [tried[at % len(tried)].figures(sampling.weights(random), factors) for at in range(how.samples)]
    return _effect((before, after), population, on, how, uneven, imputation, _Found(points, drawn, how.level), budgets)


class _Found:
    """All trials: `points` with the weights as they are, `drawn` with all that is uncertain."""

    def __init__(self, points: Sequence[Figures], drawn: Sequence[Figures], level: float) -> None:
        self.points, self.drawn, self._ends = points, drawn, ((1 - level) / 2, (1 + level) / 2)

    def estimate(self, of: Callable[[Figures], float]) -> Estimate:
        """The mean of the points, between the quantiles of what was drawn; nan where a figure is never there."""
        points, drawn = (np.array([of(one) for one in many]) for many in (self.points, self.drawn))
        points, drawn = points[~np.isnan(points)], drawn[~np.isnan(drawn)]
        if not len(points) or not len(drawn):
            return Estimate(np.nan, np.nan, np.nan)
        low, high = np.quantile(drawn, self._ends)
        value = float(points.mean())
        return Estimate(value, min(float(low), value), max(float(high), value))

    def movement(self, at: int, name: str, members: int, enterprises: float) -> Movement:
        """The figures of a class by its place."""
        found = {of: self.estimate(lambda f, k=k: float(f.moved[at, k])) for k, of in enumerate(MOVED)}  # type: ignore[misc]
        return Movement(name, members, enterprises, **found)

    def spread(self, side: int) -> Spread:
        """How the money is spread, before or after."""
        return Spread(
            **{of: self.estimate(lambda f, k=k: float(f.spreads[side][k])) for k, of in enumerate(SPREAD)}  # type: ignore[misc]
        )

    def budget(self, side: int, budget: float | None) -> Budget | None:
        """What there is against what is asked for."""
        if budget is None:
            return None
        share = self.estimate(lambda f: f.costs[side] / budget)
        return Budget(budget, share, float(np.mean([one.costs[side] > budget for one in self.drawn])))


def _effect(
    rules: tuple[Programme, Programme],
    population: Population,
    on: date,
    how: Trials,
    uneven: Uneven | None,
    imputation: Imputation,
    found: _Found,
    budgets: tuple[float | None, float | None],
) -> Effect:
    sizes = np.bincount(population.classes, minlength=len(population.class_names))
    weighing = np.bincount(population.classes, population.weights, len(population.class_names))
    classes = tuple(
        found.movement(at, name, int(sizes[at]), float(weighing[at])) for at, name in enumerate(population.class_names)
    )
    plain = judge(rules[0], population, on), judge(rules[1], population, on)
    return Effect(
        before=rules[0].sha256,
        after=rules[1].sha256,
        on=on,
        unit=str(rules[0].unit),
        level=how.level,
        whole=found.movement(-1, "", population.size, float(weighing.sum())),
        classes=classes,
        difference=found.estimate(lambda f: float(f.moved[-1, -1] - f.moved[-1, -2])),
        cost_before=_cost(plain[0], population),
        cost_after=_cost(plain[1], population),
        eligible_before=_eligible(plain[0], population),
        eligible_after=_eligible(plain[1], population),
        spread_before=found.spread(0),
        spread_after=found.spread(1),
        budget_before=found.budget(0, budgets[0]),
        budget_after=found.budget(1, budgets[1]),
        unevenness=() if uneven is None else tuple(_uneven(uneven, found)),
        gaps=imputation.gaps(),
        notes=tuple(_notes(population, imputation, how)),
    )


def _uneven(uneven: Uneven, found: _Found) -> Iterator[Unevenness]:
    members = int((~np.isnan(uneven.outcome)).sum())
    for at, measure in enumerate(uneven.measures):
        sides = [found.estimate(lambda f, at=at, side=side: float(f.uneven[at, side])) for side in (0, 1)]  # type: ignore[misc]
        difference = found.estimate(lambda f, at=at: float(f.uneven[at, 1] - f.uneven[at, 0]))  # type: ignore[misc]
        yield Unevenness(measure, members, sides[0], sides[1], difference)


def _notes(population: Population, imputation: Imputation, how: Trials) -> Iterator[Note]:
    yield Note("laboratory.note.behaviour")
    yield Note("laboratory.note.unprotected")
    gaps = imputation.gaps()
    if any(one.filled for one in gaps):
        yield Note("laboratory.note.filled", {"times": how.fillings})
    if nobody := [one.name for one in gaps if not one.filled]:
        yield Note("laboratory.note.nobody_knows", {"names": ", ".join(nobody)})
    yield Note("laboratory.note.sampled" if samples(population) else "laboratory.note.members_only")
    if lone := lone_classes(population):
        yield Note("laboratory.note.lone", {"names": ", ".join(lone)})
    if how.share_budget:
        yield Note("laboratory.note.shared")


def _comparable(before: Programme, after: Programme, population: Population, how: Trials) -> None:
    if before.unit != after.unit or before.timing != after.timing:
        raise ConfigurationError("laboratory.other_unit", before=str(before.unit), after=str(after.unit))
    if not population.size:
        raise ConfigurationError("laboratory.nobody")
    if not (0 < how.level < 1 and how.fillings >= 2 and how.samples >= 20):
        raise ConfigurationError("laboratory.few_trials")


def _budget(programme: Programme, on: date) -> float | None:
    return programme.parameters[programme.budget].on(on) if programme.budget else None


def _factor(cost: float, budget: float | None, how: Trials) -> float:
    return budget / cost if how.share_budget and budget is not None and cost > budget else 1.0


def _cost(found: Judgements, population: Population) -> Bounds:
    return Bounds(float(population.weights @ found.low), float(population.weights @ found.high))


def _eligible(found: Judgements, population: Population) -> Bounds:
    surely, possibly = (float(population.weights @ (found.standing >= least)) for least in (1, 0))
    return Bounds(surely, possibly)
