"""The indicators of all members in memory, as arrays: one writer, and readers who see one moment each.

A block holds a month: every indicator of every member. A reader takes the blocks as they are; the writer copies a
block that somebody has seen before it changes it. So a snapshot costs a reader nothing, and the writer a copy of the
month that is being spoken of, at most once between two snapshots.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from lineside.exchange import Absence, Catalogue

Floats: TypeAlias = NDArray[np.float64]
Shares: TypeAlias = NDArray[np.float32]
Codes: TypeAlias = NDArray[np.uint8]


class Origin(IntEnum):
    """Where a value comes from, by its code."""

    ABSENT = 0
    """There is none, whoever said so or nobody."""
    MEASURED = 1
    ENTERED = 2
    """By the member, by hand."""
    GENERATED = 3
    """For a demonstration."""

    @property
    def word(self) -> str:
        """As members say it."""
        return self.name.lower()


REASONS: tuple[str, ...] = ("", *get_args(Absence))
"""Why a value is absent, by its code; the first where nothing was said."""
_ORIGIN = {one.word: one.value for one in Origin}
_REASON = {name: code for code, name in enumerate(REASONS)}
_ROOM = 64


class Value(Protocol):
    """What of a value the figures hold."""

    @property
    def indicator(self) -> str:
        """Its id."""

    @property
    def value(self) -> float | None:
        """None where it is absent."""

    @property
    def absent(self) -> str | None:
        """Why it is."""

    @property
    def coverage(self) -> float | None:
        """The share of planned time with facts."""

    @property
    def origin(self) -> str:
        """The word of an `Origin`."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member said of a month (since the year 0)."""

    member: int
    month: int
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator: a row for each member, the first that of number 1, and a column for each month."""

    value: Floats
    """NaN where it is absent."""
    coverage: Shares
    """NaN where it was not told."""
    origin: Codes
    reason: Codes
    """See REASONS."""


@dataclass(frozen=True, slots=True)
class Own:
    """What one member said: a row for each of `months` (since the year 0), a column for each indicator."""

    months: tuple[int, ...]
    indicators: tuple[str, ...]
    said: Series

    def of(self, indicator: str) -> Series:
        """The same of one indicator, month by month."""
        column, told = self.indicators.index(indicator), self.said
        return Series(told.value[:, column], told.coverage[:, column], told.origin[:, column], told.reason[:, column])


@dataclass(slots=True)
class _Block:
    """A month: indicators by members."""

    value: Floats
    coverage: Shares
    origin: Codes
    reason: Codes
    seen: bool = False

    @classmethod
    def empty(cls, indicators: int, members: int) -> _Block:
        shape = (indicators, members)
        return cls(
            np.full(shape, np.nan),
            np.full(shape, np.nan, np.float32),
            np.zeros(shape, np.uint8),
            np.zeros(shape, np.uint8),
        )

    def grown(self, members: int) -> _Block:
        """The same with room for so many members, that nobody has seen yet."""
        block = _Block.empty(len(self.value), members)
        kept = slice(0, min(members, self.value.shape[1]))
        block.value[:, kept] = self.value[:, kept]
        block.coverage[:, kept] = self.coverage[:, kept]
        block.origin[:, kept] = self.origin[:, kept]
        block.reason[:, kept] = self.reason[:, kept]
        return block

    @property
    def arrays(self) -> tuple[Floats, Shares, Codes, Codes]:
        return self.value, self.coverage, self.origin, self.reason

    def part(self, indicators: int | slice, members: int | slice) -> tuple[Floats, Shares, Codes, Codes]:
        """Of all arrays the same place."""
        place = (indicators, members)
        return self.value[place], self.coverage[place], self.origin[place], self.reason[place]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All figures as they were at one moment; equal versions are equal in every value."""

    version: int
    members: int
    """The highest number of a member that said anything."""
    first: int
    """The first month, since the year 0."""
    months: int
    indicators: tuple[str, ...]
    _blocks: Mapping[int, _Block]
    _made: dict[str, Series] = field(default_factory=dict)

    def of(self, indicator: str) -> Series:
        """The series of an indicator; months of which nobody said anything are columns of nothing."""
        if indicator not in self._made:
            row = self.indicators.index(indicator)
            columns = [block.part(row, slice(0, self.members)) for block in self._columns()]
            self._made[indicator] = _stacked(columns) if columns else Series(*_Block.empty(0, 0).arrays)
        return self._made[indicator]

    def of_member(self, member: int) -> Series:
        """The same with a row for each indicator, in their order, of one member; empty where it never said anything."""
        if not 0 < member <= self.members:
            return Series(*_Block.empty(len(self.indicators), 0).arrays)
        return _stacked([block.part(slice(None), member - 1) for block in self._columns()])

    def _columns(self) -> Iterator[_Block]:
        """The block of each month in turn."""
        nothing = _Block.empty(len(self.indicators), self.members)
        for month in range(self.first, self.first + self.months):
            yield self._blocks.get(month, nothing)


