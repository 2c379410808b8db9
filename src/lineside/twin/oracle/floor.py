"""The line as it stands: every name of the model looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineside.twin import model
from lineside.twin.oracle.feeds import OrderFeed, Source, TimedSource
from lineside.twin.oracle.parts import Buffer, Clock, Loop, Road, Way
from lineside.twin.oracle.stations import Server, Shifts, Station

if TYPE_CHECKING:
    from lineside.twin.oracle.run import Run


class Floor:
    """Stations, buffers, feeds and loops of a line, whose clocks ring at its run."""

    def __init__(self, line: model.Line, run: Run) -> None:
        self._line, self._run = line, run
        self.names = list(line.products) or [""]
        self.priorities = [product.priority for product in line.products.values()] or [0]
        self._shifts = {name: Shifts(name, spec, run.shift_changes) for name, spec in line.calendars.items()}
        self.shifts = list(self._shifts.values())
        self.stations = [
            Station(i, name, spec, self._shifts[spec.calendar] if spec.calendar is not None else None)
            for i, (name, spec) in enumerate(line.stations.items())
        ]
        specs = {name: spec.buffer for name, spec in line.stations.items() if spec.buffer is not None}
        specs.update(line.buffers)
        self._buffers = {name: Buffer(i, spec) for i, (name, spec) in enumerate(specs.items())}
        self.buffers = list(self._buffers.values())
        self.exits = {name: Buffer(-1, model.Buffer(capacity=None, initial=0)) for name in (model.OUT, model.SCRAP)}
        self.loops = [Loop(i, name, spec) for i, (name, spec) in enumerate(line.pallets.items())]
        for station in self.stations:
            self._equip(station)
        of_buffer: dict[str, list[tuple[int, model.Order]]] = {}
        for index, order in enumerate(line.orders):
            of_buffer.setdefault(order.to, []).append((index, order))
        self._order_feeds = [OrderFeed(self._buffers[to], orders, run) for to, orders in of_buffer.items()]
        self._sources = [self._source(i, name, spec) for i, (name, spec) in enumerate(line.sources.items())]

    def product(self, name: str | None) -> int:
        """Position of a product, of the first when none is named."""
        return 0 if name is None else self.names.index(name)

    def servers(self) -> list[Server]:
        """The servers of all stations."""
        return [server for station in self.stations for server in station.servers]

    def clocks(self) -> list[Clock]:
        """All clocks, those first that go first at equal times."""
        servers = self.servers()
        ways = [road.way for station in self.stations for road in station.roads if road.way is not None]
        return [
            *self._sources,
            *self._order_feeds,
            *servers,
            *(server.ages for server in servers),
            *(shifts for shifts in self.shifts if shifts.stations),
            *ways,
            *(loop.way for loop in self.loops if loop.way is not None),
        ]

    def _source(self, index: int, name: str, spec: model.Source) -> Source:
        to = self._buffers[spec.to]
        if spec.interval is None:
            return Source(index, name, to, spec, self._run)
        return TimedSource(index, name, to, spec, spec.interval, self._run)

    def _equip(self, station: Station) -> None:
        spec, name = station.spec, station.name
        station.takes = [(self._buffers[taken], number) for taken, number in (spec.takes or {name: 1}).items()]
        for buffer, _ in station.takes:
            buffer.takers.append(station)
        station.roads = [self._road(station, route) for route in spec.to]
        station.loads = [loop for loop in self.loops if loop.spec.load == name]
        station.unloads = [loop for loop in self.loops if loop.spec.unload == name]
        station.servers = [Server(station, self._run.rings, self._run.ages) for _ in range(spec.servers)]
        if spec.calendar is not None:
            self._shifts[spec.calendar].stations.append(station)

    def _road(self, station: Station, route: model.Route) -> Road:
        to = self.exits[route.to] if route.to in self.exits else self._buffers[route.to]
        product = None if route.product is None else self.product(route.product)
        way = None if route.transfer is None else Way(station.name, route.transfer)
        return Road(to, product, route.probability, way)
