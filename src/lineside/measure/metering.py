"""What a meter told of a window: a running total by its steps, a power by the time that each value held.

How much a running total grew between two readings is known however far they are apart; when it grew is not. Readings no
more than `BRIDGE_US` apart share their step with the windows between them by time. Where they are further apart and the
source was heard all the while, the total stood until it was told anew. Else a step that lies whole within a window
counts, and one over its edge is left out: that time is not covered. So a month may know more than its days together.

A power holds until its next value, while its source is heard, and no longer than `HOLD_US`: one that stays to the digit
for longer is no longer told. Zero may: at night the sun sends none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lineside.history import Samples
from lineside.measure.counting import CounterFall, countable, increments
from lineside.measure.intervals import Times
from lineside.plant import Span

BRIDGE_US = 2 * 3_600_000_000
HOLD_US = 3_600_000_000
_HOUR_US = 3_600_000_000
_EVER = 2**62


@dataclass(frozen=True, slots=True)
class Told:
    """In the unit of a running total, or in unit-hours of a power; of so many microseconds of the window."""

    amount: float
    covered_us: int
    falls: tuple[CounterFall, ...] = ()


def counted(trace: Samples, heard: Times, rollover: float | None, spans: Sequence[Span]) -> list[Told]:
    """What a running total grew by in each span.

    `trace` and `heard` (rows of start and end) reach BRIDGE_US beyond the spans, and back to the last usable value.
    """
    usable = countable(trace)
    time = trace.time[usable]
    if not len(time):
        return [Told(0.0, 0) for _ in spans]
    made = increments(trace, "counter", rollover, -_EVER, _EVER)
    begin = time[np.maximum(np.searchsorted(time, made.time, side="left") - 1, 0)]
    steps = _Steps.of(begin, made.time, made.amount, heard)
    return [_counted_in(steps, made.falls, time, heard, span) for span in spans]


@dataclass(frozen=True, slots=True)
class _Steps:
    """Growth between two readings; `loose` where nobody knows when in between."""

    begin: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    amount: npt.NDArray[np.float64]
    loose: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, begin: Times, end: Times, amount: npt.NDArray[np.float64], heard: Times) -> _Steps:
        far = end - begin > BRIDGE_US
        through = _heard_before(heard, end) - _heard_before(heard, begin) >= end - begin
        begin = np.where(far & through, end, begin)
        return cls(begin.astype(float), end.astype(float), amount, far & ~through)


def _counted_in(steps: _Steps, falls: Sequence[CounterFall], time: Times, heard: Times, span: Span) -> Told:
    start, end = span
    overlap = np.clip(np.minimum(steps.end, end) - np.maximum(steps.begin, start), 0.0, None)
    length = steps.end - steps.begin
    at_once = (length == 0) & (steps.end > start) & (steps.end <= end)  # it was there when it was told
    share = np.divide(overlap, length, out=at_once.astype(float), where=length > 0)
    lost = steps.loose & (share > 0) & (share < 1)
    first, last = int(time[0]), int(time[-1])
    between = max(min(last, end) - max(first, start), 0)
    after = heard_within(heard, max(last, start), end) if end > last else 0
    covered = between - int(overlap[lost].sum()) + after
    fell = tuple(one for one in falls if start <= one.time < end)
    return Told(float((steps.amount * share)[~lost].sum()), covered, fell)


def integrated(trace: Samples, heard: Times, spans: Sequence[Span]) -> list[Told]:
    """The integral of a power over each span; `trace` begins with the value that holds at the first one's start."""
    time, usable = trace.time, countable(trace)
    value = np.where(usable, trace.number, 0.0)
    until = np.append(time[1:], _EVER)
    until = np.where(value != 0, np.minimum(until, time + HOLD_US), until)
    found = []
    for start, end in spans:
        part = slice(max(int(np.searchsorted(time, start, side="right")) - 1, 0), int(np.searchsorted(time, end)))
        begin, over = time[part].clip(start, end), until[part].clip(start, end)
        held = np.where(usable[part], _heard_before(heard, over) - _heard_before(heard, begin), 0.0)
        found.append(Told(float((value[part] * held).sum()) / _HOUR_US, round(float(held.sum()))))
    return found


def heard_within(heard: Times, start: int, end: int) -> int:
    """Microseconds of [start, end) that lie in the disjoint, ordered rows of `heard`."""
    before = _heard_before(heard, np.array([start, end], np.int64))
    return round(float(before[1] - before[0]))


def _heard_before(heard: Times, at: Times) -> npt.NDArray[np.float64]:
    """Microseconds heard before each time."""
    if not len(heard):
        return np.zeros(len(at))
    lengths = np.cumsum(heard[:, 1] - heard[:, 0])
    known = np.stack((np.append(0, lengths[:-1]), lengths), axis=1).ravel()
    before: npt.NDArray[np.float64] = np.interp(at.astype(float), heard.ravel().astype(float), known.astype(float))
    return before
