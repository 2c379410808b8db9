"""Who is comparable: one nested order of cells, and for each member the smallest one that may be told.

The order is industry, then size, then region. What a process can reach is set first by what is made; then by the means
of a firm, after which programmes also divide; where it stands comes last, as neighbours of other trades teach each
other least. Cells are nested or disjoint: there is no other filter, so none whose result could be taken from another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from lineside.hub.compare.given import Ints, Members
from lineside.rules import industries, size_schemes
from lineside.texts import DEFAULT_LANGUAGE, say

LEVELS = ("all", "industry", "size", "region")
"""What each level of cells adds to the one before."""


class Cell(NamedTuple):
    """A group of comparable members: all, or of a division of industry, or of that and a size class, or of a region."""

    division: str | None = None
    size: str | None = None
    region: str | None = None

    @property
    def level(self) -> int:
        """How deep it lies in the nested order, 0 for all."""
        return sum(part is not None for part in self)

    @property
    def above(self) -> Cell | None:
        """The cell it is a part of."""
        level = self.level
        return Cell(*self[: level - 1]) if level else None

    @property
    def path(self) -> str:
        """Its name for programs: "all", "34", "34/small", "34/small/north"."""
        return "/".join(part for part in self if part is not None) or "all"

    @classmethod
    def named(cls, path: str) -> Cell:
        """The cell of such a name."""
        return cls() if path == "all" else cls(*path.split("/"))

    def words(self, language: str = DEFAULT_LANGUAGE, regions: Mapping[str, str] | None = None) -> str:
        """Its name for people. `regions` gives the names of regions that have one beside their code."""
        if self.division is None:
            return say("compare.all", language)
        division = industries().divisions.get(self.division)
        parts = [f"C{self.division} {division.names[language] if division else ''}".strip()]
        if self.size is not None:
            parts.append(size_name(self.size, language))
        if self.region is not None:
            parts.append((regions or {}).get(self.region, self.region))
        return say("compare.between", language).join(parts)


def size_name(size: str, language: str = DEFAULT_LANGUAGE) -> str:
    """What a size class is called, by whichever scheme knows it."""
    for scheme in size_schemes().values():
        for one in scheme.classes:
            if one.id == size:
                return one.names[language].lower() if language == "en" else one.names[language]
    return size


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Some cells and all around them, the wide ones first, with the number of the cell around each (-1: none)."""

    cells: tuple[Cell, ...]
    above: Ints = field(init=False)
    level: Ints = field(init=False)
    number: Mapping[Cell, int] = field(init=False)

    def __post_init__(self) -> None:
        number = {cell: i for i, cell in enumerate(self.cells)}
        above = [number[cell.above] if cell.above is not None else -1 for cell in self.cells]
        object.__setattr__(self, "number", number)
        object.__setattr__(self, "above", np.array(above, dtype=np.int64))
        object.__setattr__(self, "level", np.array([cell.level for cell in self.cells], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.cells)

    @classmethod
    def around(cls, some: Iterable[Cell]) -> Cells:
        """These cells and all around them."""
        found = {Cell()}
        for cell in some:
            around: Cell | None = cell
            while around is not None and around not in found:
                found.add(around)
                around = around.above
        return cls(tuple(sorted(found, key=lambda cell: (cell.level, cell.path))))

    def chain(self, inner: Ints) -> Ints:
        """For each of these cells, by number, the cells around it by level, `(len(inner), levels)`; -1 below it."""
        chain = np.full((inner.size, len(LEVELS)), -1, dtype=np.int64)
        at = inner.copy()
        rows = np.arange(inner.size)
        while (inside := at >= 0).any():
            chain[rows[inside], self.level[at[inside]]] = at[inside]
            at[inside] = self.above[at[inside]]
        return chain


def cells_of(members: Members) -> list[Cell]:
    """The smallest cell of each member: as far as its industry, size and region are known, in that order."""
    keys = np.stack([members.division, members.size, members.region], axis=1)
    kinds, which = np.unique(keys, axis=0, return_inverse=True)
    made = [_cell(int(d), int(s), int(r), members) for d, s, r in kinds]
    return [made[i] for i in which.reshape(-1)]


def _cell(division: int, size: int, region: int, members: Members) -> Cell:
    if division <= 0:
        return Cell()
    if size < 0:
        return Cell(f"{division:02d}")
    return Cell(f"{division:02d}", members.sizes[size], members.regions[region] if region >= 0 else None)


@dataclass(frozen=True, slots=True)
class Peers:
    """The cell that a member is compared with, and what it was too few for in the smaller ones."""

    cell: Cell
    n: int
    too_few: tuple[str, ...] = ()
    """Of `LEVELS`, those where what there is may not be told."""
    unknown: tuple[str, ...] = ()
    """Of `LEVELS`, those where it is not known what the member is."""

    def words(self, language: str = DEFAULT_LANGUAGE, regions: Mapping[str, str] | None = None) -> str:
        """Who is comparable and why, in one sentence."""
        parts = [say("compare.peers", language, cell=self.cell.words(language, regions), n=self.n)]
        for key, levels in (("compare.too_few_in", self.too_few), ("compare.unknown_in", self.unknown)):
            if levels:
                named = say("compare.and", language).join(say(f"compare.level.{one}", language) for one in levels)
                parts.append(say(key, language, levels=named))
        return say("compare.then", language).join(parts)


def peers(own: Cell, told: Mapping[Cell, int]) -> Peers | None:
    """Whom a member is compared with, of the cells that are told with their numbers of members; None: nobody."""
    unknown = LEVELS[own.level + 1 :]
    too_few: list[str] = []
    cell: Cell | None = own
    while cell is not None:
        if cell in told:
            return Peers(cell, told[cell], tuple(reversed(too_few)), unknown)
        too_few.append(LEVELS[cell.level])
        cell = cell.above
    return None


def numbers(cells: Cells, some: Sequence[Cell]) -> Ints:
    """The numbers of these cells."""
    return np.array([cells.number[cell] for cell in some], dtype=np.int64)
