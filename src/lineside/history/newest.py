"""The newest sample of every series, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import numpy as np
import pyarrow as pa

from lineside.history.rows import Rows
from lineside.history.samples import Bools, Last, Samples

_NEVER = np.iinfo(np.int64).min


class Newest:
    """Knows the last sample of each series, so that a screen or an append need not ask the disk.

    Reading is safe from any thread; `load` and `note` belong to whoever holds the turn to write.
    """

    def __init__(self) -> None:
        self._last: dict[int, Last] = {}
        self._tail = np.empty(0, np.int64)

    def load(self, stored: Mapping[int, Samples], highest_series: int) -> None:
        """Forgets everything and takes these last samples."""
        self._tail = np.full(highest_series + 1, _NEVER)
        self._last = {}
        for series, samples in stored.items():
            if (last := samples.last()) is not None:
                self._last[series] = last
                self._tail[series] = last.time

    def make_room(self, series: int) -> None:
        """Lets samples of one more series come."""
        if series >= len(self._tail):
            longer = np.full(series + 1, _NEVER)
            longer[: len(self._tail)] = self._tail
            self._tail = longer

    def knows(self, rows: Rows) -> bool:
        """True when every row belongs to a known series."""
        return int(rows.series[0]) > 0 and int(rows.series[-1]) < len(self._tail)

    def follows(self, rows: Rows) -> Bools:
        """True for the rows that come after everything stored of their series."""
        later: Bools = rows.time > self._tail[rows.series]
        return later

    def note(self, rows: Rows) -> None:
        """Takes the rows just stored."""
        if not len(rows):
            return
        ends = np.append(np.flatnonzero(np.diff(rows.series)), len(rows) - 1)
        ends = ends[rows.time[ends] >= self._tail[rows.series[ends]]]
        texts = rows.text.take(pa.array(ends)).to_pylist()
        columns = (column[ends].tolist() for column in (rows.series, rows.time, rows.number, rows.quality))
        for series, time, number, quality, text in zip(*columns, texts, strict=True):
            self._last[series] = Last(time, None if isnan(number) else number, text, quality)
        self._tail[rows.series[ends]] = rows.time[ends]

    def last(self, series: int) -> Last | None:
        """The newest sample of the series, or None when it has none."""
        return self._last.get(series)
