"""The assembly line in time: two weeks at once, then row by row as the clock goes on, from the same state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lineside.demo.line import STOPPED, Line
from lineside.demo.shifts import DAY_US, HOUR_US, Timetable
from lineside.demo.signals import (
    GOOD,
    POWER,
    SITE_POWER,
    STATE,
    TEMPERATURE,
    Controllers,
    Rows,
    Sensors,
    address_of,
    joined,
    last_of_each,
    numbers,
)
from lineside.demo.stations import STATIONS

POWER_EVERY_S = 60
TEMPERATURE_EVERY_S = 300
_AHEAD_S = 120.0
_WARM_UP_US = HOUR_US // 2
_RESTART_AFTER_US = 120_000_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a run of the line begins: an empty line at `start`, counting from `counting_from`."""

    start: int
    counting_from: int
    fresh: bool


class Assembly:
    """One run of the assembly line. `advance` gives what the controllers said; time only goes forward."""

    def __init__(self, timetable: Timetable, seed: int, origin: Origin) -> None:
        self._clock = timetable.line_clock(origin.start)
        runs = timetable.runs(int(self._clock.closed[-1, 1]))
        self._run_starts = np.array([run.start for run in runs], np.int64)
        self._run_products = [run.product for run in runs]
        self.line = Line(STATIONS, seed, self._product_at)
        restarts = {} if origin.fresh else _restarts(timetable)
        self._controllers = Controllers(
            STATIONS, self._clock, counting_from=origin.counting_from, restarts=restarts, fresh=origin.fresh
        )
        self.sensors = Sensors(STATIONS, seed)
        self._pending = self._controllers.counters(origin.counting_from)
        self.warmed_until = origin.start
        self.current: dict[int, tuple[int, float, int]] = {}
        self.kept: list[Rows] | None = None
        """What is said while nobody may listen yet; None when nobody has to catch up."""

    @classmethod
    def from_history(cls, timetable: Timetable, seed: int) -> Assembly:
        """The line as it was when the history began."""
        return cls(timetable, seed, Origin(timetable.start, timetable.start, fresh=False))

    @classmethod
    def afresh(cls, timetable: Timetable, seed: int, now: int) -> Assembly:
        """The line with parts in it at `now` and counters at zero: nothing is said about the time before."""
        assembly = cls(timetable, (seed + now) % 2**32, Origin(now - _WARM_UP_US, now, fresh=True))
        assembly.advance(now)
        assembly.current = {address: (now, number, word) for address, (_, number, word) in assembly.current.items()}
        return assembly

    @property
    def states(self) -> NDArray[np.int64]:
        """The state of every station now."""
        return np.array(
            [self.current.get(address_of(p, STATE), (0, 0.0, STOPPED))[2] for p in range(len(STATIONS))],
            np.int64,
        )

    def temperatures(self, now: int) -> NDArray[np.float64]:
        """The temperature of every station; call it every so often, the drives warm up with the time between."""
        step_s = (now - self.warmed_until) / 1e6
        self.warmed_until = now
        now_c: NDArray[np.float64] = self.sensors.temperature_c(
            self.states[None, :], step_s, np.array([now], np.int64)
        )[0]
        return now_c

    def advance(self, now: int) -> Rows:
        """Everything said from the last call up to `now` (not included), in order of time."""
        until = self._clock.working_s(now) + _AHEAD_S
        if self.line.known_until < until:
            while self.line.known_until < until:
                self.line.next_part()
            said = self._controllers.say(self.line.take(), self.line.known_by_station)
            self._pending = joined([self._pending, said])
        due = int(np.searchsorted(self._pending.time, now))
        rows, self._pending = self._pending[:due], self._pending[due:]
        for row in _each(last_of_each(rows)):
            self.current[row[1]] = (row[0], row[2], row[3])
        if self.kept is not None:
            self.kept.append(rows)
        return rows

    def next_due(self) -> int | None:
        """When the next row is due, or None when none is known yet."""
        return int(self._pending.time[0]) if len(self._pending) else None

    def _product_at(self, working_s: float) -> str:
        wall = self._clock.wall_of(working_s)
        run = int(np.searchsorted(self._run_starts, wall, "right")) - 1
        return self._run_products[max(run, 0)]


def history(assembly: Assembly, start: int, now: int) -> Rows:
    """All rows from `start` to `now`, with power and temperature on an even grid."""
    said = assembly.advance(now)
    parts = [said]
    every = {POWER: POWER_EVERY_S, TEMPERATURE: TEMPERATURE_EVERY_S}
    assembly.warmed_until = now
    for signal, step_s in every.items():
        times = np.arange(start, now, step_s * 1_000_000)
        states = np.stack([_in_force(said, place, times) for place in range(len(STATIONS))], axis=1)
        if signal == POWER:
            values = assembly.sensors.power_kw(states)
            parts.append(numbers(times, SITE_POWER, assembly.sensors.site_kw(values, times)))
        else:
            values = assembly.sensors.temperature_c(states, step_s, times)
        parts += [numbers(times, address_of(p, signal), values[:, p]) for p in range(len(STATIONS))]
    return joined(parts)


def latest(assembly: Assembly, now: int) -> Rows:
    """All rows since the last call up to `now`, and the power of that moment."""
    said = assembly.advance(now)
    at, power = np.array([now], np.int64), assembly.sensors.power_kw(assembly.states[None, :])
    stations = (numbers(at, address_of(p, POWER), power[:, p]) for p in range(len(STATIONS)))
    return joined([said, *stations, numbers(at, SITE_POWER, assembly.sensors.site_kw(power, at))])


def kept(assembly: Assembly, now: int) -> Rows | None:
    """What was said since the history ended, with the counters as they stand at `now`; keeps no more."""
    rows, assembly.kept = assembly.kept, None
    if rows is None:
        return None
    at, current = np.array([now], np.int64), dict(assembly.current)
    good = {address_of(place, GOOD) for place in range(len(STATIONS))} & current.keys()
    return joined([*rows, *(numbers(at, address, np.array([current[address][1]])) for address in sorted(good))])


def _in_force(said: Rows, place: int, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The state of one station at given times."""
    own = said[said.address == address_of(place, STATE)]
    states = np.concatenate(([STOPPED], own.word)).astype(np.int64)
    in_force: NDArray[np.int64] = states[np.searchsorted(own.time, times, "right")]
    return in_force


def _each(rows: Rows) -> list[tuple[int, int, float, int]]:
    return list(zip(rows.time.tolist(), rows.address.tolist(), rows.number.tolist(), rows.word.tolist(), strict=True))


def _restarts(timetable: Timetable) -> dict[int, int]:
    """When controllers restart: two minutes into the first break of their day, while the line stands."""
    restarts = {}
    for place, station in enumerate(STATIONS):
        if station.restarts_on_day is not None:
            day = timetable.start + station.restarts_on_day * DAY_US
            span = next(s for s in timetable.spans(day + DAY_US) if s.start >= day - HOUR_US)
            restarts[place] = span.breaks[0][0] + _RESTART_AFTER_US
    return restarts
