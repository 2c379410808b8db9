"""Stations, their servers and their shifts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, repeat

from lineside.twin import model
from lineside.twin.oracle.parts import NOTHING, NOWHERE, Buffer, Clock, Loop, Road
from lineside.twin.tally import DOWN, OFF, SETUP, STARVED, WORKING


class Shifts(Clock):
    """A calendar: whether its stations are on shift, and when that changes."""

    def __init__(self, name: str, spec: model.Calendar, switched: Callable[[Shifts], None]) -> None:
        super().__init__(name, self._switch)
        begun = math.fmod(spec.begun, spec.period or math.inf)
        self.on = any(start <= begun < end for start, end in spec.on)
        self.stations: list[Station] = []
        self._switched = switched
        self._times = switches(spec)
        self.time = next(self._times)

    def _switch(self) -> None:
        self.on = not self.on
        self.time = next(self._times)
        self._switched(self)


def switches(calendar: model.Calendar) -> Iterator[float]:
    """Times after 0 at which a calendar changes from on to off or back, in order, then infinity."""
    period = calendar.period or math.inf
    ends = [math.fmod(time, period) for span in calendar.on for time in span]
    begun = math.fmod(calendar.begun, period)
    changes = sorted(  # two spans that touch are one; what is over at time 0 comes in the next period
        time - begun + (period if time < begun else 0.0) for time, times in Counter(ends).items() if times % 2
    )
    for round_ in count() if calendar.period and changes else range(1):
        yield from (time for time in (round_ * (calendar.period or 0.0) + change for change in changes) if time > 0)
    yield from repeat(math.inf)


class Server(Clock):
    """One machine of a station. Its clock is the end of a set-up or of work, an operating failure or a repair's end."""

    def __init__(self, station: Station, ring: Callable[[Server], None], wear: Callable[[Server], None]) -> None:
        super().__init__(station.name, lambda: ring(self))
        self.station = station
        self.part = NOTHING
        self.doing = STARVED
        self.road = NOWHERE
        """Where the part goes."""
        self.claimed = False
        self.made: int | None = None
        """The product made before."""
        self.left = 0.0
        """Of the work, when this stretch of it began."""
        self.stretch = 0.0
        """Of the set-up, or of the work up to its finish or the failure that strikes it."""
        self.stretch_left = 0.0
        self.lives = [math.inf] * len(station.failures)
        self.failure: int | None = None
        """The failure it is down by."""
        self.strikes: int | None = None
        """The operating failure that will stop this work."""
        self.repair_left = 0.0
        self.in_repair = False
        self.ages = Clock(station.name, lambda: wear(self))
        """The first of the calendar lives."""
        self._aged = 0.0
        """Up to when calendar lives are used up."""

    def is_ready(self) -> bool:
        """Holds nothing, is not down and on shift."""
        return self.part is NOTHING and self.is_up()

    def is_up(self) -> bool:
        """Not down and on shift."""
        return self.failure is None and self.station.is_on()

    def state(self) -> int:
        """The state it is measured in."""
        if not self.station.is_on():
            return OFF
        return self.doing if self.failure is None else DOWN

    def plan_setup(self, duration: float) -> None:
        """Plan a set-up."""
        self.stretch = self.stretch_left = duration

    def plan_work(self) -> None:
        """Plan the next stretch of work."""
        first = min(self.station.wearing, key=self.lives.__getitem__, default=None)
        self.strikes = first if first is not None and self.lives[first] < self.left else None
        self.stretch = self.stretch_left = self.left if self.strikes is None else self.lives[self.strikes]

    def worked(self) -> None:
        """Use up a stretch of work."""
        self.left -= self.stretch
        for index in self.station.wearing:
            self.lives[index] -= self.stretch

    def go_on(self, now: float) -> None:
        """Let run again what was halted."""
        if self.is_up():
            self._aged = now
            self.ages.time = now + min((self.lives[index] for index in self.station.ageing), default=math.inf)
        if self.station.is_on():
            self.run(now)

    def run(self, now: float) -> None:
        """Let a repair run, or what it does."""
        if self.failure is None:
            self.time = now + self.stretch_left if self.doing in (SETUP, WORKING) else math.inf
        elif self.in_repair:
            self.time = now + self.repair_left

    def halt(self, now: float) -> None:
        """Stop whatever runs and keep what is left of it."""
        if self.time < math.inf and self.failure is not None:
            self.repair_left = self.time - now
        elif self.time < math.inf:
            self.stretch_left = self.time - now
        self.time = math.inf
        if self.ages.time < math.inf:
            self.age(now)
        self.ages.time = math.inf

    def age(self, now: float) -> int:
        """Use up calendar lives up to now; return the failure whose life is the shortest."""
        for index in self.station.ageing:
            self.lives[index] -= now - self._aged
        self._aged = now
        return min(self.station.ageing, key=self.lives.__getitem__)


class Station:
    """What the servers of a station share."""

    def __init__(self, index: int, name: str, spec: model.Station, shifts: Shifts | None) -> None:
        self.index = index
        self.name = name
        self.spec = spec
        self.failures = list(spec.failures.items())
        self.wearing = [i for i, (_, f) in enumerate(self.failures) if f.clock == "operating"]
        self.ageing = [i for i, (_, f) in enumerate(self.failures) if f.clock == "calendar"]
        self.servers: list[Server] = []
        self.takes: list[tuple[Buffer, int]] = []
        self.roads: list[Road] = []
        self.loads: list[Loop] = []
        self.unloads: list[Loop] = []
        self._shifts = shifts

    @property
    def takes_single(self) -> bool:
        """Takes one part from one buffer alone."""
        return len(self.takes) == 1 and self.takes[0][1] == 1

    def is_on(self) -> bool:
        """On shift."""
        return self._shifts is None or self._shifts.on

    def ready_places(self) -> int:
        """Ready servers, and no more than pallets that are free where pallets are loaded."""
        ready = sum(server.is_ready() for server in self.servers)
        return min([ready, *(loop.free for loop in self.loads)])

    def can_start(self) -> bool:
        """A server is ready and finds what it takes."""
        return any(server.is_ready() for server in self.servers) and self.finds_what_it_takes()

    def finds_what_it_takes(self) -> bool:
        """Enough parts in every buffer, and a pallet of each loop unless the part that goes on has one."""
        if any(len(buffer.parts) < number for buffer, number in self.takes):
            return False
        first = self.takes[0][0].parts[0]
        return all(loop.free > 0 or first.pallets[loop.index] > 0 for loop in self.loads)

    def setup(self, before: str | None, after: str) -> model.Setup | None:
        """The most exact set-up from the product made before to this one."""
        pairs = [(before, after), (model.ANY, after), (before, model.ANY), (model.ANY, model.ANY)]
        for pair in pairs[:1] if before == after else pairs:
            for setup in self.spec.setups:
                if (setup.before, setup.after) == pair:
                    return setup
        return None
