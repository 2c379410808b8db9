"""Differentially private figures: the mechanisms are OpenDP's, on whole numbers, so that no rounding tells anything.

The unit of privacy is one contributor in one period, a day by default: the figure tells nearly the same whether that
unit's data are in it or not. Contributions are clamped to stated bounds and counted in whole grains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, nextafter
from typing import Any, Literal

from lineside.errors import ConfigurationError
from lineside.texts import DEFAULT_LANGUAGE, say

GRAINS = 10_000
"""A contribution is told in steps of this part of the width of its bounds."""
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one unit gave in all: a contributor in one period, which is a day, or one word for all time."""

    contributor: str
    period: str
    value: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: number of units, sum or mean of their values clamped to `low` and `high`; costs `epsilon`."""

    statistic: Literal["count", "sum", "mean"]
    epsilon: float
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not (isfinite(self.epsilon) and 1e-3 <= self.epsilon <= 20):
            raise ConfigurationError("valve.no_epsilon", epsilon=self.epsilon)
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ConfigurationError("valve.no_bounds", low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class Noised:
    """A figure with noise: within `error` of the clamped truth in 95 of 100 cases (of a mean: of its sum, see there).

    `epsilon` bounds what it tells of one unit; `delta` is 0: the bound has no exceptions. `value` is None for a mean
    of which the noisy number of units is below 1.
    """

    question: Question
    value: float | None
    error: float | None
    epsilon: float
    delta: float = 0.0

    def guarantee(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What the figure promises, for its recipient and its owner."""
        times = f"{exp(self.epsilon):.2f}"
        return say("valve.noise.guarantee", language, epsilon=f"{self.epsilon:g}", times=times)


def noised(question: Question, contributions: Sequence[Contribution]) -> Noised:
    """The answer with noise drawn anew. Spend its epsilon from a budget before, see `spend`.

    Raises ConfigurationError where two contributions are of one unit, or the extra `privacy` is not installed.
    """
    units = {(one.contributor, one.period) for one in contributions}
    if len(units) < len(contributions):
        raise ConfigurationError("valve.unit_twice")
    if not all(isfinite(one.value) for one in contributions):
        raise ConfigurationError("valve.not_a_number", figure=question.statistic)
    values = [one.value for one in contributions]
    if question.statistic == "mean":
        return _mean(question, values)
    if question.statistic == "count":
        told = mechanism("count", question.epsilon)
        return Noised(question, float(told.draw([0] * len(values))), told.error, told.epsilon)
    grain = max(abs(question.low), abs(question.high)) / GRAINS
    counted = [round(min(max(value, question.low), question.high) / grain) for value in values]
    bounds = round(question.low / grain), round(question.high / grain)
    told = mechanism("sum", question.epsilon, bounds)
    return Noised(question, told.draw(counted) * grain, told.error * grain, told.epsilon)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A mechanism with the epsilon that OpenDP proves of it, and its error at 95 %."""

    draw: Callable[[list[int]], int]
    epsilon: float
    error: float


def mechanism(statistic: Literal["count", "sum"], epsilon: float, bounds: tuple[int, int] = (0, 1)) -> Mechanism:
    """A count, or a sum of whole numbers clamped to `bounds`, with discrete Laplace noise; units may come or go."""
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()
    reach = 1 if statistic == "count" else max(abs(bounds[0]), abs(bounds[1]))
    whole = space >> (dp.t.then_count(TO="i64") if statistic == "count" else dp.t.then_clamp(bounds))
    if statistic == "sum":
        whole = whole >> dp.t.then_sum()
    scale = reach / epsilon
    made = whole >> dp.m.then_laplace(scale)
    while (proven := float(made.map(1))) > epsilon:  # the division was rounded down
        scale = nextafter(scale, inf)
        made = whole >> dp.m.then_laplace(scale)
    error = float(dp.discrete_laplacian_scale_to_accuracy(scale=scale, alpha=1 - _CONFIDENCE))
    return Mechanism(made, proven, error)


def _mean(question: Question, values: list[float]) -> Noised:
    """A sum about the middle of the bounds and a count, each for half of the epsilon, divided afterwards."""
    middle, reach = (question.low + question.high) / 2, (question.high - question.low) / 2
    grain = reach / GRAINS
    counted = [round((min(max(value, question.low), question.high) - middle) / grain) for value in values]
    total = mechanism("sum", question.epsilon / 2, (-GRAINS, GRAINS))
    units = mechanism("count", question.epsilon / 2)
    drawn, number = total.draw(counted), units.draw([0] * len(values))
    spent = total.epsilon + units.epsilon
    if number < 1:
        return Noised(question, None, None, spent)
    value = min(max(middle + drawn * grain / number, question.low), question.high)
    return Noised(question, value, min(total.error * grain / number, 2 * reach), spent)


def _opendp() -> Any:
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise ConfigurationError("valve.no_opendp") from error
    dp.enable_features("contrib")
    return dp
