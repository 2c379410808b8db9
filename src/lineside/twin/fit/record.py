"""What is known of a line's past, in one form: from the historian, from an event log, or from a simulation.

Times are seconds since the record's `epoch`. Every table is a set of columns of equal length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lineside.twin.reading import Finding
from lineside.twin.tally import STATES, Floats

Codes: TypeAlias = NDArray[np.int32]
Rows: TypeAlias = NDArray[np.int64]

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Table = TypeVar("Table", bound=DataclassInstance)
else:
    Table = TypeVar("Table")

UNKNOWN = len(STATES)
"""The state of a time of which nothing is known, beside those of STATES."""
NOBODY = -1
"""The part, product, server or reason that nobody told."""
REJECTED, GOOD = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """One row a part and station it was worked on at, in the order of `finished`, then of `row`."""

    station: Codes
    """Index into the record's stations."""
    part: Rows
    """Which part, NOBODY where parts have no identity (a counter counted)."""
    product: Codes
    """Index into the record's products, or NOBODY."""
    server: Codes
    """Which machine of the station, from 0 on, or NOBODY."""
    started: Floats
    """When its work (or set-up) began; NaN where nothing told it."""
    finished: Floats
    """When its work ended; NaN where the record ends before."""
    result: Codes
    """GOOD, REJECTED or NOBODY."""
    row: Rows
    """The row of the file it came from, counted as a person does (the first line of data after a heading is 2)."""

    def __len__(self) -> int:
        """How many."""
        return len(self.station)


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """What stations were seen doing, in the order of station, then of start; spans of one server do not overlap."""

    station: Codes
    server: Codes
    state: Codes
    """Index into STATES, or UNKNOWN."""
    start: Floats
    end: Floats
    reason: Codes
    """Why, as an index into the record's reasons, or NOBODY."""

    def __len__(self) -> int:
        """How many."""
        return len(self.station)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A line's past from `start` to `end`."""

    name: str
    epoch: datetime | None
    """The moment (UTC) at which seconds are 0; None where the file holds plain numbers."""
    stations: tuple[str, ...]
    products: tuple[str, ...]
    reasons: tuple[str, ...]
    visits: Visits
    spans: Spans
    """Empty where only visits are known."""
    shifts: Mapping[str, Floats]
    """(k, 2) spans on shift by station; a station that is not in it was on shift whenever it was seen at work."""
    start: float
    end: float
    findings: tuple[Finding, ...] = field(default=())
    """What was wrong with the rows, and what was done about it."""

    def between(self, start: float, end: float) -> Record:
        """The same line from `start` to `end`: visits that ended then, states and shifts cut there."""
        visits, spans = self.visits, self.spans
        ended = (visits.finished >= start) & (visits.finished < end)
        touching = rows(spans, (spans.end > start) & (spans.start < end))
        cut = replace(touching, start=np.maximum(touching.start, start), end=np.minimum(touching.end, end))
        shifts = {name: clipped(on, start, end) for name, on in self.shifts.items()}
        return replace(self, visits=rows(visits, ended), spans=cut, shifts=shifts, start=start, end=end)


def clipped(spans: Floats, start: float, end: float) -> Floats:
    """What lies of (k, 2) spans in [start, end)."""
    cut = np.clip(spans, start, end)
    kept: Floats = cut[cut[:, 1] > cut[:, 0]]
    return kept


def rows(table: Table, which: NDArray[Any]) -> Table:
    """Some rows of a table of columns, by a mask or by their places."""
    columns = {column.name: getattr(table, column.name)[which] for column in fields(table)}
    return type(table)(**columns)


def joined(kind: type[Table], pieces: Sequence[Table]) -> Table:
    """The rows of several tables of one kind, one after the other."""
    names = [column.name for column in fields(kind)]
    if not pieces:
        return kind(*(np.zeros(0, np.float64 if "Floats" in str(column.type) else np.int32) for column in fields(kind)))
    return kind(**{name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in names})


def no_spans() -> Spans:
    """A table without rows."""
    return joined(Spans, [])
