"""What was told stands until a group has come or gone, so that no two statements part a few members from the rest.

Levels are of twelve months: two statements that lie a year apart share no month, and are not held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lineside.exchange import month_number

YEAR = 12
Sets: TypeAlias = Mapping[str, tuple[int, ...]]
"""The members that each figure is of, by the name of the figure: `level/oee/own/A`, `step/size/small/oee/pack/...`."""
_WHOSE = 2


def within_a_year(editions: Sequence[tuple[str, Sets]], month: str) -> list[Sets]:
    """The sets of the editions (by month) that share months with one of `month`."""
    return [sets for name, sets in editions if 0 < month_number(month) - month_number(name) < YEAR]


def apart(one: frozenset[int], other: frozenset[int], group: int) -> bool:
    """Whether two sets are parted by nobody, or by a group at least, on either side."""
    return all(not few or few >= group for few in (len(one - other), len(other - one)))


class Holding:
    """Decides for one edition which figures may be told beside those of the year before; `told` are their sets."""

    def __init__(self, before: Sequence[Sets], group: int) -> None:
        self._group = group
        self._before: dict[str, set[frozenset[int]]] = {}
        for sets in before:
            for name, members in sets.items():
                self._before.setdefault(_alike(name), set()).add(frozenset(members))
        self.told: dict[str, tuple[int, ...]] = {}

    def admits(self, sets: Sets) -> bool:
        """Whether figures of all these sets may be told; then they are."""
        for name, members in sets.items():
            own = frozenset(members)
            if not all(apart(own, one, self._group) for one in self._before.get(_alike(name), ())):
                return False
        self.told.update(sets)
        return True


def _alike(name: str) -> str:
    """Figures with which one could be compared: of the level of a feature those of all types, of a step its own."""
    return name if name.startswith("step/") else "/".join(name.split("/")[:_WHOSE])
