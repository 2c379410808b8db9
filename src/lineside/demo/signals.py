"""What the controllers of the assembly line say: rows of time, address and value, made from what happened.

One maker serves history and live line alike, so counters, product codes and states go on seamlessly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lineside.demo.line import EXECUTE, FAULT, SETUP, STATE_WORDS, STOPPED, Happened
from lineside.demo.shifts import LineClock
from lineside.demo.stations import PRODUCTS, STATIONS, Station

STATE, PRODUCT, GOOD, REJECTED, POWER, TEMPERATURE, PROCESS = range(7)
SIGNALS = ("State", "Product", "Good", "Rejected", "Power", "Temperature", "Process")
WORDS = (*STATE_WORDS, *PRODUCTS.values())
NO_WORD = -1

_AMBIENT_C = 21.0
_WARMING_S = 1500.0
_BASE_KW, _BASE_SWING_KW = 38.0, 6.0
"""What the rest of the works takes: compressed air, light, heating, more of it by day."""
_DAY_US = 86_400_000_000
_SETUP_SHARE = 0.35
"""Share of the running power that a station draws while it is set up."""


def address_of(place: int, signal: int) -> int:
    """The number of a signal of the station at `place`."""
    return place * len(SIGNALS) + signal


def node_id(station: Station, signal: int) -> str:
    """The OPC UA node of a signal, which is its address in files too."""
    return f"ns=2;s={station.browse_name}.{SIGNALS[signal]}"


SITE_POWER = address_of(len(STATIONS), 0)
"""The number of the main meter, behind all signals of stations."""
SITE_NODE = "ns=2;s=Site.Power"
"""Its OPC UA node, and its address in files."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Values by time: microseconds UTC, address number, number (NaN: none) and word (-1: none)."""

    time: NDArray[np.int64]
    address: NDArray[np.int16]
    number: NDArray[np.float64]
    word: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, part: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Rows:
        return Rows(self.time[part], self.address[part], self.number[part], self.word[part])


def numbers(time: NDArray[np.int64], address: int, values: Sequence[float] | NDArray[np.float64]) -> Rows:
    """Rows of one number-valued signal."""
    n = len(time)
    return Rows(time, np.full(n, address, np.int16), np.asarray(values, np.float64), np.full(n, NO_WORD, np.int16))


