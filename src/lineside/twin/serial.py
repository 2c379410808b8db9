"""Which lines the recursion covers, and how they are laid out for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lineside.errors import LinesideError
from lineside.twin import cells as cell
from lineside.twin.compiled import Runner, Tell
from lineside.twin.layout import NONE, World, takes_of
from lineside.twin.model import OUT, SCRAP, Line, Station
from lineside.twin.tally import Floats

MOST_PLACES = 65_536
"""The recursion keeps one time for each place of a queue."""
_STEPS_A_TURN = 2_000_000


def beyond(line: Line) -> str | None:
    """The first key of a checked line that the recursion does not know; None for a line it covers."""
    return next(_beyond(line), None)


def _beyond(line: Line) -> Iterator[str]:
    for key in ("orders", "pallets", "buffers"):
        if getattr(line, key):
            yield key
    if len({product.priority for product in line.products.values()}) > 1:
        yield "products"
    if len(line.sources) != 1:
        yield "sources"
    for name, source in line.sources.items():
        if source.interval is not None and (source.batch > 1 or source.full == "lose"):
            yield f"sources.{name}.{'batch' if source.batch > 1 else 'full'}"
    if len({station.calendar for station in line.stations.values()} - {None}) > 1:
        yield "calendars"
    for name, station in line.stations.items():
        yield from (f"stations.{name}.{key}" for key in _beyond_a_machine(name, station))
    if len(row_of(line)) < len(line.stations):
        yield "stations"


def _beyond_a_machine(name: str, station: Station) -> Iterator[str]:
    if station.servers > 1:
        yield "servers"
    if station.start:
        yield "start"
    if station.needs:
        yield "needs"
    if station.blocking == "before":
        yield "blocking"
    if takes_of(name, station) != {name: 1}:
        yield "takes"
    if station.buffer is not None and (station.buffer.initial or (station.buffer.capacity or 0) > MOST_PLACES):
        yield "buffer"
    if any(failure.clock == "calendar" or failure.needs for failure in station.failures.values()):
        yield "failures"
    if any(route.transfer is not None for route in station.to) or len(_nexts(station)) > 1:
        yield "to"


def _nexts(station: Station) -> set[str]:
    """The stations at which parts of a station go on."""
    return {route.to for route in station.to} - {OUT, SCRAP}


def row_of(line: Line) -> list[str]:
    """The stations in the order in which parts pass them; none where that is not one way to its end."""
    row: list[str] = []
    ahead = {source.to for source in line.sources.values()}
    while len(ahead) == 1:
        (name,) = ahead
        if name in row or name not in line.stations:
            return []
        row.append(name)
        ahead = _nexts(line.stations[name])
    return [] if ahead else row


class PathRunner(Runner):
    """One thread's World of a row of machines, used for one replication after the other."""

    def __init__(self, line: Line, horizon: float, warmup: float, seed: int, departures: int = 0) -> None:
        super().__init__(line, horizon, warmup, seed, departures)
        self.world, self._path = _with_path(self.world, line, horizon, warmup)
        self._parts_a_turn = _STEPS_A_TURN // len(line.stations)

    def run(self, replication: int, row: Floats, tell: Tell) -> None:
        """Runs one replication and writes what it counted into `row`; see `Runner.run`."""
        from lineside.twin.kernel.clocks import ENDLESS, PAUSED
        from lineside.twin.recursion import replay

        code = replay(self.world, self._path, self._seed, replication, self._parts_a_turn, row)
        while code == PAUSED:
            tell(float(self.world.x[cell.RUN_NOW]) / self._horizon)
            code = replay(self.world, self._path, self._seed, -1, self._parts_a_turn, row)
        if code == ENDLESS:
            raise LinesideError("twin.endless", time=float(self.world.x[cell.RUN_NOW]), station="-")
        tell(1.0)


def _with_path(world: World, line: Line, horizon: float, warmup: float) -> tuple[World, int]:
    """The World with what the recursion keeps behind it, and the address of that."""
    row, names = row_of(line), list(line.stations)
    places = {name: _places(line.stations[name]) for name in row}
    path = len(world.n)
    steps = path + cell.PATH_SIZE
    end = steps + len(row) * cell.STEP_SIZE
    size = end + sum(max(n, 0) for n in places.values()) + len(row) * cell.CALENDAR_SIZE
    cells = np.zeros(size, np.int64)
    cells[:path] = world.n
    n, x = cells, cells.view(np.float64)
    x[path + cell.PATH_HORIZON], x[path + cell.PATH_WARMUP] = horizon, warmup
    n[path + cell.PATH_SOURCE] = n[cell.RUN_SOURCES]
    n[path + cell.PATH_STEPS], n[path + cell.PATH_END] = steps, end
    free = end
    for i, name in enumerate(row):
        step = steps + i * cell.STEP_SIZE
        station = int(n[cell.RUN_STATIONS]) + names.index(name) * cell.STATION_SIZE
        n[step + cell.STEP_STATION] = station
        n[step + cell.STEP_BUFFER] = n[n[station + cell.STATION_TAKES]]
        n[step + cell.STEP_WORKS] = n[station + cell.STATION_WORKS]
        n[step + cell.STEP_WORK_STREAM] = n[station + cell.STATION_WORK_STREAM]
        n[step + cell.STEP_FAILURES] = n[station + cell.STATION_FAILURES]
        n[step + cell.STEP_FAILURE_N] = n[station + cell.STATION_FAILURE_N]
        n[step + cell.STEP_LIVES] = n[n[station + cell.STATION_SERVERS] + cell.SERVER_LIVES]
        n[step + cell.STEP_SETUPS] = n[station + cell.STATION_SETUPS]
        n[step + cell.STEP_ROUTES] = n[station + cell.STATION_ROUTES]
        n[step + cell.STEP_MAKES] = n[station + cell.STATION_MAKES]
        n[step + cell.STEP_PLACES] = places[name]
        n[step + cell.STEP_RING] = free
        free += max(places[name], 0)
        x[step + cell.STEP_SWITCH] = np.inf
        if (calendar := int(n[station + cell.STATION_CALENDAR])) != NONE:
            n[step + cell.STEP_SHIFTS] = free
            n[free : free + cell.CALENDAR_SIZE] = n[calendar : calendar + cell.CALENDAR_SIZE]
            free += cell.CALENDAR_SIZE
    return World(n, x, cells.view(np.uint64)), path


def _places(station: Station) -> int:
    """Places in a station's own queue; -1 for one without limit."""
    capacity = None if station.buffer is None else station.buffer.capacity
    return -1 if capacity is None else capacity
