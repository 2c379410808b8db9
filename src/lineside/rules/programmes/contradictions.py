"""What programmes say against each other, or against themselves, so that nobody can rely on either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lineside.rules.programmes.evaluating import evaluate
from lineside.rules.programmes.programme import Programme


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something that does not fit, and which programmes, by their place, cannot be used for it."""

    programmes: tuple[int, ...]
    key: tuple[str | int, ...]
    """Where the table of the programme says it."""
    problem: str
    fields: Mapping[str, object]


def replaced(programmes: Sequence[Programme]) -> Iterator[tuple[int, int]]:
    """The places of programmes that another takes the place of, each with that other's."""
    for at, one in enumerate(programmes):
        for by, other in enumerate(programmes):
            if by != at and other.replaces and not one.replaces and other.id == one.id and other.overlaps(one):
                yield at, by


def contradictions(programmes: Sequence[Programme]) -> Iterator[Contradiction]:
    """Every contradiction among programmes that would all be used."""
    known = {one.id for one in programmes}
    for at, one in enumerate(programmes):
        for name in sorted((one.excludes | one.combines) - known):
            key = "excludes" if name in one.excludes else "combines"
            yield Contradiction((at,), (key,), "rules.programme.no_other", {"value": name})
        yield from _nobody(at, one)
    for (at, one), (by, other) in combinations(enumerate(programmes), 2):
        if one.id == other.id and one.overlaps(other):
            told = {"value": one.id, "one": one.edition.id, "other": other.edition.id}
            yield Contradiction((at, by), ("id",), "rules.programme.two_editions", told)
        if (one.id in other.excludes and other.id in one.combines) or (
            other.id in one.excludes and one.id in other.combines
        ):
            told = {"one": one.id, "other": other.id}
            yield Contradiction((at, by), ("combines",), "rules.programme.disagree", told)


def _nobody(at: int, programme: Programme) -> Iterator[Contradiction]:
    """Conditions that fail whatever the inputs are, on the first day and after each change of a figure."""
    days = {programme.edition.since} | {one.since for each in programme.parameters.values() for one in each.phases}
    never = {
        place
        for day in sorted(days)
        if programme.in_force(day)
        for place, judged in enumerate(evaluate(programme, {}, day).conditions)
        if judged.holds is False
    }
    for place in sorted(never):
        told = {"value": programme.conditions[place].id}
        yield Contradiction((at,), ("condition", place), "rules.programme.nobody", told)
