"""A change of a rule tried on the members of a hub as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from lineside.hub.laboratory import Effect, Note, Population, Trials, try_change
from lineside.hub.member import Member
from lineside.hub.settings import Population as Enterprises
from lineside.hub.support.enterprises import By, Kind, standing_for
from lineside.hub.support.facts import Stated
from lineside.hub.support.fitting import require_asked
from lineside.hub.support.unequal import per_head
from lineside.rules import Known, Programme, changed

SEED = 20261128
"""The same question has the same answer, to the last digit."""
MOST_AT_ONCE = 8_000
"""Up to so many members a trial takes less than a second, so that somebody can wait for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be tried: other figures of a rule, on a day, on whom."""

    programme: str
    parameters: Mapping[str, float]
    on: date
    by: By = By.SIZE
    assumed: Stated = field(default_factory=dict)
    """What is taken for all who did not tell it."""
    stand: bool = False
    """Whether members stand for all enterprises that the settings tell of."""
    share_budget: bool = False
    generated: bool = True
    """Whether members that were made up for a demonstration are among them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A member that a rule is tried on, and what is known of it."""

    member: Member
    kind: Kind
    known: Known


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a change."""

    change: Change
    before: Programme
    after: Programme
    effect: Effect
    counts: Effect
    """The same where each member counts for one."""
    generated: int
    """Members in it that were made up."""
    left_out: int
    """Members that stand for nobody, as nothing tells how many there are of their kind."""


def tried(change: Change, before: Programme, subjects: Sequence[Subject], told: Sequence[Enterprises]) -> Tried:
    """The effect of a change. Raises ConfigurationError for what the rule has not, and for what cannot be tried."""
    require_asked(before, change.assumed)
    after = changed(before, change.parameters)
    enterprises: Mapping[str, float] = {}
    among = subjects
    if change.stand and subjects:
        standing = standing_for([one.kind for one in subjects], told, change.by)
        among, enterprises = [subjects[at] for at in standing.places], standing.enterprises
    classes = [one.kind.by(change.by) for one in among]
    known = [{**change.assumed, **one.known} for one in among]
    population = Population.of([before], known, classes, enterprises)
    uneven = per_head(before, [one.member.profile for one in among]) if among else None

    def effect(of: Population) -> Effect:
        random = np.random.default_rng(SEED)
        trials = Trials(share_budget=change.share_budget)
        return try_change(before, after, of, change.on, random, trials=trials, uneven=uneven)

    found = effect(population)
    notes = (*found.notes, *_notes(change, with_heads=uneven is not None))
    counts = effect(replace(population, weights=np.ones(population.size))) if enterprises else found
    generated = sum(one.member.profile.generated for one in among)
    left_out = len(subjects) - len(among)
    return Tried(change, before, after, replace(found, notes=notes), counts, generated, left_out)


def subjects_of(
    members: Sequence[Member], kind: Callable[[Member], Kind], known: Callable[[Member], Known], *, generated: bool
) -> list[Subject]:
    """Those of some members that a rule is tried on."""
    among = (one for one in members if generated or not one.profile.generated)
    return [Subject(one, kind(one), known(one)) for one in among]


def _notes(change: Change, *, with_heads: bool) -> list[Note]:
    found = []
    if change.assumed:
        found.append(Note("support.note.assumed", {"names": ", ".join(change.assumed)}))
    if with_heads:
        found.append(Note("support.note.per_head"))
    return found
