"""What could be worked out of all that is told of a month, before it is told; what would give too much is left out.

Of each cell told it is known, for each edge of the grid, how many of its members lie below at least and at most. A cell
is the sum of the cells told inside it and the rest, its *atom*. For each edge alone these sums are a tree, so two
passes, inward to outward and back, give the tightest bounds for every atom (interval propagation on a tree is exact).

The rule: beside each edge, on both sides, at least one member of every atom may lie who does not tell what it knows, be
the colluders whoever they are. As members of an atom cannot be told apart, each of them then may lie on either side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.hub.compare.given import Flags, Ints
from lineside.hub.compare.peers import Cells

NONE = np.iinfo(np.int64).min
"""The place of a quantile that is not told."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """How many members lie below each edge, at least and at most, `(cells, edges)`; of cells and of their atoms."""

    edges: Ints
    """Edge `e` lies below place `e` of the grid."""
    atom_n: Ints
    least: Ints
    most: Ints
    """Of the atoms."""


def allowed(cells: Cells, n: Ints, ranks: Ints, places: Ints, ends: tuple[int, int], colluders: int) -> Flags:
    """Which cells may be told: each has an `n`, and the rank and place of each quantile (`NONE`: not told).

    Where an atom would give too much, the smallest cell told inside goes first, with all inside it, then the cell
    itself. `ends` are the places of the indicator's bounds.
    """
    told = (places != NONE).any(axis=1)
    told = _with_all_around(cells, told)
    while told.any():
        bad = _broken(bounds(cells, told, n, ranks, places), ends, colluders)
        if not (bad & told).any():
            break
        for cell in np.flatnonzero(bad & told):
            inside = np.flatnonzero(told & (cells.above == cell))
            told[inside[np.argmin(n[inside])] if inside.size else cell] = False
        told = _with_all_around(cells, told)
    return told


def bounds(cells: Cells, told: Flags, n: Ints, ranks: Ints, places: Ints) -> Bounds:
    """What everybody can work out of the cells that are told."""
    shown = places[told]
    edges = np.unique(shown[shown != NONE])
    edges = np.concatenate([edges[:1], edges + 1]) if edges.size else edges
    least, most = _own(told, n, ranks, places, edges)
    return _propagated(cells, told, n, edges, least, most)


def _own(told: Flags, n: Ints, ranks: Ints, places: Ints, edges: Ints) -> tuple[Ints, Ints]:
    """By a cell's own quantiles: the one of rank r in place p has less than r below p, and r at least below p + 1."""
    least = np.zeros((n.size, edges.size), dtype=np.int64)
    most = np.where(told, n, 0)[:, None] + least
    for q in range(places.shape[1]):
        has = (told & (places[:, q] != NONE))[:, None]
        place, rank = places[:, q, None], ranks[:, q, None]
        np.maximum(least, rank, out=least, where=has & (edges > place))
        np.minimum(most, rank - 1, out=most, where=has & (edges <= place))
    return least, most


def _propagated(cells: Cells, told: Flags, n: Ints, edges: Ints, least: Ints, most: Ints) -> Bounds:
    above = np.where(told, cells.above, -1)
    inside_n = _sum(above, n, n.size)
    atom_n = np.where(told, n - inside_n, 0)
    deepest = int(cells.level[told].max()) if told.any() else 0
    for level in range(deepest, 0, -1):
        part = np.flatnonzero(told & (cells.level == level))
        around = np.unique(above[part])
        low, high = _sum(above[part], least[part], n.size), _sum(above[part], most[part], n.size)
        least[around] = np.maximum(least[around], low[around])
        most[around] = np.minimum(most[around], high[around] + atom_n[around, None])
    for level in range(1, deepest + 1):
        part = np.flatnonzero(told & (cells.level == level))
        around = above[part]
        low, high = _sum(around, least[part], n.size), _sum(around, most[part], n.size)
        wide = most[part]
        most[part] = np.minimum(most[part], most[around] - (low[around] - least[part]))
        least[part] = np.maximum(least[part], least[around] - (high[around] - wide) - atom_n[around, None])
    inside = np.flatnonzero(told & (cells.level > 0))
    low, high = _sum(above[inside], least[inside], n.size), _sum(above[inside], most[inside], n.size)
    atom_least = np.maximum.accumulate(np.maximum(least - high, 0), axis=1)
    atom_most = np.minimum(most - low, atom_n[:, None])
    atom_most = np.minimum.accumulate(atom_most[:, ::-1], axis=1)[:, ::-1]
    return Bounds(edges, atom_n, atom_least, atom_most)


def _broken(found: Bounds, ends: tuple[int, int], colluders: int) -> Flags:
    inner = (found.edges > ends[0]) & (found.edges <= ends[1])
    one_above = found.atom_n[:, None] - found.least > colluders
    one_below = found.most > colluders
    return (found.atom_n > 0) & ~(one_above & one_below)[:, inner].all(axis=1)


def _sum(around: Ints, values: Ints, size: int) -> Ints:
    total = np.zeros((size, *values.shape[1:]), dtype=np.int64)
    has = around >= 0
    np.add.at(total, around[has], values[has])
    return total


def _with_all_around(cells: Cells, told: Flags) -> Flags:
    """Of these cells, those that lie in cells of these only."""
    kept = told.copy()
    for cell in np.flatnonzero(cells.above >= 0):  # the wide ones come first
        kept[cell] &= kept[cells.above[cell]]
    return kept
