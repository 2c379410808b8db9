"""What a programme is to somebody of whom some things are known: eligible or not, what is missing, and how much.

What is not known stays unknown: a condition then neither holds nor fails, and the amount is a range that holds it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import reduce
from typing import Generic, TypeAlias, TypeVar

from lineside.errors import ConfigurationError
from lineside.rules.edition import Edition
from lineside.rules.expressions import (
    ANYWHERE,
    LARGEST,
    Algebra,
    Kleene,
    Range,
    Ranges,
    Values,
    Working,
    all_of,
    names_in,
)
from lineside.rules.programmes.programme import Condition, Input, InputKind, Programme, Step

N = TypeVar("N")
T = TypeVar("T")
Known: TypeAlias = Mapping[str, float | bool | str | Range]
"""By the names of inputs, and of conditions that a person confirms; a figure known within bounds is a Range."""


class Standing(StrEnum):
    """Whether somebody is eligible."""

    ELIGIBLE = "eligible"
    NOT = "not"
    UNKNOWN = "unknown"
    """It cannot be said yet."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition, whether it holds (None: not known), and what would tell."""

    condition: Condition
    holds: Kleene
    missing: tuple[str, ...]
    """Inputs whose figure is not known."""
    evidence: tuple[str, ...]
    """What would show it, where it does not hold for certain."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A figure on the way to the amount."""

    step: Step
    value: Range


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, and by which edition; it is no advice, and the authority's word counts."""

    programme: str
    edition: Edition
    sha256: str
    """Of the rule."""
    on: date
    in_force: bool
    standing: Standing
    conditions: tuple[Judged, ...]
    steps: tuple[Worked, ...]
    amount: Range
    """What somebody receives: nothing where not eligible, and at least nothing while that is not known."""
    if_eligible: Range
    """What it would be if all conditions held: inputs that are not known are taken for such as meet them."""
    missing: tuple[str, ...]
    """Inputs whose figure is not known and that a condition that is open, or the amount, depends on."""
    evidence: tuple[str, ...]
    """What would show what is open."""


@dataclass(frozen=True, slots=True)
class Result(Generic[N, T]):
    """The same in whatever algebra."""

    conditions: tuple[T, ...]
    steps: tuple[N, ...]
    eligible: T
    if_eligible: N
    amount: N


def work_out(programme: Programme, algebra: Algebra[N, T], values: Values[N, T], on: date) -> Result[N, T]:
    """Conditions, steps and amount of a programme that is in force on this day."""
    figures = {name: value for name, one in programme.parameters.items() if (value := one.on(on)) is not None}
    working = Working(algebra, values, {name: algebra.figure(value) for name, value in figures.items()})
    conditions = tuple(values.flag(c.id) if c.when is None else working.truth(c.when) for c in programme.conditions)
    for one in programme.conditions:
        if one.when is not None:
            working.suppose(one.when)  # an amount is received only where all of them hold
    steps = []
    for step in programme.steps:
        working.named[step.name] = working.number(step.formula)
        steps.append(working.named[step.name])
    nothing, whole = algebra.figure(0.0), working.named[programme.amount]
    certain = algebra.comparison("==", nothing, nothing)
    eligible = reduce(lambda a, b: algebra.junction(True, a, b), conditions, certain)
    return Result(conditions, tuple(steps), eligible, whole, algebra.either(eligible, whole, nothing))


def evaluate(programme: Programme, known: Known, on: date) -> Outcome:
    """What the programme is to whom this is known of, on a day.

    Raises ConfigurationError for what is not of the kind that the rule asks for, or outside of its bounds.
    """
    values = Checked(programme, known)
    found = work_out(programme, Ranges(), values, on)
    judged = tuple(
        _judged(one, holds, values) for one, holds in zip(programme.conditions, found.conditions, strict=True)
    )
    in_force = programme.in_force(on)
    holds = all_of(in_force, found.eligible)
    standing = Standing.UNKNOWN if holds is None else Standing.ELIGIBLE if holds else Standing.NOT
    missing = {name: None for one in judged if one.holds is None for name in one.missing}
    if standing is not Standing.NOT and found.if_eligible.known is None:
        missing |= dict.fromkeys(sorted(values.unknown(_asked(programme))))
    evidence = [name for one in judged for name in one.evidence]
    evidence += [name for one in missing if one in programme.inputs for name in programme.inputs[one].evidence]
    return Outcome(
        programme=programme.id,
        edition=programme.edition,
        sha256=programme.sha256,
        on=on,
        in_force=in_force,
        standing=standing,
        conditions=judged,
        steps=tuple(Worked(step, value) for step, value in zip(programme.steps, found.steps, strict=True)),
        amount=found.amount if in_force else Range.only(0.0),
        if_eligible=found.if_eligible,
        missing=tuple(missing),
        evidence=tuple(dict.fromkeys(evidence)),
    )


