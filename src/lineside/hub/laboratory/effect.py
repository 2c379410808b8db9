"""What a change of a rule would do, as people read it: each figure with how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lineside.hub.laboratory.imputing import Gaps
from lineside.texts import DEFAULT_LANGUAGE, say


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and between what it lies at the level of the trial; both ends alike where nothing is uncertain."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between these a figure lies whatever the unknown inputs of members are; nothing is filled in."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Movement:
    """Enterprises of a class, or of all, by what the change does to them. Not protected: for the hub's own people."""

    name: str
    members: int
    enterprises: float
    """For which the members stand."""
    gains: Estimate
    """Who receive more than before."""
    loses: Estimate
    """Who receive less, or nothing any more."""
    enters: Estimate
    """Who are eligible now and were not."""
    drops_out: Estimate
    """Who were eligible and are not now."""
    cannot_say: Estimate
    """Of whom it cannot be said, as nobody knows an input."""
    cost_before: Estimate
    cost_after: Estimate


@dataclass(frozen=True, slots=True)
class Spread:
    """How the money is spread over those who receive any."""

    receivers: Estimate
    tenth: Estimate
    quarter: Estimate
    median: Estimate
    three_quarters: Estimate
    nine_tenths: Estimate
    largest_tenth: Estimate
    """The share of all money that the tenth with the largest amounts receives."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What there is against what is asked for."""

    budget: float
    share: Estimate
    """Cost over budget."""
    exceeded: float
    """In which share of the trials the cost was above it."""


@dataclass(frozen=True, slots=True)
class Unevenness:
    """How unevenly an outcome is spread, by a measure."""

    measure: str
    members: int
    """Of whom the outcome is known."""
    before: Estimate
    after: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Note:
    """What has to be known to read the figures."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """In the reader's language."""
        return say(self.key, language, **self.fields)


@dataclass(frozen=True, slots=True)
class Effect:
    """A rule, the rule as changed, and what the change does on a day."""

    before: str
    after: str
    """SHA-256 of the rules that were compared."""
    on: date
    unit: str
    level: float
    """Of the intervals."""
    whole: Movement
    classes: tuple[Movement, ...]
    difference: Estimate
    """Of the cost: after less before."""
    cost_before: Bounds
    cost_after: Bounds
    eligible_before: Bounds
    eligible_after: Bounds
    """Enterprises: surely eligible, and possibly."""
    spread_before: Spread
    spread_after: Spread
    budget_before: Budget | None
    budget_after: Budget | None
    unevenness: tuple[Unevenness, ...]
    gaps: tuple[Gaps, ...]
    notes: tuple[Note, ...]
