"""Who is left behind, and by what: members in the worst quarter of all in several indicators at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.hub.compare.bands import ranks
from lineside.hub.compare.counts import per_cell, shares
from lineside.hub.compare.given import Flags, Floats, Scale
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import Cell

LEAST = 3
"""Of six indicators, those in the worst quarter that make a member left behind."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Behind:
    """How many of the n members of a cell are left behind, and the indicators by which most are, most first."""

    cell: Cell
    n: int
    behind: int
    by: tuple[str, ...]
    generated: float

    @property
    def share(self) -> float:
        """Of its members."""
        return self.behind / self.n


def left_behind(
    panel: Panel, given: Sequence[tuple[Scale, Floats]], generated: Floats, least: int = LEAST
) -> tuple[Behind, ...]:
    """What may be told of each cell, of the members that have all of these indicators (of one family, by place).

    A member is in the worst quarter of an indicator at or below the p25 of all, or at or above the p75 where less is
    better. An indicator is named for a cell where a group of those left behind is so by it.
    """
    inside = np.all([np.isfinite(values) for _, values in given], axis=0)
    if not inside.any():
        return ()
    worst = np.stack([_worst(indicator, values, inside) for indicator, values in given])
    behind = worst.sum(axis=0) >= least
    size = len(panel.cells)
    n, counted = per_cell(panel.chain, inside, size), per_cell(panel.chain, behind, size)
    made = per_cell(panel.chain, inside & (generated > 0), size)
    by = np.stack([per_cell(panel.chain, behind & low, size) for low in worst])
    found = []
    for i in np.flatnonzero(shares(panel.cells, n, counted, panel.secrecy)):
        often = [int(j) for j in np.argsort(-by[:, i], kind="stable") if by[j, i] >= panel.secrecy.group]
        named = tuple(given[j][0].id for j in often[:_NAMED])
        found.append(Behind(panel.cells.cells[i], int(n[i]), int(counted[i]), named, round(float(made[i] / n[i]), 3)))
    return tuple(found)


def _worst(indicator: Scale, values: Floats, inside: Flags) -> Flags:
    with np.errstate(invalid="ignore"):
        better = values * indicator.better
        limit = np.sort(better[inside])[ranks(np.array([inside.sum()]))[0, 1] - 1]
        worst: Flags = inside & (better <= limit)
    return worst