class Checked:
    """What is known of somebody, as the algebra of ranges reads it. Raises what `evaluate` raises."""

    def __init__(self, programme: Programme, known: Known) -> None:
        self._programme, self._known = programme, known
        confirmed = {one.id for one in programme.conditions if one.when is None}
        self._flags = {name: self._flag(name) for name in confirmed & known.keys()}
        self._numbers: dict[str, Range] = {}
        self._choices: dict[str, str] = {}
        for name, one in programme.inputs.items():
            if one.kind is InputKind.NUMBER:
                self._numbers[name] = self._number(one)
            elif name in known and one.kind is InputKind.TRUTH:
                self._flags[name] = self._flag(name)
            elif name in known:
                self._choices[name] = self._choice(one)

    def number(self, name: str) -> Range:
        """A number, or where it may lie. What the rule has no figure for on that day may lie anywhere."""
        return self._numbers.get(name, ANYWHERE)

    def flag(self, name: str) -> Kleene:
        """Whether something is so."""
        return self._flags.get(name)

    def among(self, name: str, choices: tuple[str, ...]) -> Kleene:
        """Whether one of these was chosen."""
        return self._choices[name] in choices if name in self._choices else None

    def choice(self, name: str) -> str | None:
        """What was chosen."""
        return self._choices.get(name)

    def unknown(self, names: frozenset[str]) -> frozenset[str]:
        """Those of some names that are inputs, and not known."""
        known = self._flags.keys() | self._choices.keys()
        known |= {name for name, value in self._numbers.items() if value.known is not None}
        return names & self._programme.inputs.keys() - known

    def _number(self, one: Input) -> Range:
        told = self._known.get(one.name, Range(one.least, one.most))
        if isinstance(told, bool | str) or not (isinstance(told, Range) or abs(told) <= LARGEST):
            raise ConfigurationError("rules.no_number", figure=one.name, value=told)
        found = told if isinstance(told, Range) else Range.only(float(told))
        if math.isnan(found.low) or math.isnan(found.high) or not found.low <= found.high:
            raise ConfigurationError("rules.no_number", figure=one.name, value=f"{found.low:g} … {found.high:g}")
        if not found.within(Range(one.least, one.most)):
            raise ConfigurationError(
                "rules.out_of_bounds", figure=one.name, low=found.low, high=found.high, least=one.least, most=one.most
            )
        return found

    def _flag(self, name: str) -> bool:
        told = self._known[name]
        if not isinstance(told, bool):
            raise ConfigurationError("rules.no_truth", figure=name, value=str(told)[:40])
        return told

    def _choice(self, one: Input) -> str:
        told = self._known[one.name]
        if not isinstance(told, str) or told not in one.choices:
            raise ConfigurationError(
                "rules.no_choice", figure=one.name, value=str(told)[:40], known=", ".join(one.choices)
            )
        return told


def _judged(condition: Condition, holds: Kleene, values: Checked) -> Judged:
    missing: frozenset[str] = frozenset() if condition.when is None else values.unknown(names_in(condition.when))
    return Judged(condition, holds, tuple(sorted(missing)), () if holds else condition.evidence)


def _asked(programme: Programme) -> frozenset[str]:
    """The names that the amount depends on, by all steps before it."""
    steps = {one.name: one for one in programme.steps}
    found: set[str] = set()
    waiting = {programme.amount}
    while waiting:
        name = waiting.pop()
        if name not in found and name in steps:
            waiting |= names_in(steps[name].formula)
        found.add(name)
    return frozenset(found)
