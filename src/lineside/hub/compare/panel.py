"""The panel: members in blocks that come and go whole, so that no figure differs from another by fewer than a group.

A block is k + c members or more of one cell, the smallest that could be told with them; it keeps its cell while the
panel lasts. Everything told is a function of the values of whole blocks, blind to who in a block has which. So whatever
is told, now or later, of whatever cells: exchange the values of two members of a block, and it stays the same.

Indicators that can be worked out of each other, or go into one figure, are a family and share a panel; each other one
has its own, as a member that cannot measure it would keep its block out of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lineside.hub.compare.given import Compared, Flags, Floats, Ints, Members
from lineside.hub.compare.peers import LEVELS, Cell, Cells, cells_of, numbers
from lineside.hub.compare.rules import Secrecy

_USUAL = 0.5


@dataclass(frozen=True, eq=False)
class Panel:
    """Blocks of members. Places are in the order in which members came in; `blocks` holds the cell of each block.

    `generated` says whether generated members are in. It is the panel's and not the reader's to choose: with both at
    hand the difference would be told.
    """

    members: Ints
    """By place, the id of the member."""
    block: Ints
    """By place, the number of its block."""
    blocks: tuple[Cell, ...]
    secrecy: Secrecy
    generated: bool

    def __len__(self) -> int:
        return int(self.members.size)

    @cached_property
    def cells(self) -> Cells:
        """All cells that hold a block."""
        return Cells.around(self.blocks)

    @cached_property
    def chain(self) -> Ints:
        """By place and level, the number of the cell; -1 where the block's own cell is wider."""
        if not self.blocks:
            return np.zeros((0, len(LEVELS)), dtype=np.int64)
        return self.cells.chain(numbers(self.cells, self.blocks))[self.block]

    def rows(self, members: Members) -> Ints:
        """By place, where the member stands in the register; -1 where it is not there any more."""
        order = np.argsort(members.ids, kind="stable")
        at = np.searchsorted(members.ids, self.members, sorter=order)
        found = order[np.minimum(at, order.size - 1)]
        return np.where(members.ids[found] == self.members, found, -1)

    def whole(self, present: Flags) -> Flags:
        """By place, whether all of its block are present: only then does any of them count."""
        missing = np.bincount(self.block[~present], minlength=len(self.blocks))
        whole: Flags = missing[self.block] == 0
        return whole

    def taken(self, values: Floats, rows: Ints) -> Floats:
        """By place, the values that count, given as the register stands; NaN for members of broken blocks."""
        placed = np.where(rows >= 0, values[rows], np.nan)
        return np.where(self.whole(np.isfinite(placed)), placed, np.nan)


def formed(
    members: Members,
    order: Ints,
    secrecy: Secrecy,
    *,
    generated: bool,
    before: Panel | None = None,
    kinds: Ints | None = None,
) -> Panel:
    """A panel of those who stand in `order` (rows of the register), or the one before with new blocks of newcomers.

    Neighbours in the order come into one block, so it should put together who reports alike, see `alike`; those of
    different `kinds` (by row, see `reporting`) only where no cell holds a group of either. Who finds no group in any
    cell waits, and is in no figure. Blocks of before stay as they are.
    """
    waiting = order if before is None else order[~np.isin(members.ids[order], before.members)]
    if not generated:
        waiting = waiting[~members.generated[waiting]]
    every = cells_of(members)
    kind = np.zeros(waiting.size, dtype=np.int64) if kinds is None else kinds[waiting]
    block, homes = _blocks([every[i] for i in waiting], kind, secrecy)
    inside = block >= 0
    came, where = members.ids[waiting[inside]], block[inside]
    if before is None:
        return Panel(came, where, tuple(homes), secrecy, generated)
    return replace(
        before,
        members=np.concatenate([before.members, came]),
        block=np.concatenate([before.block, where + len(before.blocks)]),
        blocks=(*before.blocks, *homes),
    )


def _blocks(own: Sequence[Cell], kind: Ints, secrecy: Secrecy) -> tuple[Ints, list[Cell]]:
    """The block of each of these, who lie in these cells, -1 for those who wait; and the cell of each block.

    From the small cells outwards, each kind by itself, and what is left then in blocks of all kinds. A cell that could
    not be told even with all of it leaves its members to a wider one.
    """
    cells = Cells.around(own)
    chain = cells.chain(numbers(cells, own))
    block = np.full(len(own), -1, dtype=np.int64)
    homes: list[Cell] = []
    for level, mixed in (*((level, False) for level in reversed(range(len(LEVELS)))), (0, True)):
        within = np.bincount(chain[chain[:, level] >= 0, level], minlength=len(cells))
        free = np.flatnonzero((block < 0) & (chain[:, level] >= 0))
        for cell, those in _by_cell(free, chain[free, level]):
            if level and within[cell] < secrecy.least:
                continue
            for some in [those] if mixed else [part for _, part in _by_cell(those, kind[those])]:
                if parts := some.size // secrecy.group:
                    block[some] = len(homes) + np.arange(some.size) * parts // some.size
                    homes += [cells.cells[cell]] * parts
    return block, homes


def _by_cell(free: Ints, cell: Ints) -> list[tuple[int, Ints]]:
    order = np.argsort(cell, kind="stable")
    kinds, starts = np.unique(cell[order], return_index=True)
    return [(int(kind), part) for kind, part in zip(kinds, np.split(free[order], starts[1:]), strict=bool(kinds.size))]


def alike(series: Sequence[Compared], months: slice, seed: int) -> Ints:
    """Rows of the register that report at all in these months, those next to each other that report alike.

    First by which indicators they usually have, then by how often; chance decides the rest. Values play no part.
    """
    present = _present(series, months)
    chance = np.random.default_rng(seed).random(len(present))
    order = np.lexsort((chance, present.mean(axis=1), _kinds(present)))
    return order[present[order].any(axis=1)]


def reporting(series: Sequence[Compared], months: slice) -> Ints:
    """By row of the register a number, the same for those who usually have the same indicators in these months."""
    return _kinds(_present(series, months))


def _present(series: Sequence[Compared], months: slice) -> Floats:
    """In which part of these months each row has each indicator."""
    return np.stack([np.isfinite(one.value[:, months]).mean(axis=1) for one in series], axis=1)


def _kinds(present: Floats) -> Ints:
    _, kind = np.unique(present > _USUAL, axis=0, return_inverse=True)
    return kind.reshape(-1).astype(np.int64)
