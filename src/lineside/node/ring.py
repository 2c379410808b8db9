"""The newest values of many items in the order they came, numbered; as many as were asked for, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Texts: TypeAlias = NDArray[np.object_]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Values as columns; one without number and text says that there is none."""

    sequence: Ints
    item: Ints
    time: Ints
    number: Floats
    text: Texts

    @classmethod
    def room(cls, size: int) -> Self:
        """Columns for so many values, sequence 0 where nothing was put yet."""
        return cls(
            np.zeros(size, np.int64),
            np.arange(size, dtype=np.int64),
            np.zeros(size, np.int64),
            np.full(size, np.nan),
            np.full(size, None, object),
        )

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """All columns."""
        return self.sequence, self.item, self.time, self.number, self.text

    def __len__(self) -> int:
        return len(self.sequence)

    def take(self, places: Ints | Bools) -> Told:
        """A copy of the values at these places."""
        return Told(*(column[places] for column in self.columns))

    def put(self, places: Ints, told: Told) -> None:
        """Puts values at these places."""
        for column, new in zip(self.columns, told.columns, strict=True):
            column[places] = new

    def fold(self, told: Told) -> None:
        """With one place an item: keeps the value of each that is newest by its time, of equal ones the last said."""
        order = np.lexsort((told.sequence, told.time, told.item))
        newest = told.take(order[np.append(np.diff(told.item[order]) != 0, True)]) if len(order) else told
        later = (newest.time >= self.time[newest.item]) | (self.sequence[newest.item] == 0)
        newest = newest.take(later)
        self.put(newest.item, newest)


class Ring:
    """Not safe for several threads by itself: its owner locks."""

    def __init__(self, size: int, items: int) -> None:
        self.next = 1
        self.last = Told.room(items)
        """The newest value of each item."""
        self._size = size
        self._kept = Told.room(size)
        self._before = Told.room(items)

    @property
    def first(self) -> int:
        """The lowest sequence number that is still kept."""
        return max(1, self.next - self._size)

    def put(self, item: Ints, time: Ints, number: Floats, text: Texts) -> None:
        """Numbers the values and keeps them; the oldest make room."""
        for start in range(0, len(item), self._size):
            part = slice(start, start + self._size)
            count = len(item[part])
            told = Told(
                np.arange(self.next, self.next + count), item[part].copy(), time[part], number[part], text[part]
            )
            self._before.fold(self._span(self.first, max(self.first, self.next + count - self._size)))
            self._kept.put(told.sequence % self._size, told)
            self.next += count
            self.last.fold(told)

    def span(self, start: int, wanted: Bools, count: int) -> tuple[Told, int]:
        """At most `count` values of the wanted items from sequence `start` on, and where to go on."""
        told = self._span(start, self.next)
        told = told.take(wanted[told.item])
        if len(told) <= count:
            return told, self.next
        told = told.take(np.arange(count))
        return told, int(told.sequence[-1]) + 1

    def at(self, sequence: int) -> Told:
        """The value that each item had when `sequence` had been said."""
        held = self._before.take(np.arange(len(self._before)))
        held.fold(self._span(self.first, sequence + 1))
        return held.take(held.sequence > 0)

    def _span(self, start: int, end: int) -> Told:
        return self._kept.take(np.arange(start, end) % self._size)
