"""A line as compiled engines see it: one memory, its numbers, and the names behind the positions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineside.twin.distributions import Law
from lineside.twin.model import ANY, Buffer, Busy, Calendar, Down, Idle, Line, Start, Station
from lineside.twin.tally import BLOCKED, SETUP, STARVED, WAITING, WORKING

CONSTANT, EXPONENTIAL, GAMMA, WEIBULL, LOGNORMAL, TRIANGULAR, UNIFORM = range(7)
EQUALLY, WEIGHTED, BOOTSTRAP, RECORDED = range(7, 11)
TO_OUT, TO_SCRAP = -1, -2
INTERVAL, ALWAYS, ORDERED = range(3)
NO_LIMIT = 2**40
EMPTY, PLACE, NEED, SETTING, WORK, DONE = range(6)
STATE_OF_PHASE = (STARVED, BLOCKED, WAITING, SETUP, WORKING, BLOCKED)
NONE = 0
FIRST_PARTS = 256
BLOCK = 8


class World(NamedTuple):
    """One memory of 8-byte cells seen as whole numbers, as floats and as random bits.

    Records lie in it one after the other; a record is named by the address of its first cell, its cells by the
    tuples above, and 0 is no record. Compiled functions take these three arrays and nothing else: passing one
    array for every kind of record made them forty times slower and took a minute to compile.
    """

    n: NDArray[np.int64]
    x: NDArray[np.float64]
    bits: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the positions, in their order."""

    products: tuple[str, ...]
    stations: tuple[str, ...]
    buffers: tuple[str, ...]
    sources: tuple[str, ...]
    orders: tuple[str, ...]
    feeds: int
    """Sources, and places at which orders are released."""


def names_of(line: Line) -> Names:
    """The names of a line's parts in the order in which the engines count them."""
    own = [name for name, station in line.stations.items() if station.buffer is not None]
    return Names(
        tuple(line.products) or ("",),
        tuple(line.stations),
        (*own, *line.buffers),
        tuple(line.sources),
        tuple(order.id for order in line.orders),
        len(line.sources) + len({order.to for order in line.orders}),
    )


def buffers_of(line: Line) -> dict[str, Buffer]:
    """Every buffer: the stations' own queues, then the named ones."""
    own = {name: station.buffer for name, station in line.stations.items() if station.buffer is not None}
    return {**own, **line.buffers}


def is_flooded(line: Line, name: str) -> bool:
    """Whether only orders and sources that always have a part fill a buffer: its places would change nothing."""
    if any(route.to == name for station in line.stations.values() for route in station.to):
        return False
    return all(source.interval is None for source in line.sources.values() if source.to == name)


def parts_of(buffer: Buffer, products: tuple[str, ...]) -> list[tuple[str, int]]:
    """The parts in a buffer at time 0 in their order: products, each with how many of it follow each other."""
    if isinstance(buffer.initial, int):
        return [(products[0], buffer.initial)]
    if isinstance(buffer.initial, Mapping):
        return list(buffer.initial.items())
    return [(product, len(list(run))) for product, run in groupby(buffer.initial)]


def takes_of(name: str, station: Station) -> dict[str, int]:
    """What a station takes for one part: so many from each buffer."""
    return dict(station.takes) or {name: 1}


def switches_of(calendar: Calendar) -> list[float]:
    """Times of one period, from time 0 of the line on, at which the calendar changes; not where two spans touch."""
    period, begun = math.inf if calendar.period is None else calendar.period, begun_at(calendar)
    edges = [math.fmod(edge, period) for span in calendar.on for edge in span]
    changes = [edge for edge in set(edges) if edges.count(edge) % 2]
    later = [edge - begun for edge in changes if edge >= begun]
    again = [] if calendar.period is None else [edge - begun + period for edge in changes if edge < begun]
    return sorted(later + again)


def begun_at(calendar: Calendar) -> float:
    """The time of the calendar's period at which time 0 of the line lies."""
    return calendar.begun if calendar.period is None else math.fmod(calendar.begun, calendar.period)


def busy_of(entry: Start) -> Busy | None:
    """What a server does with its part at time 0, were it not down; None where it has none."""
    match entry:
        case Idle():
            return None
        case Down():
            return entry.doing
    return entry


def setup_of(station: Station, before: str | None, after: str) -> Law | None:
    """The set-up from one product to another: the most exact rule that fits."""
    place = setup_place(station, before, after)
    return None if place is None else station.setups[place].time


def setup_place(station: Station, before: str | None, after: str) -> int | None:
    """Which of a station's set-ups leads from one product to another."""
    fitting = [
        (rule.after == ANY, rule.before == ANY, place)
        for place, rule in enumerate(station.setups)
        if rule.before in (ANY, before)
        and rule.after in (ANY, after)
        and not (before is not None and before == after and ANY in (rule.before, rule.after))
    ]
    return min(fitting)[2] if fitting else None
