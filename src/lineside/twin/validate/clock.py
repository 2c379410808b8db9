"""Time on shift, and when parts left a station in it."""

from __future__ import annotations

import numpy as np

from lineside.twin.fit.record import Record, Spans
from lineside.twin.tally import BLOCKED, OFF, Floats


class Clock:
    """Tells the time on shift, by the shifts of one station."""

    def __init__(self, record: Record, name: str) -> None:
        spans = record.shifts.get(name)
        spans = np.array([[record.start, record.end]]) if spans is None else spans
        self._edges = spans.ravel()
        self._passed = np.concatenate(
            [[0.0], np.cumsum(np.diff(self._edges) * (np.arange(len(self._edges) - 1) % 2 == 0))]
        )

    def at(self, times: Floats) -> Floats:
        """The time on shift before each of these times of the record."""
        told: Floats = np.interp(times, self._edges, self._passed)
        return told


def leaving(spans: Spans, finished: Floats) -> Floats:
    """When parts left a server: at their finish, or at the end of the blocked time that followed it."""
    place = np.minimum(np.searchsorted(spans.start, finished + 1e-6, side="right") - 1, len(spans.start) - 1)
    follows = place.copy()
    while True:  # breaks lie inside blocked times
        off = (spans.state[follows] == OFF) & (follows + 1 < len(spans.start))
        if not off.any():
            break
        follows = np.where(off, follows + 1, follows)
    blocked = (spans.state[follows] == BLOCKED) & (
        spans.start[follows] <= np.maximum(finished + 1.0, spans.end[place] + 1.0)
    )
    ends = spans.end[follows].copy()
    after = follows + 1
    for _ in range(4):
        more = blocked & (after + 1 < len(spans.start)) & (spans.state[np.minimum(after, len(spans.start) - 1)] == OFF)
        more &= spans.state[np.minimum(after + 1, len(spans.start) - 1)] == BLOCKED
        if not more.any():
            break
        ends = np.where(more, spans.end[np.minimum(after + 1, len(spans.start) - 1)], ends)
        after = np.where(more, after + 2, after)
    return np.where(blocked, ends, finished)
