"""Where a figure lies: contributors x time x further dimensions, and how two of these boxes lie to each other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import prod
from typing import NamedTuple

Dimensions = tuple[tuple[str, frozenset[str]], ...]


class Lie(Enum):
    """How a box lies to another one."""

    APART = "apart"
    SAME = "same"
    INSIDE = "inside"
    AROUND = "around"
    CROSSING = "crossing"


class Box(NamedTuple):
    """Contributors as bits of `mask`, a half-open time in microseconds, and the values of further dimensions."""

    mask: int
    start: int
    end: int
    where: Dimensions = ()

    @property
    def volume(self) -> int:
        """Its time, times the combinations of values that it names."""
        span = self.end - self.start
        return span * prod(len(values) for _, values in self.where) if self.where else span

    @property
    def size(self) -> tuple[int, int, int, int]:
        """Smaller for a box inside another one."""
        combinations = prod(len(values) for _, values in self.where)
        return self.mask.bit_count(), self.end - self.start, -len(self.where), combinations

    def covers(self, outer: Box) -> int:
        """How much of the volume of the box around it this one fills, for each of its contributors.

        Where it names a dimension of which the outer one holds all values, nobody knows what is left: 0.
        """
        return self.volume if len(self.where) == len(outer.where) else 0

    def lies_to(self, other: Box) -> Lie:
        """How this box lies to the other."""
        common = self.mask & other.mask
        if not common or self.end <= other.start or other.end <= self.start:
            return Lie.APART
        inside = common == self.mask and other.start <= self.start and self.end <= other.end
        around = common == other.mask and self.start <= other.start and other.end <= self.end
        if self.where != other.where:
            mine, theirs = dict(self.where), dict(other.where)
            if any(values.isdisjoint(theirs.get(name, values)) for name, values in self.where):
                return Lie.APART
            inside = inside and _within(mine, theirs)
            around = around and _within(theirs, mine)
        if inside:
            return Lie.SAME if around else Lie.INSIDE
        return Lie.AROUND if around else Lie.CROSSING


def _within(inner: Mapping[str, frozenset[str]], outer: Mapping[str, frozenset[str]]) -> bool:
    return all(name in inner and inner[name] <= values for name, values in outer.items())
