"""From when to when a recording was listening, told by the stamps of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Int64s: TypeAlias = NDArray[np.int64]

NEVER = np.iinfo(np.int64).min
QUIET_US = 15 * 60 * 1_000_000
"""A longer silence than this, between two files or behind the values a file opens with, is a gap."""

AT_ONCE = 4096
"""So many lines are looked at one by one where any of them leaps."""


class Hearing:
    """Takes the stamps of all lines in the order of the file and gives the span in which it was heard.

    A recording opens with what was said last, each value under the stamp of its change, however old: so far
    every item occurs once. It is heard from the newest of those stamps or, where nothing follows for
    `QUIET_US`, from the first line behind them. Later stamps move its end only forwards; one that leapt ahead
    is dropped again as soon as time goes on from before the leap.

    A table (not `adapter`) whose first rows all have one stamp is heard from there, whatever follows; and it
    may run backwards, or hold one item after the other.
    """

    def __init__(self, *, adapter: bool) -> None:
        self._adapter = adapter
        self._said: set[str] = set()
        self._opening: list[Int64s] = []
        self._opened = self._waits = False
        self._start = self._newest = self._before = self._leap = NEVER
        self._lowest, self._highest = -NEVER, NEVER
        self._previous: int | None = None
        self._ups = self._downs = 0
        self._blocks = _Blocks()

    def hear(self, time: Int64s, items: Sequence[str], which: NDArray[np.integer]) -> None:
        """Takes lines: when, and of which of the items."""
        if not len(time):
            return
        self._count(time)
        if not self._adapter:
            self._blocks.count(time, items, which)
        if not self._opened:
            end = self._first_repeat(items, which)
            self._opening.append(time[:end])
            if end == len(time):
                return
            self._open()
            time = time[end:]
        for at in range(0, len(time), AT_ONCE):
            self._go_on(time[at : at + AT_ONCE])

    def span(self) -> tuple[int, int] | None:
        """Start and end, or None when no line came."""
        if self._previous is None:
            return None
        if not self._adapter and (self._downs > self._ups or self._blocks.one_after_the_other):
            return self._lowest, self._highest
        if not self._opened:
            newest = max(int(part.max()) for part in self._opening)
            return newest, newest
        return self._start, self._newest

    def _count(self, time: Int64s) -> None:
        first = int(time[0]) if self._previous is None else self._previous
        steps = np.diff(time, prepend=first)
        self._ups += int(np.count_nonzero(steps > 0))
        self._downs += int(np.count_nonzero(steps < 0))
        self._previous = int(time[-1])
        self._lowest, self._highest = min(self._lowest, int(time.min())), max(self._highest, int(time.max()))

    def _first_repeat(self, items: Sequence[str], which: NDArray[np.integer]) -> int:
        for at, item in enumerate(which.tolist()):
            if items[item] in self._said:
                return at
            self._said.add(items[item])
        return len(which)

    def _open(self) -> None:
        """Ends the opening: it was heard from its newest stamp on, unless a line behind it tells better."""
        opening = np.concatenate(self._opening)
        self._start = self._newest = self._leap = int(opening.max())
        older = opening[opening < self._newest - QUIET_US]
        self._before = int(older.max()) if len(older) else self._newest
        self._waits = self._adapter or int(opening.min()) < self._newest
        self._opened = True
        self._opening, self._said = [], set()

    def _go_on(self, time: Int64s) -> None:
        running = np.maximum.accumulate(np.concatenate(([self._newest], time)))
        leaps = (np.diff(running) > QUIET_US).any()
        if not (leaps or self._waits or ((time > self._before) & (time < self._leap - QUIET_US)).any()):
            self._newest = int(running[-1])
            return
        for moment in time.tolist():
            if moment > self._newest:
                self._advance(moment)
            elif self._before < moment < self._leap - QUIET_US:
                self._newest = self._before = self._leap = moment
                self._start, self._waits = min(self._start, moment), False

    def _advance(self, moment: int) -> None:
        if moment - self._newest > QUIET_US:
            self._before, self._leap = self._newest, moment
            if self._waits:
                self._start = moment
        self._newest, self._waits = moment, False


class _Blocks:
    """Finds out whether a table holds all of one item, then all of the next, each from its beginning."""

    def __init__(self) -> None:
        self._items: set[str] = set()
        self._rows = self._turns = self._turns_back = 0
        self._last: tuple[str, int] | None = None

    @property
    def one_after_the_other(self) -> bool:
        """True where every change of the item is one to a new item, and goes back in time."""
        changes = len(self._items) - 1
        return 0 < changes == self._turns == self._turns_back and self._rows >= 2 * len(self._items)

    def count(self, time: Int64s, items: Sequence[str], which: NDArray[np.integer]) -> None:
        """Takes rows in the order of the file."""
        self._rows += len(time)
        self._items.update(items[item] for item in np.unique(which).tolist())
        if self._last is not None and self._last[0] != items[which[0]]:
            self._turns += 1
            self._turns_back += int(time[0]) < self._last[1]
        turns = which[1:] != which[:-1]
        self._turns += int(np.count_nonzero(turns))
        self._turns_back += int(np.count_nonzero(turns & (time[1:] < time[:-1])))
        self._last = items[which[-1]], int(time[-1])
