"""What members told of a month by indicators that are of no use beside each other, and of use all together.

Counts of who runs a twin or AI are protected as all counts are. Sums of machines and of output are for who sees each
value anyway: told to others a sum of this month and one of the next would differ by what few members told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lineside.exchange import Catalogue, Indicator
from lineside.hub.classification.reported import Counted, Tally
from lineside.hub.figures import Codes, Floats, Origin, Snapshot

USED = ("twin_in_use", "ai_in_use")
EQUIPMENT = "machines_connected"
OUTPUT = "output_value"
YEAR = 12
TotalId: TypeAlias = Literal["equipment", "growth_high_tech", "growth_all"]
_ANSWERS = {
    "runs": {"en": "it runs, as measured", "zh": "已应用（实测）"},
    "says": {"en": "it runs, as people say", "zh": "已应用（人员填报）"},
    "none": {"en": "it does not run", "zh": "未应用"},
}


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of all members that told what it is made of; None where nobody did."""

    id: TotalId
    value: float | None
    """Machines, or the change of output against the same month a year before, as a share."""
    told: int
    entered: int
    """Of these as many told it by hand, in one of its months at least."""
    members: int


def uses(snapshot: Snapshot, catalogue: Catalogue, members: Sequence[int], month: int) -> tuple[Tally, ...]:
    """How many of the members run a twin, or AI, in a month (since the year 0)."""
    found = []
    for name in USED:
        value, origin = _told(snapshot, catalogue.of(name), members, month)
        held = Counter(_answer(float(one), int(of)) for one, of in zip(value, origin, strict=True))
        counts = tuple(Counted(one, words, held[one]) for one, words in _ANSWERS.items())
        names = catalogue.of(name).names
        tally = Tally(f"indicator/{name}", names, catalogue.edition, counts, held[""], len(members), exact=True)
        found.append(tally)
    return tuple(found)


def _answer(value: float, origin: int) -> str:
    if np.isnan(value):
        return ""
    return "none" if value <= 0 else "says" if origin == Origin.ENTERED else "runs"


def totals(
    snapshot: Snapshot,
    catalogue: Catalogue,
    members: Sequence[int],
    high_tech: frozenset[int],
    month: int,
    merged: frozenset[int] = frozenset(),
) -> tuple[Total, ...]:
    """Machines in service, and the growth of output of high-tech members and of all, in a month (since the year 0).

    `merged` are members that go on for others which were members a year before: what these made is no growth.
    """
    equipment, output = catalogue.of(EQUIPMENT), catalogue.of(OUTPUT)
    same = [one for one in members if one not in merged]
    return (
        _equipment(snapshot, equipment, members, month),
        _growth(snapshot, output, "growth_high_tech", [one for one in same if one in high_tech], month),
        _growth(snapshot, output, "growth_all", same, month),
    )


def _equipment(snapshot: Snapshot, equipment: Indicator, members: Sequence[int], month: int) -> Total:
    value, origin = _told(snapshot, equipment, members, month)
    there = ~np.isnan(value)
    whole = float(value[there].sum()) if there.any() else None
    return Total("equipment", whole, int(there.sum()), int((there & (origin == Origin.ENTERED)).sum()), len(members))


def _growth(snapshot: Snapshot, output: Indicator, total: TotalId, members: Sequence[int], month: int) -> Total:
    """Of the same members in both months, so that one who joined is no growth."""
    now, origin = _told(snapshot, output, members, month)
    then, before = _told(snapshot, output, members, month - YEAR)
    both = ~np.isnan(now) & ~np.isnan(then)
    entered = both & ((origin == Origin.ENTERED) | (before == Origin.ENTERED))
    base = float(then[both].sum())
    value = float(now[both].sum()) / base - 1 if base > 0 else None
    return Total(total, value, int(both.sum()), int(entered.sum()), len(members))


def _told(snapshot: Snapshot, indicator: Indicator, members: Sequence[int], month: int) -> tuple[Floats, Codes]:
    """Value and origin by the members in their order; NaN where one told none, or one that cannot be."""
    value, origin = np.full(len(members), np.nan), np.zeros(len(members), np.uint8)
    column = month - snapshot.first
    if 0 <= column < snapshot.months:
        series = snapshot.of(indicator.id)
        known = np.array([number <= snapshot.members for number in members], bool)
        rows = np.array([number - 1 for number in members if number <= snapshot.members], np.intp)
        value[known], origin[known] = series.value[rows, column], series.origin[rows, column]
        value[~((value >= indicator.low) & (value <= indicator.high))] = np.nan  # the member has a remark on it
    return value, origin
