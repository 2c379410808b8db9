"""Bands: how many a cell has in a month and where its quantiles lie, each told only with enough members beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from lineside.hub.compare.audit import NONE, allowed
from lineside.hub.compare.given import Flags, Floats, Ints, Scale
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import LEVELS, Cell, Cells
from lineside.hub.compare.rules import Secrecy

PERCENTS = (10, 25, 50, 75, 90)
_FEWER = ((25, 50, 75), (50,))
"""What is left of a cell where all would tell too much: its ends say most of those who are at the end of others."""


@dataclass(frozen=True, slots=True)
class Bands:
    """What is told of one cell: its members, and for each percent that is told the place of the quantile on the grid.

    `generated` is the share of members that were generated for a demonstration, `entered` that of values entered by
    hand, in tenths.
    """

    cell: Cell
    n: int
    places: Mapping[int, int]
    generated: float
    entered: float

    def values(self, indicator: Scale) -> dict[int, float]:
        """The quantiles by percent, in the indicator's unit, to the step of its grid."""
        return {percent: indicator.at(place) for percent, place in self.places.items()}


@dataclass(frozen=True)
class Told:
    """What is told of an indicator in a month: the cells, wide ones first, that may be told."""

    indicator: str
    month: str
    edition: int
    bands: tuple[Bands, ...]

    @cached_property
    def by_cell(self) -> Mapping[Cell, Bands]:
        """The same by cell."""
        return {one.cell: one for one in self.bands}

    def content(self) -> bytes:
        """The same bytes for the same content, always."""
        cells = [
            [one.cell.path, one.n, {str(p): v for p, v in sorted(one.places.items())}, one.generated, one.entered]
            for one in self.bands
        ]
        return msgspec.json.encode([self.indicator, self.month, self.edition, cells])

    @classmethod
    def read(cls, content: bytes) -> Told:
        """What such bytes say."""
        indicator, month, edition, cells = msgspec.json.decode(content)
        return cls(indicator, month, edition, tuple(_read(one) for one in cells))


def _read(told: list[Any]) -> Bands:
    path, n, places, generated, entered = told
    return Bands(Cell.named(path), n, {int(p): v for p, v in places.items()}, generated, entered)


def ranks(n: Ints) -> Ints:
    """The rank of each of `PERCENTS` among n values, `(len(n), 5)`: of the smallest with at least that share up to it.

    This is the inverse of the empirical distribution (type 1 of Hyndman and Fan, Sample quantiles, 1996).
    """
    upwards: Ints = np.maximum(-(-np.outer(n, PERCENTS) // 100), 1)
    return upwards


def bands(
    panel: Panel,
    indicator: Scale,
    values: Floats,
    *,
    month: str = "",
    edition: int = 1,
    generated: Flags | None = None,
    entered: Flags | None = None,
    only: frozenset[Cell] | None = None,
) -> Told:
    """What may be told of these values, which stand by place in the panel (NaN: counts not), see `Panel.taken`.

    `generated` and `entered` mark members and values, by place; `only` these cells may be told.
    """
    cells = panel.cells
    inside = np.isfinite(values)
    chain = panel.chain
    grid, n = _sorted(cells, chain, indicator, values, inside)
    where, rank = _quantiles(grid, n, panel.secrecy)
    if only is not None:
        where[[cell not in only for cell in cells.cells]] = NONE
    told = _allowed(cells, n, rank, where, indicator, panel.secrecy)
    marks = [_share(chain, inside, mark, n) for mark in (generated, entered)]
    return Told(
        indicator.id,
        month,
        edition,
        tuple(
            Bands(
                cells.cells[i],
                int(n[i]),
                {p: int(place) for p, place in zip(PERCENTS, where[i], strict=True) if place != NONE},
                round(float(marks[0][i]), 3),
                round(float(marks[1][i]), 1),
            )
            for i in np.flatnonzero(told)
        ),
    )


def _allowed(cells: Cells, n: Ints, rank: Ints, where: Ints, indicator: Scale, secrecy: Secrecy) -> Flags:
    """The cells that may be told. Those that may not, get another chance with fewer quantiles: `where` is left so."""
    for kept in _FEWER:
        told = allowed(cells, n, rank, where, indicator.ends, secrecy.c)
        out = ~told & (where != NONE).any(axis=1)
        if not out.any():
            break
        where[np.ix_(out, [percent not in kept for percent in PERCENTS])] = NONE
    return allowed(cells, n, rank, where, indicator.ends, secrecy.c) if out.any() else told


def _sorted(cells: Cells, chain: Ints, indicator: Scale, values: Floats, inside: Flags) -> tuple[list[Ints], Ints]:
    """For each cell the places of its values in order, and their number. One sort by value serves all levels."""
    order = np.flatnonzero(inside)
    order = order[np.argsort(values[order], kind="stable")]
    places = indicator.places(values[order])
    found = [places[:0]] * len(cells)
    n = np.zeros(len(cells), dtype=np.int64)
    for level in range(len(LEVELS)):
        cell = chain[order, level]
        by_cell = np.argsort(cell, kind="stable")
        by_cell = by_cell[np.searchsorted(cell[by_cell], 0) :]
        kinds, starts = np.unique(cell[by_cell], return_index=True)
        for kind, part in zip(kinds, np.split(places[by_cell], starts[1:]), strict=True) if kinds.size else ():
            found[kind] = part
            n[kind] = part.size
    return found, n


def _quantiles(grid: list[Ints], n: Ints, secrecy: Secrecy) -> tuple[Ints, Ints]:
    """The place of each quantile, `NONE` where fewer than a group lie up to it or from it on; and all ranks."""
    rank = ranks(n)
    enough = (rank >= secrecy.group) & (n[:, None] - rank + 1 >= secrecy.group)
    where = np.full(rank.shape, NONE, dtype=np.int64)
    for i in np.flatnonzero(enough.any(axis=1)):
        where[i, enough[i]] = grid[i][rank[i, enough[i]] - 1]
    return where, rank


def _share(chain: Ints, inside: Flags, mark: Flags | None, n: Ints) -> Floats:
    total = np.zeros(n.size)
    if mark is not None:
        for level in range(len(LEVELS)):
            cell = chain[inside & mark, level]
            total += np.bincount(cell[cell >= 0], minlength=n.size)
    return total / np.maximum(n, 1)
