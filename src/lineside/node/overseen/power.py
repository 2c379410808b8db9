"""The electric power that machines take while they work, where a signal tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lineside.history import History
from lineside.measure import read_facts
from lineside.plant import CODE, Machine, Plant, Span, State, Timeline

_KILOWATTS = {"W": 0.001, "kW": 1.0, "MW": 1000.0}


@dataclass(frozen=True, slots=True)
class Power:
    """Means while a machine runs, in kW, by the signal ("machine/signal") that tells most of its machine."""

    signals: dict[str, float]
    silent: tuple[str, ...]
    """Machines of which nothing tells it."""

    @property
    def total_kw(self) -> float | None:
        """Of all that tell it together; None where none does."""
        return sum(self.signals.values()) if self.signals else None


def mean_while(times: npt.NDArray[np.int64], values: npt.NDArray[np.float64], spans: Sequence[Span]) -> float | None:
    """The mean over some spans of a value that holds until the next one; time without a value is left out."""
    if len(times) < 2 or not spans:
        return None
    lengths, known = np.diff(times).astype(float), ~np.isnan(values[:-1])
    area = np.concatenate(([0.0], np.cumsum(np.where(known, values[:-1], 0.0) * lengths)))
    told = np.concatenate(([0.0], np.cumsum(np.where(known, 1.0, 0.0) * lengths)))
    edges = np.array(spans, float)
    whole, heard = (np.diff(np.interp(edges, times.astype(float), one), axis=1).sum() for one in (area, told))
    return float(whole / heard) if heard > 0 else None


def power_of(history: History, timeline: Timeline, start: int, end: int) -> Power:
    """The power of the plant's machines while they ran in [start, end), microseconds UTC."""
    plant: Plant = timeline.newest
    signals: dict[str, float] = {}
    silent = []
    for machine in plant.machines.values():
        found = _of(history, timeline, machine, start, end)
        if found is None:
            silent.append(machine.id)
        else:
            signals[found[0]] = found[1]
    return Power(signals, tuple(silent))


def _of(history: History, timeline: Timeline, machine: Machine, start: int, end: int) -> tuple[str, float] | None:
    """The signal that tells most: of a machine's power and that of its parts the whole is the largest."""
    units = {one.id: _KILOWATTS[one.unit] for one in machine.signals.values() if one.unit in _KILOWATTS and one.numeric}
    if not units:
        return None
    states = read_facts(history, timeline, [machine.id], start, end)[machine.id].states
    running = [states[i][:2] for i in np.flatnonzero(states.codes == CODE[State.RUNNING]).tolist()]
    found: dict[str, float] = {}
    for name, scale in units.items():
        key = f"{machine.id}/{name}"
        samples = history.read(history.series(key), start, end)
        times, values = np.append(samples.time, end), np.append(samples.number, np.nan)
        mean = mean_while(times, values, running)
        if mean is not None:
            found[key] = mean * scale
    return max(found.items(), key=lambda one: one[1]) if found else None
