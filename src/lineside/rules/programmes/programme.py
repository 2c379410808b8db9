"""A support programme as a rule: what goes in, who is eligible, what it gives, what has to be shown, until when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

from lineside.errors import ConfigurationError
from lineside.rules.edition import Confidence, Edition
from lineside.rules.expressions import LARGEST, Number, Truth, Unit

Words = Mapping[str, str]
"""By language."""


class InputKind(StrEnum):
    """What is asked for."""

    NUMBER = "number"
    TRUTH = "truth"
    CHOICE = "choice"


class Timing(StrEnum):
    """When an amount comes; amounts of different timing are never added."""

    YEAR = "year"
    """For each year anew."""
    ONCE = "once"
    DEFERRED = "deferred"
    """What is not paid now is paid later: a gain of time alone."""


class Shows(StrEnum):
    """What evidence is."""

    INDICATOR = "indicator"
    """A figure that the factory's own node measured."""
    RECORD = "record"
    """Something that the factory's node keeps: a list of machines, signals, editions."""
    DOCUMENT = "document"
    """A paper from elsewhere: an invoice, a certificate."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something that a rule asks of whom it is worked out for."""

    name: str
    kind: InputKind
    words: Words
    unit: Unit
    """Of a number."""
    least: float
    most: float
    """Between these a number lies, known or not."""
    choices: Mapping[str, Words]
    """Of a choice."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """From when until when a figure of a rule has a value; both days included."""

    since: date
    until: date | None
    value: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of a rule that could be another one: a threshold, a rate, a cap, a budget."""

    name: str
    words: Words
    unit: Unit
    phases: tuple[Phase, ...]

    def on(self, day: date) -> float | None:
        """Its value on a day; None where the rule has none."""
        found = (one.value for one in self.phases if one.since <= day and (one.until is None or day <= one.until))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold: computed, or else confirmed by a person."""

    id: str
    words: Words
    when: Truth | None
    """None: a person confirms it."""
    text: str
    """As it stands in the rule."""
    evidence: tuple[str, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Step:
    """A figure on the way to the amount."""

    name: str
    words: Words
    unit: Unit
    formula: Number
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that something is so."""

    id: str
    shows: Shows
    words: Words
    indicator: str
    """Which one of the catalogue, where it is an indicator."""


@dataclass(frozen=True, slots=True)
class Caution:
    """What the rule does not compute, or what no text confirmed."""

    words: Words
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Programme:
    """One edition of a programme. Not advice: `authority` says who confirms it."""

    id: str
    names: Words
    edition: Edition
    until: date | None
    """The last day; None where none is known."""
    country: str
    region: Words
    dated_by: Words
    """Which day decides whether it is in force, and which of its phases counts."""
    authority: Words
    inputs: Mapping[str, Input]
    parameters: Mapping[str, Parameter]
    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]
    amount: str
    """The step that is what somebody receives."""
    timing: Timing
    payments: tuple[str, ...]
    """Steps that are parts of the amount, in the order in which they are paid; none: all at once."""
    budget: str
    """The parameter that is all there is for everybody together; empty where none is told."""
    evidence: Mapping[str, Evidence]
    excludes: frozenset[str]
    """Programmes that cannot be had for the same thing."""
    combines: frozenset[str]
    """Programmes that the rule says can be."""
    replaces: bool
    """Whether it takes the place of other editions of its id that are in force on the same day."""
    cautions: tuple[Caution, ...]
    sha256: str
    """Of what the rule says."""

    @property
    def unit(self) -> Unit:
        """Of the amount."""
        return next(one.unit for one in self.steps if one.name == self.amount)

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.edition.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: Programme) -> bool:
        """Whether there is a day on which both are in force."""
        first = max(self.edition.since, other.edition.since)
        return self.in_force(first) and other.in_force(first)


def changed(programme: Programme, values: Mapping[str, float]) -> Programme:
    """The programme with other values of some parameters for all of its time; its edition says so.

    Raises ConfigurationError for what is no parameter of it, or no figure.
    """
    if not values:
        return programme
    parameters = dict(programme.parameters)
    for name, value in values.items():
        if name not in parameters:
            known = ", ".join(parameters) or "-"
            raise ConfigurationError("rules.programme.no_parameter", name=name[:40], known=known)
        if not abs(value) <= LARGEST:
            raise ConfigurationError("rules.no_number", figure=name, value=value)
        whole = (Phase(programme.edition.since, programme.until, float(value)),)
        parameters[name] = replace(parameters[name], phases=whole)
    told = json.dumps([programme.sha256, sorted((name, float(value)) for name, value in values.items())])
    words = ", ".join(f"{name} = {value:g}" for name, value in sorted(values.items()))
    edition = replace(programme.edition, id=f"{programme.edition.id}; {words}", confidence=Confidence.OWN)
    return replace(programme, parameters=parameters, edition=edition, sha256=sha256(told.encode()).hexdigest())


def covers(phases: tuple[Phase, ...], since: date, until: date | None) -> bool:
    """Whether phases, in their order, follow each other without gap or overlap over all of a time."""
    if not phases or phases[0].since > since:
        return False
    for one, following in pairwise(phases):
        if one.until is None or following.since != one.until + timedelta(days=1):
            return False
    last = phases[-1].until
    return last is None or (until is not None and last >= until)
