"""The model of the assembly line: a sample path, part by part, of a serial line with finite buffers.

The laws are those of blocking after service: a finished part leaves its station when the buffer behind it
has room; a station starts when it is empty and a part waits. Failures strike after operating time, not
clock time. Times are working seconds of the line, which stands in breaks (see `shifts.LineClock`).
One path serves both the fast history and the live line: whoever asks for more parts gets the same future.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from lineside.demo.stations import MATERIAL_LATE_EVERY, MATERIAL_LATE_S, PRODUCTS, Station

EXECUTE, STARVED, BLOCKED, FAULT, SETUP, STOPPED = range(6)
STATE_WORDS = ("EXECUTE", "STARVED", "BLOCKED", "FAULT", "SETUP", "STOPPED")

_SHORTEST_S = 0.05
_DRAWN_AT_ONCE = 2048


@dataclass(slots=True)
class Happened:
    """What happened at one station: changes of state, and units finished. Parallel lists, in order of time."""

    state_time: list[float] = field(default_factory=list)
    state: list[int] = field(default_factory=list)
    unit_time: list[float] = field(default_factory=list)
    unit_good: list[bool] = field(default_factory=list)
    unit_value: list[float] = field(default_factory=list)
    product_time: list[float] = field(default_factory=list)
    product: list[str] = field(default_factory=list)


class _Chance:
    """The random streams of one station, one for each purpose, so that a change of one moves no other."""

    def __init__(self, seed: int, place: int, station: Station) -> None:
        def draws(purpose: int, draw: Callable[[np.random.Generator], list[float]]) -> Iterator[float]:
            generator = np.random.default_rng([seed, place, purpose])
            while True:
                yield from draw(generator)

        n = _DRAWN_AT_ONCE
        shape = (station.slower_by / max(station.spread, 1e-9)) ** 2
        slower = station.slower_by / shape
        self.pace = draws(0, lambda g: (1 + g.gamma(shape, slower, n)).tolist())
        self.until_failure = draws(1, lambda g: g.exponential(station.hours_between_failures * 3600, n).tolist())
        self.repair = draws(2, lambda g: (g.gamma(2.0, station.repair_min * 30, n) + 20).tolist())
        self.setup = draws(3, lambda g: (station.setup_min * 60 * g.uniform(0.8, 1.3, n)).tolist())
        self.fate = draws(4, lambda g: g.random(n).tolist())
        self.value = draws(5, lambda g: g.standard_normal(n).tolist())
        self.late = draws(6, lambda g: g.random(n).tolist())
        self.lateness = draws(7, lambda g: g.exponential(MATERIAL_LATE_S, n).tolist())


class Line:
    """The line from an empty start; every call of `next_part` sends one more part through it."""

    def __init__(self, stations: Sequence[Station], seed: int, product_at: Callable[[float], str]) -> None:
        self.stations = tuple(stations)
        self.happened = [Happened() for _ in stations]
        self.entered = [0] * len(stations)
        self.finished = [0] * len(stations)
        self.rejected = [0] * len(stations)
        self._product_at = product_at
        self._chance = [_Chance(seed, place, station) for place, station in enumerate(stations)]
        self._free = [0.0] * len(stations)
        self._until_failure = [next(chance.until_failure) for chance in self._chance]
        self._loaded: list[str | None] = [None] * len(stations)
        self._starts = [[0.0] * station.buffer_before for station in stations]

    @property
    def known_until(self) -> float:
        """Up to here nothing more can happen at any station."""
        return min(self._free)

    @property
    def known_by_station(self) -> tuple[float, ...]:
        """Up to where each station's path is known."""
        return tuple(self._free)

    def take(self) -> list[Happened]:
        """What happened since the last call, by station."""
        taken, self.happened = self.happened, [Happened() for _ in self.stations]
        return taken

    def next_part(self) -> bool:
        """Sends the next part through; False when it was rejected on the way."""
        arrival = self._free[0]
        if next(self._chance[0].late) * MATERIAL_LATE_EVERY < 1:
            arrival += next(self._chance[0].lateness)
        product = self._product_at(arrival)
        last = len(self.stations) - 1
        for place in range(last + 1):
            end, good = self._work(place, product, arrival)
            room = 0.0
            if good and place < last:
                starts = self._starts[place + 1]
                room = starts[self.entered[place + 1] % len(starts)]
            leaves = max(end, room)
            happened = self.happened[place]
            if leaves - end > _SHORTEST_S:
                happened.state_time.append(end)
                happened.state.append(BLOCKED)
            self._free[place] = leaves
            if not good:
                return False
            arrival = leaves
        return True

    def _work(self, place: int, product: str, arrival: float) -> tuple[float, bool]:
        """One part at one station: waiting, setting up, working and failing. Gives the end and whether it is good."""
        station, chance, happened = self.stations[place], self._chance[place], self.happened[place]
        now = self._free[place]
        if arrival - now > _SHORTEST_S:
            happened.state_time.append(now)
            happened.state.append(STARVED)
        now = max(now, arrival)
        starts = self._starts[place]
        if starts:
            starts[self.entered[place] % len(starts)] = now
        self.entered[place] += 1
        if self._loaded[place] != product:
            loaded_since = 0.0  # before the first part, the station stands ready for its product
            if self._loaded[place] is not None:
                happened.state_time.append(now)
                happened.state.append(SETUP)
                now += next(chance.setup)
                loaded_since = now
            self._loaded[place] = product
            happened.product_time.append(loaded_since)
            happened.product.append(PRODUCTS[product])
        happened.state_time.append(now)
        happened.state.append(EXECUTE)
        work = station.ideal_s[product] * next(chance.pace)
        while self._until_failure[place] <= work:
            worked = self._until_failure[place]
            work -= worked
            now += worked
            happened.state_time += (now, now + (repair := next(chance.repair)))
            happened.state += (FAULT, EXECUTE)
            now += repair
            self._until_failure[place] = next(chance.until_failure)
        self._until_failure[place] -= work
        now += work
        good = next(chance.fate) >= station.reject_share
        self._finish(place, now, good=good)
        return now, good

    def _finish(self, place: int, time: float, *, good: bool) -> None:
        happened, process = self.happened[place], self.stations[place].process
        self.finished[place] += 1
        self.rejected[place] += not good
        happened.unit_time.append(time)
        happened.unit_good.append(good)
        if process is not None:
            centre = process.mean if good else process.when_rejected
            happened.unit_value.append(centre + process.spread * next(self._chance[place].value))
