"""When each source was heard: unions of half-open spans of time."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa

from lineside.history.samples import Int64s

_REMOVED = "#removed"
"""What was forgotten is kept as the spans of this name, which no source can have."""


class Spans:
    """Disjoint spans [start, end) in order; spans that touch or overlap are one."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Joins one span to the others; one that ends before it starts covers nothing."""
        if end <= start:
            return
        first = bisect_left(self._ends, start)  # the first span that ends at `start` or later
        past = bisect_right(self._starts, end)  # the first span that starts after `end`
        if first < past:
            start, end = min(start, self._starts[first]), max(end, self._ends[past - 1])
        self._starts[first:past] = [start]
        self._ends[first:past] = [end]

    def within(self, start: int, end: int) -> Int64s:
        """The spans inside the window, clipped to it, as an array of (start, end) rows."""
        first = bisect_right(self._ends, start)
        past = bisect_left(self._starts, end) if start < end else first
        spans = np.array([self._starts[first:past], self._ends[first:past]], np.int64).reshape(2, -1).T
        return np.clip(spans, start, end)

    def cut(self, start: int, end: int) -> None:
        """Takes out what lies between."""
        left = np.concatenate((self.within(-(2**62), start), self.within(end, 2**62)))
        self._starts, self._ends = left[:, 0].tolist(), left[:, 1].tolist()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(zip(self._starts, self._ends, strict=True)))

    def __len__(self) -> int:
        return len(self._starts)


class Coverage:
    """The spans of every source in memory, and those of them the file does not hold yet.

    Reading and hearing are safe from any thread; the rest belongs to whoever holds the turn to write.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._heard: dict[str, Spans] = {}
        self._unsaved: list[tuple[str, int, int]] = []

    def hear(self, source: str, start: int, end: int) -> None:
        """This source was heard from start to end."""
        with self._guard:
            self._heard.setdefault(source, Spans()).add(start, end)
            self._unsaved.append((source, start, end))

    def heard(self, source: str, start: int, end: int) -> Int64s:
        """The spans inside the window in which the source was heard, as (start, end) rows."""
        with self._guard:
            return self._heard.get(source, Spans()).within(start, end)

    def removed(self, start: int, end: int) -> Int64s:
        """The spans inside the window of which was forgotten who was heard, as (start, end) rows."""
        return self.heard(_REMOVED, start, end)

    def load(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Takes what the file holds, and keeps what is unsaved."""
        rows = cursor.execute('SELECT source, "start", "end" FROM coverage ORDER BY ALL').fetchall()
        with self._guard:
            self._heard = {}
            for source, start, end in (*rows, *self._unsaved):
                self._heard.setdefault(source, Spans()).add(start, end)

    def save(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """Adds the unsaved spans to the file; gives back how many to tell `saved` once that is durable."""
        with self._guard:
            unsaved = list(self._unsaved)
        spans: dict[str, Spans] = {}
        for source, start, end in unsaved:
            spans.setdefault(source, Spans()).add(start, end)
        _insert(cursor, [(source, *span) for source, some in spans.items() for span in some])
        return len(unsaved)

    def saved(self, count: int) -> None:
        """The first `count` unsaved spans are durable now."""
        with self._guard:
            del self._unsaved[:count]

    def forget(self, before: int) -> None:
        """Nobody was heard before that time, as far as is known from now on; on disk with the next `rewrite`."""
        with self._guard:
            sources = [spans for name, spans in self._heard.items() if name != _REMOVED]
            begin = min((start for spans in sources for start, _ in spans), default=before)
            for spans in sources:
                spans.cut(-(2**62), before)
            self._heard.setdefault(_REMOVED, Spans()).add(begin, before)

    def cut(self, source: str, start: int, end: int) -> None:
        """This source was not heard from start to end, whatever was said before; on disk with the next `rewrite`."""
        with self._guard:
            self._heard.get(source, Spans()).cut(start, end)

    def rewrite(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """Puts the merged spans in the place of the many that came; the number to tell `saved`."""
        with self._guard:
            unsaved = len(self._unsaved)
            rows = [(source, *span) for source, some in self._heard.items() for span in some]
        cursor.execute("DELETE FROM coverage")
        _insert(cursor, rows)
        return unsaved


def _insert(cursor: duckdb.DuckDBPyConnection, rows: list[tuple[str, int, int]]) -> None:
    if not rows:
        return
    sources, starts, ends = zip(*rows, strict=True)
    cursor.register("spans", pa.table({"source": sources, "start": starts, "end": ends}))
    cursor.execute("INSERT INTO coverage SELECT * FROM spans")
    cursor.unregister("spans")
