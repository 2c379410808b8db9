"""States of a machine as intervals that tile a window, held as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from lineside.plant import CODE, STATES, Span, State

Times: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Intervals:
    """State `STATES[codes[i]]` holds in [edges[i], edges[i + 1]); times in microseconds UTC.

    Neighbours differ, nothing overlaps and nothing is left out between the first and the last edge.
    """

    edges: Times
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: int) -> tuple[int, int, State]:
        return int(self.edges[index]), int(self.edges[index + 1]), STATES[self.codes[index]]

    @property
    def last(self) -> tuple[int, int, State]:
        """The interval the window ends in."""
        return self[len(self) - 1]


def tile(edges: Times, codes: Codes) -> Intervals:
    """Intervals without empty or repeated ones; of several states beginning at one time the last counts."""
    filled = np.diff(edges) > 0
    starts, codes = edges[:-1][filled], codes[filled]
    changes = np.ones(len(codes), dtype=bool)
    changes[1:] = codes[1:] != codes[:-1]
    return Intervals(np.append(starts[changes], edges[-1]), codes[changes].astype(np.int8))


def constant(state: State, start: int, end: int) -> Intervals:
    """One state for a whole window."""
    return Intervals(np.array([start, end], dtype=np.int64), np.array([CODE[state]], dtype=np.int8))


def join(parts: Sequence[Intervals]) -> Intervals:
    """Neighbouring tilings as one."""
    if len(parts) == 1:
        return parts[0]
    edges = np.concatenate([p.edges[:-1] for p in parts] + [parts[-1].edges[-1:]])
    return tile(edges, np.concatenate([p.codes for p in parts]))


def pieces(intervals: Intervals, spans: Sequence[Span]) -> tuple[Times, Times, Codes]:
    """Start, end and state of every part of `intervals` inside disjoint, ordered `spans`."""
    if not spans or len(intervals) == 0:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, np.zeros(0, dtype=np.int8)
    bounds = np.array(spans, dtype=np.int64)
    first = max(int(np.searchsorted(intervals.edges, bounds[0, 0], side="right")) - 1, 0)
    last = int(np.searchsorted(intervals.edges, bounds[-1, 1])) + 1
    known, codes = intervals.edges[first:last], intervals.codes[first : last - 1]
    edges = merge([known, bounds.ravel()])
    starts, ends = edges[:-1], edges[1:]
    inside = within(bounds, starts) & (starts >= known[0]) & (ends <= known[-1])
    starts, ends = starts[inside], ends[inside]
    return starts, ends, codes[np.searchsorted(known, starts, side="right") - 1]


def merge(columns: Sequence[Times]) -> Times:
    """The times of several ordered columns as one, each once."""
    times: Times = np.sort(np.concatenate(columns), kind="stable")  # a stable sort finds the runs and merges them
    new: npt.NDArray[np.bool_] = np.append(True, np.diff(times) > 0)
    return times[new]


def within(spans: Times, at: Times) -> npt.NDArray[np.bool_]:
    """Which times lie in one of the disjoint, ordered (start, end) rows."""
    started = np.searchsorted(spans[:, 0], at, side="right")
    ended = np.searchsorted(spans[:, 1], at, side="right")
    return np.asarray(started > ended)


def seconds_by_state(intervals: Intervals, spans: Sequence[Span]) -> dict[State, float]:
    """Seconds in each state inside disjoint, ordered `spans`; states that never occur are left out."""
    starts, ends, codes = pieces(intervals, spans)
    totals = np.bincount(codes, weights=(ends - starts).astype(np.float64), minlength=len(STATES)).tolist()
    return {state: totals[code] / _SECOND for state, code in CODE.items() if totals[code] > 0}