def _stacked(columns: Sequence[tuple[Floats, Shares, Codes, Codes]]) -> Series:
    """Columns side by side."""
    value, coverage, origin, reason = zip(*columns, strict=True)
    return Series(*(np.stack(value, 1), np.stack(coverage, 1)), *(np.stack(origin, 1), np.stack(reason, 1)))


class Figures:
    """The figures of a hub. What is said later of a member, month and indicator takes the place of what was before."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.indicators = tuple(catalogue.indicators)
        self._row = {name: row for row, name in enumerate(self.indicators)}
        self._lock = threading.Lock()
        self._blocks: dict[int, _Block] = {}
        self._room = _ROOM
        self._members = 0
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def said(self, member: int, month: int) -> dict[str, float]:
        """The values of a member and a month, by indicator, without those that are absent."""
        block = self._blocks.get(month)
        if block is None or member > self._members:
            return {}
        values = block.value[:, member - 1].tolist()
        return {name: value for name, value in zip(self.indicators, values, strict=True) if value == value}  # noqa: PLR0124

    def own(self, member: int) -> Own:
        """What a member said, of the months in which it said anything."""
        with self._lock:
            there = sorted(self._blocks.items()) if 0 < member <= self._members else []
            columns = [(month, [array[:, member - 1].copy() for array in block.arrays]) for month, block in there]
        spoken = [(month, told) for month, told in columns if told[2].any() or told[3].any()]
        nothing = _Block.empty(0, len(self.indicators)).arrays
        arrays = [np.stack(one) for one in zip(*(told for _, told in spoken), strict=True)] or nothing
        return Own(tuple(month for month, _ in spoken), self.indicators, Series(*arrays))

    def snapshot(self) -> Snapshot:
        """Everything as it is now, for as long as it is wanted."""
        with self._lock:
            for block in self._blocks.values():
                block.seen = True
            first = min(self._blocks, default=0)
            months = max(self._blocks) - first + 1 if self._blocks else 0
            return Snapshot(self._version, self._members, first, months, self.indicators, dict(self._blocks))

    def take(self, said: Iterable[Said]) -> None:
        """Takes what members said, in the order in which they did; readers see all of it or nothing."""
        months: dict[int, list[Said]] = {}
        for one in said:
            months.setdefault(one.month, []).append(one)
        if not months:
            return
        with self._lock:
            self._make_room(max(one.member for each in months.values() for one in each))
            for month, each in months.items():
                self._fill(self._own(month), each)
            self._version += 1

    def forget(self, member: int) -> None:
        """Takes away all that a member said; snapshots that somebody holds keep it until they are let go."""
        with self._lock:
            if not 0 < member <= self._members:
                return
            for month in list(self._blocks):
                block = self._own(month)
                block.value[:, member - 1] = block.coverage[:, member - 1] = np.nan
                block.origin[:, member - 1] = block.reason[:, member - 1] = 0
            self._version += 1

    def _make_room(self, members: int) -> None:
        self._members = max(self._members, members)
        if members > self._room:
            self._room = max(members, 2 * self._room)
            self._blocks = {month: block.grown(self._room) for month, block in self._blocks.items()}

    def _own(self, month: int) -> _Block:
        """The block of a month that nobody has seen."""
        block = self._blocks.get(month)
        if block is None:
            block = self._blocks[month] = _Block.empty(len(self.indicators), self._room)
        elif block.seen:
            block = self._blocks[month] = block.grown(self._room)
        return block

    def _fill(self, block: _Block, said: Sequence[Said]) -> None:
        values = [value for one in said for value in one.values]
        rows = np.array([self._row[value.indicator] for value in values], np.intp)
        column = np.repeat([one.member - 1 for one in said], [len(one.values) for one in said])
        place = (rows, column)  # of places that come twice NumPy keeps the last
        block.value[place] = [np.nan if value.value is None else value.value for value in values]
        block.coverage[place] = [np.nan if value.coverage is None else value.coverage for value in values]
        block.origin[place] = [0 if value.value is None else _ORIGIN[value.origin] for value in values]
        block.reason[place] = [_REASON[value.absent or ""] for value in values]
