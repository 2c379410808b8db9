"""Counts of members: told only where nobody can be certain to be counted, or certain not to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lineside.hub.compare.given import Flags, Floats, Ints
from lineside.hub.compare.peers import LEVELS, Cells
from lineside.hub.compare.rules import Secrecy


def parts(counts: Sequence[int], secrecy: Secrecy) -> tuple[int | None, ...]:
    """Of a whole that falls into parts, those that may be told; None for the others.

    A part told has a group in it and a group outside. Those not told are two or more and hold a group together, or what
    is missing to the whole would tell them.
    """
    n, group = sum(counts), secrecy.group
    hidden = {i for i, count in enumerate(counts) if count < group or n - count < group}
    while hidden and (len(hidden) < 2 or sum(counts[i] for i in hidden) < group) and len(hidden) < len(counts):
        hidden.add(min((i for i in range(len(counts)) if i not in hidden), key=lambda i: counts[i]))
    return tuple(None if i in hidden else count for i, count in enumerate(counts))


def shares(cells: Cells, n: Ints, counted: Ints, secrecy: Secrecy) -> Flags:
    """Of which cells it may be told how many of their n members are counted.

    A cell told has a group counted and a group not counted. In what is left of it beside the cells told inside (its
    atom) more than the colluders are counted, and more are not; where not, the smallest cell inside is not told.
    """
    told = (counted >= secrecy.group) & (n - counted >= secrecy.group)
    for cell in np.flatnonzero(cells.above >= 0):  # the wide ones come first
        told[cell] &= told[cells.above[cell]]
    for cell in np.flatnonzero(told):
        inside = list(np.flatnonzero(told & (cells.above == cell)))
        while inside:
            rest, hits = int(n[cell] - n[inside].sum()), int(counted[cell] - counted[inside].sum())
            if rest == 0 or (hits > secrecy.c and rest - hits > secrecy.c):
                break
            least = min(inside, key=lambda i: int(n[i]))
            inside.remove(least)
            told[_inside(cells, int(least))] = False
    return told


def _inside(cells: Cells, cell: int) -> list[int]:
    found = [cell]
    for one in np.flatnonzero(cells.above >= cell):
        if int(cells.above[one]) in found:
            found.append(int(one))
    return found


def per_cell(chain: Ints, mark: Flags, cells: int) -> Ints:
    """How many of the marked places lie in each cell."""
    total = np.zeros(cells, dtype=np.int64)
    for level in range(len(LEVELS)):
        cell = chain[mark, level]
        total += np.bincount(cell[cell >= 0], minlength=cells)
    return total


def dominated(weights: Floats, secrecy: Secrecy) -> bool:
    """Whether one member has too much of a sum, when the largest others have taken out what they gave to it.

    This is the dominance rule for magnitudes (Hundepool et al., Statistical Disclosure Control, 2012, 4.2.2), sharpened
    by colluders. A sum of nothing tells each weight, so it counts as dominated.
    """
    ranked = np.sort(np.abs(weights))[::-1]
    left = ranked.sum() - ranked[1 : 1 + secrecy.c].sum()
    return bool(left <= 0 or ranked[0] > secrecy.dominance * left)
