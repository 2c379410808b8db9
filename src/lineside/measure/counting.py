"""From counters to units: increments with their time, safe against reset, roll-over and restart.

A counter that falls and is back within ten minutes has dropped out: when its next other value is the one before the
fall or more, only what lies between those two was made. Else it has rolled over (when the plant file names the
roll-over and the step is then small), has restarted from zero (when it fell to half or less: what it shows now was made
since), or was set back by hand (when it fell a little: nothing is counted). Every fall nobody announced is kept, to be
shown beside the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lineside.history import Quality, Samples
from lineside.measure.intervals import Times
from lineside.plant import Kind

Fall = Literal["dropout", "restart", "set_back"]

BACK_WITHIN_US = 10 * 60 * 1_000_000
"""How soon a counter that dropped out is back; so far around a window its samples decide what happened in it."""


@dataclass(frozen=True, slots=True)
class CounterFall:
    """A moment at which a running total became smaller without having rolled over."""

    time: int
    before: float
    after: float
    taken_as: Fall


@dataclass(frozen=True, slots=True)
class Increments:
    """Units counted at each time (microseconds UTC), and the counter's falls."""

    time: Times
    amount: npt.NDArray[np.float64]
    falls: tuple[CounterFall, ...] = ()


def increments(trace: Samples, kind: Kind, rollover: float | None, start: int, end: int) -> Increments:
    """What a counter says was made in [start, end).

    `trace` holds its samples in order, from BACK_WITHIN_US before `start` to as long after `end`, and the last usable
    one before them when there is one: the first value ever seen counts nothing.
    """
    usable = countable(trace)
    time, value = trace.time[usable], trace.number[usable]
    if kind == "count":
        inside = (time >= start) & (time < end)
        return Increments(time[inside], value[inside])
    amount = np.diff(value)
    time, before, after = time[1:], value[:-1], value[1:]
    falls = []
    for i in np.flatnonzero(amount < 0).tolist():
        taken_as: Fall | None
        if (back := _back(time, before, after, i)) is not None:
            taken_as, amount[i], amount[back] = "dropout", 0.0, after[back] - before[i]
        else:
            taken_as, amount[i] = _fall(float(before[i]), float(after[i]), rollover)
        if taken_as is not None and start <= time[i] < end:
            falls.append(CounterFall(int(time[i]), float(before[i]), float(after[i]), taken_as))
    inside = (time >= start) & (time < end) & (amount > 0)
    return Increments(time[inside], amount[inside], tuple(falls))


def countable(trace: Samples) -> npt.NDArray[np.bool_]:
    """Which samples hold a number that can be trusted."""
    counts: npt.NDArray[np.bool_] = (trace.quality <= Quality.UNCERTAIN) & ~np.isnan(trace.number)
    return counts


def _back(time: Times, before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], fall: int) -> int | None:
    """The step by which a counter came back to its value before the fall or more; None when it did not, or late."""
    last = int(np.searchsorted(time, time[fall] + BACK_WITHIN_US, side="right"))
    other = np.flatnonzero(after[fall + 1 : last] != after[fall])
    if not len(other):
        return None
    back = fall + 1 + int(other[0])
    return back if after[back] >= before[fall] else None


def _fall(before: float, after: float, rollover: float | None) -> tuple[Fall | None, float]:
    if rollover is not None and before < rollover and (step := after + rollover - before) <= rollover / 2:
        return None, step
    if after <= before / 2:
        return "restart", after
    return "set_back", 0.0
