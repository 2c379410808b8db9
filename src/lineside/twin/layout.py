"""A line as compiled engines see it: one memory, its numbers, and the names behind the positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineside.twin.distributions import Law
from lineside.twin.model import ANY, Buffer, Calendar, Line, Station
from lineside.twin.tally import BLOCKED, SETUP, STARVED, WAITING, WORKING

CONSTANT, EXPONENTIAL, GAMMA, WEIBULL, LOGNORMAL, TRIANGULAR, UNIFORM, EQUALLY, WEIGHTED, BOOTSTRAP = range(10)
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


def takes_of(name: str, station: Station) -> dict[str, int]:
    """What a station takes for one part: so many from each buffer."""
    return dict(station.takes) or {name: 1}


def switches_of(calendar: Calendar) -> list[float]:
    """Times of one period at which the calendar changes; where two spans touch it does not."""
    period = math.inf if calendar.period is None else calendar.period
    edges = [math.fmod(edge, period) for span in calendar.on for edge in span]
    return sorted(edge for edge in set(edges) if edges.count(edge) % 2)


def setup_of(station: Station, before: str | None, after: str) -> Law | None:
    """The set-up from one product to another: the most exact rule that fits."""
    fitting = [rule for rule in station.setups if rule.before in (ANY, before) and rule.after in (ANY, after)]
    if before is not None and before == after:
        fitting = [rule for rule in fitting if ANY not in (rule.before, rule.after)]
    ranked = sorted(fitting, key=lambda rule: (rule.after == ANY, rule.before == ANY))
    return ranked[0].time if ranked else None
