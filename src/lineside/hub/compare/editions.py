"""Corrections: what was told of a month stays, until enough members who cannot be told apart have corrected theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lineside.hub.compare.bands import Told
from lineside.hub.compare.given import Floats, Ints
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import Cell

NOT_YET = -1


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What was told last is made of: by place the value (NaN: none), and the class of members it cannot be told from.

    Members of a class lie in the same cells told and have been corrected in the same editions; each class is empty or
    holds a group at least. `NOT_YET` is the class of those without a value.
    """

    values: Floats
    kind: Ints

    def longer(self, places: int) -> Basis:
        """The same for a panel that has grown since."""
        more = places - self.values.size
        values = np.concatenate([self.values, np.full(more, np.nan)])
        return Basis(values, np.concatenate([self.kind, np.full(more, NOT_YET)]))


def first(panel: Panel, values: Floats, told: Told) -> Basis:
    """The basis of a month's first edition."""
    return Basis(values, np.where(np.isfinite(values), _atoms(panel, told), NOT_YET))


def corrected(panel: Panel, before: Basis, now: Floats, told: Told) -> Basis:
    """The values to be told from now on, of the new ones as far as they may be taken.

    In each class the corrections are taken of nobody, of everybody, or of a group at least that leaves a group at least
    as it was; those not taken wait. Blocks that have become whole come in; a value taken back stays in what was told.
    """
    old = before.longer(len(panel))
    had, has = np.isfinite(old.values), np.isfinite(now)
    changed = had & has & (old.values != now)
    came = ~had & has
    group = panel.secrecy.group
    size = np.bincount(old.kind[had], minlength=1)
    moved = np.bincount(old.kind[changed], minlength=size.size)
    left = size - moved
    enough = (moved >= group) & ((left == 0) | (left >= group))
    taken = changed & np.where(had, enough[np.maximum(old.kind, 0)], False)
    values = np.where(taken | came, now, old.values)
    atoms = _atoms(panel, told)
    marks = np.stack([old.kind, taken.astype(np.int64), np.where(came, atoms, NOT_YET)], axis=1)
    _, kind = np.unique(marks, axis=0, return_inverse=True)
    return replace(old, values=values, kind=np.where(had | came, kind.reshape(-1), NOT_YET))


def _atoms(panel: Panel, told: Told) -> Ints:
    """By place, the number of the innermost cell told that holds it; one more than all where none does."""
    number = {one.cell: i for i, one in enumerate(told.bands)}

    def innermost(cell: Cell | None) -> int:
        while cell is not None and cell not in number:
            cell = cell.above
        return len(number) if cell is None else number[cell]

    return np.array([innermost(cell) for cell in panel.blocks], dtype=np.int64)[panel.block]
