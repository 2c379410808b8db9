"""When a pusher was heard, by the times its values carry."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np

from lineside.connect.line_scan import Int64s

KEPT = 500
"""Spans that later ones can still join; older ones are told and forgotten."""


class Heard:
    """Spans of time in which somebody spoke; a pause of up to `pause_us` between two values is none.

    What comes late, after an interruption, joins what was heard before and after it.
    """

    def __init__(self, pause_us: int, spans: list[tuple[int, int]]) -> None:
        self._pause = pause_us
        self._spans = spans
        self._untold: dict[int, int] = {}

    def reaching(self, time: int) -> int | None:
        """Since when somebody has been heard without a pause up to `time`; None where there is a pause before it."""
        place = bisect_right(self._spans, (time, np.iinfo(np.int64).max)) - 1
        if place < 0 or time - self._spans[place][1] > self._pause:
            return None
        return self._spans[place][0]

    def add(self, start: int, end: int) -> None:
        """Somebody spoke from start to end."""
        spans, pause = self._spans, self._pause
        first = bisect_left(spans, start - pause, key=lambda span: span[1])
        past = bisect_right(spans, end + pause, key=lambda span: span[0])
        if first < past:
            start, end = min(start, spans[first][0]), max(end, spans[past - 1][1])
            for known, _ in spans[first:past]:
                self._untold.pop(known, None)
        spans[first:past] = [(start, end)]
        self._untold[start] = end
        del spans[: max(0, len(spans) - KEPT)]

    def cut(self, time: int) -> None:
        """Nobody was heard after this time, as it has not come yet."""
        self._spans[:] = [(start, min(end, time)) for start, end in self._spans if start < time]
        self._untold = {start: min(end, time) for start, end in self._untold.items() if start < time}

    def take_untold(self) -> list[tuple[int, int]]:
        """What was added since the last call, joined to what it joins."""
        told, self._untold = self._untold, {}
        return sorted(told.items())


def runs(times: Int64s, pause_us: int) -> list[tuple[int, int]]:
    """The spans that these times make: those closer than the pause belong together."""
    ordered = np.unique(times)
    breaks = np.flatnonzero(np.diff(ordered) > pause_us)
    starts = ordered[np.concatenate(([0], breaks + 1))]
    ends = ordered[np.concatenate((breaks, [len(ordered) - 1]))]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def linked(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same spans in their order, each joined to the one before it where it goes on from there."""
    whole: list[tuple[int, int]] = []
    for start, end in spans:
        if whole and whole[-1][0] <= start <= whole[-1][1] <= end:
            start = whole.pop()[0]  # noqa: PLW2901
        whole.append((start, end))
    return whole
