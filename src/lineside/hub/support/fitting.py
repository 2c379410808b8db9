"""Which programmes fit a member, what each would give it, and what they give together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lineside.errors import ConfigurationError
from lineside.hub.support.facts import Fact, Facts, Stated, values_of
from lineside.rules import Outcome, Programme, Sum, evaluate, together


@dataclass(frozen=True, slots=True)
class Fit:
    """A programme, what came of it, and by which facts."""

    programme: Programme
    outcome: Outcome
    facts: Facts


@dataclass(frozen=True, slots=True)
class Fits:
    """All programmes that are in force on a day, for one member; it is no advice."""

    member: int
    on: date
    fits: tuple[Fit, ...]
    sums: tuple[Sum, ...]


def fit(programme: Programme, told: Facts, stated: Stated, on: date) -> Fit:
    """What a programme is to whom these facts are known of; what is stated takes the place of what was told.

    Raises ConfigurationError for what the rule does not ask for, and for what `evaluate` refuses.
    """
    require_asked(programme, stated)
    facts = {**told, **{name: Fact(value, "stated") for name, value in stated.items()}}
    return Fit(programme, evaluate(programme, values_of(facts), on), facts)


def fits_of(member: int, on: date, found: Iterable[Fit]) -> Fits:
    """The same of several, with what they give together."""
    fits = tuple(found)
    return Fits(member, on, fits, together([(one.programme, one.outcome) for one in fits]))


def require_asked(programme: Programme, names: Iterable[str]) -> None:
    """Raises ConfigurationError for a name of which the rule asks nothing."""
    known = programme.inputs.keys() | {one.id for one in programme.conditions if one.when is None}
    for name in names:
        if name not in known:
            raise ConfigurationError(
                "support.not_asked", name=name[:60], programme=programme.id, known=", ".join(sorted(known))
            )


def require_statable(programme: Programme, told: Facts, stated: Stated) -> None:
    """Raises ConfigurationError for what cannot be stated in an application, though it can be supposed.

    What a person of the hub confirms, nobody confirms for themselves; what a member told in its statements counts.
    """
    for name, value in stated.items():
        if name not in programme.inputs:
            raise ConfigurationError("support.not_yours", name=name)
        if name in told and told[name].value != value:
            raise ConfigurationError("support.told_otherwise", name=name, told=told[name].value, stated=value)
