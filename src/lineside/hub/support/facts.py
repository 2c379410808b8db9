"""What members told, as inputs of rules: by the names that figures of a profile, places and indicators have.

An input called `employees`, `revenue_cny`, `turnover_eur` or `balance_eur` is that figure of the profile, a choice
called `industry`, `size` or `region` what the member is, a truth one of its traits, and a number called like an
indicator the newest value of that, in a unit that agrees. What nobody told stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.exchange import Catalogue, Indicator, Profile, month_name
from lineside.hub.enrolling import figures_of, size_of
from lineside.hub.figures import Codes, Floats, Origin, Shares, Snapshot
from lineside.rules import Input, InputKind, Programme, Unit, industries

MONTHS = 12
"""How old the newest value of an indicator may be."""
_UNITS = {"employees": "persons", "revenue_cny": "CNY", "turnover_eur": "EUR", "balance_eur": "EUR"}
_PLACES = {"industry", "size", "region"}
_PURE = {"share", "level"}
_OTHER = "other"
"""A choice that stands for all that are not named."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a member, and from where."""

    value: float | bool | str
    source: Literal["profile", "indicator", "stated"]
    """Stated: by who asks, for this one question; it is kept nowhere."""
    month: str = ""
    """Of an indicator."""
    origin: str = ""
    coverage: float | None = None


Facts: TypeAlias = Mapping[str, Fact]
"""By the names of inputs."""
Stated: TypeAlias = Mapping[str, float | bool | str]
"""By the names of inputs, and of conditions that a person confirms."""


def values_of(facts: Facts) -> Stated:
    """What is known, without where it is from."""
    return {name: one.value for name, one in facts.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """The newest values of an indicator, by members, the first that of number 1; NaN where there is none."""

    value: Floats
    month: NDArray[np.int64]
    """Since the year 0."""
    origin: Codes
    coverage: Shares

    def of(self, number: int) -> Fact | None:
        """That of a member."""
        at = number - 1
        if at >= len(self.value) or np.isnan(self.value[at]):
            return None
        covered = float(self.coverage[at])
        return Fact(
            float(self.value[at]),
            "indicator",
            month_name(int(self.month[at])),
            Origin(self.origin[at]).word,
            None if np.isnan(covered) else covered,
        )


def latest(snapshot: Snapshot, indicator: Indicator, until: int) -> Latest:
    """The newest values up to a month; what was measured with less coverage than it needs does not count."""
    series = snapshot.of(indicator.id)
    months = np.arange(snapshot.first, snapshot.first + series.value.shape[1])
    measured = series.origin == Origin.MEASURED
    usable = ~np.isnan(series.value) & (~measured | (series.coverage >= indicator.coverage))
    usable &= (months <= until) & (months > until - MONTHS)
    if not usable.size:
        return Latest(np.empty(0), np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0, np.float32))
    at = usable.shape[1] - 1 - usable[:, ::-1].argmax(axis=1)
    rows, there = np.arange(len(at)), usable.any(axis=1)
    value = np.where(there, series.value[rows, at], np.nan)
    return Latest(value, months[at], series.origin[rows, at], series.coverage[rows, at])


def told_by(one: Input, catalogue: Catalogue) -> Literal["profile", "indicator"] | None:
    """Where members tell an input of a rule; None where none can, so that it is stated for each application."""
    match one.kind:
        case InputKind.CHOICE:
            return "profile" if one.name in _PLACES else None
        case InputKind.TRUTH:
            return "profile"
        case InputKind.NUMBER if one.name in _UNITS:
            return "profile" if str(one.unit) == _UNITS[one.name] else None
        case InputKind.NUMBER:
            indicator = catalogue.indicators.get(one.name)
            return "indicator" if indicator is not None and _agrees(one, indicator) else None


def asked(programme: Programme, catalogue: Catalogue) -> tuple[Indicator, ...]:
    """The indicators of which a rule asks for the value."""
    told = (name for name, one in programme.inputs.items() if told_by(one, catalogue) == "indicator")
    return tuple(catalogue.indicators[name] for name in told)


def facts_of(
    programme: Programme, number: int, profile: Profile, scheme: str, newest: Mapping[str, Latest]
) -> dict[str, Fact]:
    """What a rule asks for and a member told; `newest` by indicator. What lies past the bounds of an input is none."""
    figures = figures_of(profile)
    found: dict[str, Fact] = {}
    for name, one in programme.inputs.items():
        if one.kind is InputKind.CHOICE:
            told = _choice(one, profile, scheme)
            fact = None if told is None else Fact(told, "profile")
        elif one.kind is InputKind.TRUTH:
            fact = Fact(value=True, source="profile") if name in profile.traits else None
        elif name in _UNITS:
            fits = name in figures and str(one.unit) == _UNITS[name]
            fact = Fact(figures[name], "profile") if fits else None
        else:
            fact = newest[name].of(number) if name in newest else None
        if fact is not None and (isinstance(fact.value, str | bool) or one.least <= fact.value <= one.most):
            found[name] = fact
    return found


def _agrees(one: Input, indicator: Indicator) -> bool:
    """Whether an input is in the unit of an indicator."""
    if indicator.unit in _PURE:
        return str(one.unit) == "1"
    try:
        return Unit.parse(indicator.unit) == one.unit
    except ValueError:  # no unit that a rule can have
        return False


def _choice(one: Input, profile: Profile, scheme: str) -> str | None:
    match one.name:
        case "industry":
            told = industries().of(profile.industry).code
        case "region":
            told = profile.region
        case "size":
            told = size_of(profile, scheme) or ""
        case _:
            return None
    if told in one.choices:
        return told
    return _OTHER if told and _OTHER in one.choices else None
