"""The line of `_line.py` as a model of cimba, which compiles the methods of its classes."""

# mypy: disable-error-code="misc, untyped-decorator"
from __future__ import annotations

import cimba
from cimba.inputs import dist

from bench._line import LIFE, PLACES, REPAIR, WORK


class Places(cimba.Model):
    """The places between two stations."""

    store: cimba.Store[int] = cimba.Store(capacity=PLACES)


class Station(cimba.Model):
    """A machine that fails while it works."""

    work: cimba.Input[float] = dist.exponential(mean=WORK)
    life: cimba.Input[float] = dist.exponential(mean=LIFE)
    repair: cimba.Input[float] = dist.exponential(mean=REPAIR)
    before: cimba.Ref[cimba.Store[int]]
    after: cimba.Ref[cimba.Store[int]]
    first: cimba.Param[bool]
    last: cimba.Param[bool]
    count: cimba.Array[int] = cimba.Array(1)
    left: cimba.Output[int]

    @cimba.process
    def produce(self) -> None:
        """Works part by part; the first never waits for one, the last never for a place."""
        life = self.life.next()
        while True:
            if not self.first:
                self.before.get()
            work = self.work.next()
            while life < work:
                cimba.hold(life)
                work -= life
                cimba.hold(self.repair.next())
                life = self.life.next()
            cimba.hold(work)
            life -= work
            if not self.last:
                self.after.put(1)
            self.count[0] += 1

    @cimba.on_end
    def tell(self) -> None:
        """Gives back how many parts left."""
        self.left = self.count[0]


class Line(cimba.Model):
    """Stations in a row."""

    places: list[Places]
    stations: list[Station]


def line_of(stations: int) -> Line:
    """Return a line of so many stations."""
    line = Line()
    line.places = [Places() for _ in range(stations - 1)]
    line.stations = [Station() for _ in range(stations)]
    for i, station in enumerate(line.stations):
        station.first, station.last = i == 0, i == stations - 1
        station.before = line.places[max(i - 1, 0)].store
        station.after = line.places[min(i, stations - 2)].store
    return line
