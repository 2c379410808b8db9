"""The members that types are learned of and paths are looked for among, with their ripe months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lineside.hub.compare import Compared
from lineside.hub.tiers.now import Now
from lineside.hub.types.arrays import Flags, Floats, Ints

By: TypeAlias = Literal["size", "industry"]
BYS: tuple[By, ...] = ("size", "industry")
"""The schemes whose classes have paths."""
_WHOLE = "oee"
_PARTS = frozenset({"availability", "performance", "quality"})
"""Of which OEE is the product: by arithmetic it gets better with each, which is no step."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Who speaks, a row each: indicators of all ripe months, NaN where nothing is told that may be compared."""

    members: Ints
    generated: Flags
    size: tuple[str, ...]
    """By the hub's scheme; empty where it is not known."""
    division: tuple[str, ...]
    values: Mapping[str, Floats]
    first: int
    """The first month, since the year 0."""

    @property
    def features(self) -> Mapping[str, Floats]:
        """By which types are learned: all but what is the product of others, which would count twice."""
        return {name: value for name, value in self.values.items() if name != _WHOLE}

    def moving(self, target: str, even: frozenset[str]) -> Mapping[str, Floats]:
        """The target, and what could have moved it: of an even grid, and no part of it by its formula."""
        parts = _PARTS if target == _WHOLE else frozenset({_WHOLE}) if target in _PARTS else frozenset[str]()
        return {name: one for name, one in self.values.items() if name in even and name not in parts}

    def classes(self, by: By) -> list[tuple[str, Flags]]:
        """Each class of one scheme that has members, with a mark for each row."""
        held = np.array(self.size if by == "size" else self.division, dtype=object)
        return [(one, held == one) for one in sorted(set(held.tolist()) - {""})]


def population(now: Now) -> Population:
    """Who speaks at a moment, without generated members where these do not count."""
    known = np.isin(now.members.ids, np.array(sorted(now.speaking), np.int64))
    if not now.rules.generated:
        known &= ~now.members.generated
    rows = np.flatnonzero(known)
    sizes = now.members.sizes
    series = [one for those in now.families.values() for one in those]
    return Population(
        now.members.ids[rows],
        now.members.generated[rows],
        tuple(sizes[one] if one >= 0 else "" for one in now.members.size[rows].tolist()),
        tuple(f"{one:02d}" if one > 0 else "" for one in now.members.division[rows].tolist()),
        _told(series, rows, len(now.months), generated=now.rules.generated),
        now.first,
    )


def _told(series: Sequence[Compared], rows: Ints, months: int, *, generated: bool) -> Mapping[str, Floats]:
    """What may count of these rows, without indicators of which nobody said anything."""
    found = {}
    for one in series:
        value = np.full((len(rows), months), np.nan)
        for month in range(months):
            value[:, month] = one.usable(month, generated=generated)[rows]
        if np.isfinite(value).any():
            found[one.indicator.id] = value
    return found