def words(time: NDArray[np.int64], address: int, values: Sequence[int] | NDArray[np.int64]) -> Rows:
    """Rows of one text-valued signal."""
    n = len(time)
    return Rows(time, np.full(n, address, np.int16), np.full(n, np.nan), np.asarray(values, np.int16))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows in order of time; rows of one moment stay in the order given."""
    rows = Rows(
        np.concatenate([p.time for p in parts]),
        np.concatenate([p.address for p in parts]),
        np.concatenate([p.number for p in parts]),
        np.concatenate([p.word for p in parts]),
    )
    return rows[np.argsort(rows.time, kind="stable")]


def last_of_each(rows: Rows) -> Rows:
    """The latest row of every address, in order of time."""
    _, back = np.unique(rows.address[::-1], return_index=True)
    return rows[np.sort(len(rows) - 1 - back)]


class Controllers:
    """The controllers of all stations: states in words, counters as wide as their registers, product codes.

    Units finished before `counting_from` are not counted: a demo that is continued claims no production of
    the time in which it did not run.
    """

    def __init__(
        self,
        stations: Sequence[Station],
        clock: LineClock,
        *,
        counting_from: int,
        restarts: dict[int, int],
        fresh: bool,
    ) -> None:
        self._stations = tuple(stations)
        self._clock = clock
        self._counting_from = counting_from
        self._restarts = restarts
        self._good = [0 if fresh else station.first_count for station in stations]
        self._rejected = [0 for _ in stations]
        self._state = [STOPPED] * len(stations)
        self._pauses_told = [0] * len(stations)

    def say(self, happened: Sequence[Happened], known_until: Sequence[float]) -> Rows:
        """The rows of what happened since the last call; each station's path is known up to `known_until`."""
        parts: list[Rows] = []
        for place, (events, until) in enumerate(zip(happened, known_until, strict=True)):
            parts.append(self._states(place, events, until))
            parts.append(self._products(place, events))
            parts += self._units(place, events)
        return joined(parts)

    def _states(self, place: int, events: Happened, until: float) -> Rows:
        times, states = np.array(events.state_time, np.float64), np.array(events.state, np.int64)
        first, last = self._pauses_told[place], int(np.searchsorted(self._clock.stands_at, until))
        self._pauses_told[place] = last
        pauses = self._clock.closed[first:last]
        in_force = np.concatenate(([self._state[place]], states))
        at = np.searchsorted(times, self._clock.stands_at[first:last], "left")
        wall = np.concatenate((self._clock.wall(times), pauses[:, 0], pauses[:, 1]))
        said = np.concatenate((states, np.full(len(pauses), STOPPED), in_force[at]))
        self._state[place] = int(in_force[-1])
        order = np.argsort(wall, kind="stable")
        return words(wall[order], address_of(place, STATE), said[order])

    def _products(self, place: int, events: Happened) -> Rows:
        wall = self._clock.wall(np.array(events.product_time, np.float64))
        return words(wall, address_of(place, PRODUCT), [WORDS.index(code) for code in events.product])

    def _units(self, place: int, events: Happened) -> list[Rows]:
        wall = self._clock.wall(np.array(events.unit_time, np.float64))
        good = np.array(events.unit_good, np.bool_)
        counted = wall >= self._counting_from
        parts: list[Rows] = []
        for signal, counts, totals in (
            (GOOD, good & counted, self._good),
            (REJECTED, ~good & counted, self._rejected),
        ):
            total = totals[place] + np.cumsum(counts)
            restart = self._restarts.get(place)
            if restart is not None and len(wall) and wall[-1] >= restart:
                before = int(np.searchsorted(wall, restart))
                total[before:] -= total[before - 1] if before else totals[place]
                parts.append(numbers(np.array([restart], np.int64), address_of(place, signal), [0.0]))
            if len(total):
                totals[place] = int(total[-1])
            shown = total % (self._stations[place].rollover or (1 << 32))
            parts.append(numbers(wall[counts], address_of(place, signal), shown[counts].astype(np.float64)))
        self._restarts = {k: v for k, v in self._restarts.items() if k != place or not len(wall) or wall[-1] < v}
        if events.unit_value:
            values = np.round(events.unit_value, 3)
            parts.append(numbers(wall, address_of(place, PROCESS), values))
        return parts

    def counters(self, time: int) -> Rows:
        """Where the counters stand, said at `time`."""
        at = np.array([time], np.int64)
        parts = []
        for place, station in enumerate(self._stations):
            for signal, totals in ((GOOD, self._good), (REJECTED, self._rejected)):
                shown = totals[place] % (station.rollover or (1 << 32))
                parts.append(numbers(at, address_of(place, signal), [float(shown)]))
        return joined(parts)


class Sensors:
    """Motor power and temperature of every station, sampled from the states in force."""

    def __init__(self, stations: Sequence[Station], seed: int) -> None:
        self._running = np.array([s.running_kw for s in stations])
        self._idle = np.array([s.idle_kw for s in stations])
        self._warm = np.array([s.warm_k for s in stations])
        self._warmth = np.zeros(len(stations))
        self._noise = np.random.default_rng([seed, 1000])

    def power_kw(self, states: NDArray[np.int64]) -> NDArray[np.float64]:
        """Power at moments (rows) of all stations (columns) in the given states."""
        setup = self._idle + _SETUP_SHARE * (self._running - self._idle)
        level = np.where(states == EXECUTE, self._running, self._idle)
        level = np.where(states == SETUP, setup, level)
        level = np.where((states == STOPPED) | (states == FAULT), 0.4 * self._idle, level)
        rounded: NDArray[np.float64] = np.round(level * (1 + 0.04 * self._noise.standard_normal(level.shape)), 3)
        return rounded

    def site_kw(self, power: NDArray[np.float64], times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Power of the whole works at moments (rows), by that of all stations (columns)."""
        day = _BASE_SWING_KW * np.sin((times % _DAY_US) / _DAY_US * 2 * np.pi - 1.5)
        rounded: NDArray[np.float64] = np.round(power.sum(axis=1) + _BASE_KW + day, 3)
        return rounded

    def temperature_c(self, states: NDArray[np.int64], step_s: float, times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Temperature at moments `step_s` apart: it follows the load slowly and the hour of the day a little."""
        follow = 1 - np.exp(-step_s / _WARMING_S)
        warmth = np.empty(states.shape)
        for row, working in enumerate(states == EXECUTE):
            self._warmth += follow * (working * self._warm - self._warmth)
            warmth[row] = self._warmth
        day = 1.5 * np.sin((times % _DAY_US) / _DAY_US * 2 * np.pi - 2.0)
        noise = 0.05 * self._noise.standard_normal(states.shape)
        rounded: NDArray[np.float64] = np.round(_AMBIENT_C + warmth + day[:, None] + noise, 2)
        return rounded
