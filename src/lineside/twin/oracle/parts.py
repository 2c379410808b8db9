"""Parts, the clocks they move by, and the buffers they wait in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from lineside.twin import model
from lineside.twin.distributions import Law

if TYPE_CHECKING:
    from lineside.twin.oracle.feeds import Feed
    from lineside.twin.oracle.stations import Server, Station

Rank: TypeAlias = tuple[int, bool, int]


class Clock:
    """One thing that can happen next: when, where and what."""

    def __init__(self, place: str, ring: Callable[[], None]) -> None:
        self.place = place
        self.ring = ring
        self.time = math.inf


class Way(Clock):
    """What is under way: the clock shows the first arrival, equal arrivals in the order they set out."""

    def __init__(self, place: str, time: Law) -> None:
        super().__init__(place, self._first)
        self.law = time
        self._under_way: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def send(self, arrival: float, arrive: Callable[[], None]) -> None:
        """Let something set out, and say what its arrival at this time does."""
        heappush(self._under_way, (arrival, next(self._numbers), arrive))
        self.time = self._under_way[0][0]

    def _first(self) -> None:
        _, _, arrive = heappop(self._under_way)
        self.time = self._under_way[0][0] if self._under_way else math.inf
        arrive()


@dataclass(eq=False, slots=True)
class Part:
    """A part in the line."""

    product: int
    order: int | None = None
    entered: float = math.nan
    came: float = math.nan
    """When it came into the buffer it waits in."""
    pallets: Counter[int] = field(default_factory=Counter)
    """How many it carries, by loop."""


NOTHING = Part(-1)
"""What an empty server holds."""


class Buffer:
    """Parts that wait, places claimed, and who waits to put a part in."""

    def __init__(self, index: int, spec: model.Buffer) -> None:
        self.index = index
        self.spec = spec
        self.capacity = math.inf if spec.capacity is None else spec.capacity
        self.parts: list[Part] = []
        self.claimed = 0
        self.offers: list[Offer] = []
        self.takers: list[Station] = []

    def has_room(self) -> bool:
        """Room for one part more; a ready server that takes single parts from here alone is a place."""
        ready = sum(station.ready_places() for station in self.takers if station.takes_single)
        return len(self.parts) + self.claimed < self.capacity + ready

    def put(self, part: Part, priorities: Sequence[int]) -> None:
        """Queue a part behind all those of its priority or a greater one."""
        ahead = (i for i, other in enumerate(self.parts) if priorities[other.product] < priorities[part.product])
        self.parts.insert(next(ahead, len(self.parts)), part)


@dataclass(eq=False, slots=True)
class Offer:
    """A server or a feed that waits for a place in a buffer."""

    rank: Rank
    giver: Server | Feed


@dataclass(eq=False, slots=True)
class Road:
    """A route of a station, its names looked up."""

    to: Buffer
    product: int | None
    probability: float
    way: Way | None


NOWHERE = Road(Buffer(-1, model.Buffer(capacity=None, initial=0)), None, 1.0, None)
"""Where a part goes for which that is not chosen yet."""


class Loop:
    """Pallets: how many are free at their load station, and the way back of the others."""

    def __init__(self, index: int, name: str, spec: model.Pallets) -> None:
        self.index = index
        self.name = name
        self.spec = spec
        self.free = spec.count
        self.way = None if spec.back is None else Way(name, spec.back)
