"""The newest sample of every series, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from threading import Lock

import numpy as np
import pyarrow as pa

from lineside.history.rows import Rows
from lineside.history.samples import Bools, Floats, Int16s, Last, Samples

_NEVER = np.iinfo(np.int64).min


class Newest:
    """Knows the last sample of each series, so that a screen or an append need not ask the disk.

    Reading is safe from any thread; the others belong to whoever holds the turn to write. They are kept as columns:
    an object for each series of a batch would take as long as storing it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._tail = np.empty(0, np.int64)
        self._number: Floats = np.empty(0)
        self._quality: Int16s = np.empty(0, np.int16)
        self._text = np.empty(0, object)

    def load(self, stored: Mapping[int, Samples], highest_series: int) -> None:
        """Forgets everything and takes these last samples."""
        with self._lock:
            self._resize(0)
            self._resize(highest_series + 1)
            for series, samples in stored.items():
                if (last := samples.last()) is not None:
                    self._tail[series], self._quality[series], self._text[series] = last.time, last.quality, last.text
                    self._number[series] = np.nan if last.number is None else last.number

    def make_room(self, series: int) -> None:
        """Lets samples of one more series come."""
        if series >= len(self._tail):
            with self._lock:
                self._resize(series + 1)

    def _resize(self, size: int) -> None:
        more = max(size - len(self._tail), 0)
        self._tail = np.append(self._tail[:size], np.full(more, _NEVER))
        self._number = np.append(self._number[:size], np.full(more, np.nan))
        self._quality = np.append(self._quality[:size], np.zeros(more, np.int16))
        self._text = np.append(self._text[:size], np.full(more, None, object))

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
        series = rows.series[ends]
        text = None
        if rows.text.null_count < len(rows):
            text = rows.text.take(pa.array(ends)).to_numpy(zero_copy_only=False)
        with self._lock:
            self._tail[series], self._number[series] = rows.time[ends], rows.number[ends]
            self._quality[series], self._text[series] = rows.quality[ends], text

    def last(self, series: int) -> Last | None:
        """The newest sample of the series, or None when it has none."""
        with self._lock:
            if not 0 <= series < len(self._tail) or self._tail[series] == _NEVER:
                return None
            number, quality = float(self._number[series]), int(self._quality[series])
            return Last(int(self._tail[series]), None if isnan(number) else number, self._text[series], quality)
