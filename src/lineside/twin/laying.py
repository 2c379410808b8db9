"""Lays a line out in the memory of a compiled engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lineside.twin import cells as cell
from lineside.twin.layout import (
    ALWAYS,
    BLOCK,
    FIRST_PARTS,
    INTERVAL,
    NO_LIMIT,
    NONE,
    ORDERED,
    STATE_OF_PHASE,
    TO_OUT,
    TO_SCRAP,
    World,
    begun_at,
    buffers_of,
    names_of,
    parts_of,
    setup_of,
    switches_of,
    takes_of,
)
from lineside.twin.memory import Memory
from lineside.twin.model import ANY, OUT, SCRAP, Failure, Line, Route, Source, Station
from lineside.twin.starts import lay_starts
from lineside.twin.streams import (
    cumulative,
    name_hash,
    pallets_stream,
    source_stream,
    station_stream,
)
from lineside.twin.tally import STATES


def world_of(line: Line, departures: int = 0, parts: int = FIRST_PARTS) -> World:
    """The memory of a checked line, with room to note so many departures and for so many parts at once."""
    return _Builder(line).world(departures, parts)


class _Builder:
    """Lays one line out."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.names = names_of(line)
        self.memory = Memory()
        self.run = self.memory.record(cell.RUN_SIZE)
        self.memory.store(STATE_OF_PHASE)  # right behind the run
        self.product = {name: i for i, name in enumerate(self.names.products)}
        record = self.memory.record
        self.station = self._records(self.names.stations, cell.STATION_SIZE)
        self.buffer = self._records(self.names.buffers, cell.BUFFER_SIZE)
        self.resource = self._records(line.resources, cell.RESOURCE_SIZE)
        self.calendar = self._records(line.calendars, cell.CALENDAR_SIZE)
        self.pallets = self._records(line.pallets, cell.PALLETS_SIZE)
        self.servers = record(cell.SERVER_SIZE, sum(station.servers for station in line.stations.values()))
        places = tuple(dict.fromkeys(order.to for order in line.orders))
        self.sources = record(cell.SOURCE_SIZE, len(line.sources) + len(places))
        self.places = places
        self.orders = record(cell.ORDER_SIZE, len(line.orders))
        transfers = (
            (name, place)
            for name, station in line.stations.items()
            for place, route in enumerate(station.to)
            if route.transfer is not None
        )
        self.ways = self._records((*transfers, *line.pallets), cell.WAY_SIZE)

    def _records(self, names: Iterable[Any], size: int) -> dict[Any, int]:
        return {name: self.memory.record(size) for name in names}

    def world(self, departures: int, parts: int) -> World:
        memory, line = self.memory, self.line
        self._lay_stations()
        self._lay_buffers()
        self._lay_sources()
        for resource, at in zip(line.resources.values(), self.resource.values(), strict=True):
            memory.write(at, "RESOURCE", count=resource.count)
        for name, calendar in line.calendars.items():
            switches = switches_of(calendar)
            memory.write(
                self.calendar[name],
                "CALENDAR",
                switches=memory.store(switches),
                switch_n=len(switches),
                first=int(any(start <= begun_at(calendar) < end for start, end in calendar.on)),
                period=math.inf if calendar.period is None else float(calendar.period),
            )
        self._lay_pallets()
        self._number_clocks()
        memory.write(self.run, "RUN", starts=lay_starts(memory, line, self.product))
        self._lay_streams()
        size = sum(station.servers for station in line.stations.values())
        priorities = [product.priority for product in line.products.values()]
        memory.write(
            self.run,
            "RUN",
            listed=memory.record(len(line.stations) + 1),
            list_size=len(line.stations) + 1,
            products=len(self.product),
            priorities=memory.store(priorities) if len(set(priorities)) > 1 else NONE,
            states=len(STATES),
            made=memory.record(3 * len(self.product)),
            stations=_first(self.station),
            station_n=len(self.station),
            servers=self.servers,
            server_n=size,
            buffers=_first(self.buffer),
            buffer_n=len(self.buffer),
            sources=self.sources,
            source_n=len(line.sources) + len(self.places),
            orders=self.orders,
            order_n=len(line.orders),
            calendars=_first(self.calendar),
            calendar_n=len(self.calendar),
            pallets=_first(self.pallets),
            pallets_n=len(self.pallets),
            ways=_first(self.ways),
            way_n=len(self.ways),
            resources=_first(self.resource),
            resource_n=len(self.resource),
            departed=memory.record(2, departures),
            departed_size=departures,
            parts=memory.record(cell.PART_SIZE, parts),
            part_n=parts,
        )
        cells = np.zeros(len(memory.cells), np.int64)
        world = World(cells, cells.view(np.float64), cells.view(np.uint64))
        for at, value in enumerate(memory.cells):
            (world.x if isinstance(value, float) else world.n)[at] = value
        for name, at in self._streams.items():
            world.bits[at + cell.STREAM_NAME] = name_hash(name)
        return world

    # -- stations --------------------------------------------------------------------------------------

    def _lay_stations(self) -> None:
        server = self.servers
        for name, station in self.line.stations.items():
            self._lay_station(name, station, server)
            for _ in range(station.servers):
                self.memory.write(
                    server,
                    "SERVER",
                    rank=2 * station.priority + 1,
                    station=self.station[name],
                    alarm=any(failure.clock == "calendar" for failure in station.failures.values()),
                    lives=self.memory.record(max(len(station.failures), 1)),
                    time_in=self.memory.cells[self.station[name] + cell.STATION_TIME_IN],
                    need_server=server,
                    crew_server=server,
                    crew_crew=1,
                )
                server += cell.SERVER_SIZE

    def _lay_station(self, name: str, station: Station, servers: int) -> None:
        memory, products = self.memory, self.names.products
        takes = takes_of(name, station)
        work_stream, setup_stream = station_stream(name, "work"), station_stream(name, "setup")
        works = [memory.law(station.work.get(product, station.work.get(ANY)), work_stream) for product in products]
        setups = NONE
        if station.setups:
            before = (None, *products)
            setups = memory.store(
                [memory.law(setup_of(station, one, two), setup_stream) for one in before for two in products]
            )
        routes = [self._lay_routes(name, station, product) for product in products]
        memory.write(
            self.station[name],
            "STATION",
            servers=servers,
            server_n=station.servers,
            priority=station.priority,
            before=int(station.blocking == "before"),
            makes=0 if station.makes is None else self.product[station.makes] + 1,
            calendar=NONE if station.calendar is None else self.calendar[station.calendar],
            takes=memory.store([cell for buffer, count in takes.items() for cell in (self.buffer[buffer], count)]),
            take_n=len(takes),
            single=int(list(takes.values()) == [1]),
            needs=self._lay_needs(station.needs),
            need_n=len(station.needs),
            failures=memory.record(cell.FAILURE_SIZE, len(station.failures)),
            failure_n=len(station.failures),
            works=memory.store(works),
            setups=setups,
            routes=memory.store([cell for route in routes for cell in route]),
            work_stream=memory.stream(work_stream),
            route_stream=memory.stream(station_stream(name, "route")),
            setup_stream=memory.stream(setup_stream),
            transfer_stream=memory.stream(station_stream(name, "transfer")),
            time_in=memory.record(len(STATES)),
        )
        failure_at = int(memory.cells[self.station[name] + cell.STATION_FAILURES])
        for mode, failure in station.failures.items():
            self._lay_failure(failure_at, name, mode, failure)
            failure_at += cell.FAILURE_SIZE

    def _lay_failure(self, at: int, station: str, mode: str, failure: Failure) -> None:
        life, repair = station_stream(station, f"life/{mode}"), station_stream(station, f"repair/{mode}")
        self.memory.write(
            at,
            "FAILURE",
            calendar=int(failure.clock == "calendar"),
            life_law=self.memory.law(failure.time_to_failure, life),
            life_stream=self.memory.stream(life),
            repair_law=self.memory.law(failure.repair, repair),
            repair_stream=self.memory.stream(repair),
            needs=self._lay_needs(failure.needs),
            need_n=len(failure.needs),
        )

    def _lay_needs(self, needs: Mapping[str, int]) -> int:
        return self.memory.store([cell for name, count in needs.items() for cell in (self.resource[name], count)])

    def _lay_routes(self, name: str, station: Station, product: str) -> tuple[int, int]:
        """Address and number of the routes open to a product."""
        found = [(place, route) for place, route in enumerate(station.to) if route.product in (None, product)]
        edges = cumulative(tuple(route.probability for _, route in found)) if found else []
        laws = [self.memory.law(route.transfer, station_stream(name, "transfer")) for _, route in found]
        at = self.memory.record(cell.ROUTE_SIZE, len(found))
        for i, (place, route) in enumerate(found):
            way = self.ways.get((name, place), NONE)
            to = self._target(route)
            self.memory.write(at + i * cell.ROUTE_SIZE, "ROUTE", to=to, way=way, law=laws[i], edge=edges[i])
            if way != NONE:
                self.memory.write(way, "WAY", to=to)
        return at, len(found)

    def _target(self, route: Route) -> int:
        known = {OUT: TO_OUT, SCRAP: TO_SCRAP}
        return known[route.to] if route.to in known else self.buffer[route.to]

    # -- buffers, sources, pallets ---------------------------------------------------------------------

    def _lay_buffers(self) -> None:
        for name, buffer in buffers_of(self.line).items():
            consumers: list[int] = []
            for station_name, station in self.line.stations.items():
                takes = takes_of(station_name, station)
                if name in takes:
                    consumers += (self.station[station_name], int(takes == {name: 1}))
            initial = [(self.product[name], count) for name, count in parts_of(buffer, self.names.products)]
            self.memory.write(
                self.buffer[name],
                "BUFFER",
                capacity=NO_LIMIT if buffer.capacity is None else buffer.capacity,
                consumers=self.memory.store(consumers),
                consumer_n=len(consumers) // 2,
                initial=self.memory.store([len(initial), *(cell for pair in initial for cell in pair)]),
            )

    def _lay_sources(self) -> None:
        at = self.sources
        for name, source in self.line.sources.items():
            self._lay_source(at, name, source)
            at += cell.SOURCE_SIZE
        for i, order in enumerate(self.line.orders):
            product = 0 if order.product is None else self.product[order.product]
            record = self.orders + i * cell.ORDER_SIZE
            self.memory.write(record, "ORDER", product=product, quantity=order.quantity, release=float(order.release))
        for place in self.places:
            here = [i for i, order in enumerate(self.line.orders) if order.to == place]
            here.sort(key=lambda i: self.line.orders[i].release)
            orders = self.memory.store([self.orders + i * cell.ORDER_SIZE for i in here])
            first = float(self.line.orders[here[0]].release)
            self.memory.write(at, "SOURCE", kind=ORDERED, to=self.buffer[place], orders=orders, limit=len(here))
            self.memory.write(at, "SOURCE", first=first)
            at += cell.SOURCE_SIZE

    def _lay_source(self, at: int, name: str, source: Source) -> None:
        weights: list[float] = []
        product = -1
        if isinstance(source.product, Mapping):
            weights = cumulative(tuple(source.product.values()))
        else:
            product = 0 if source.product is None else self.product[source.product]
        due = () if source.plan is None else source.plan.due
        mixed = list(source.product) if isinstance(source.product, Mapping) else []
        self.memory.write(
            at,
            "SOURCE",
            kind=ALWAYS if source.interval is None else INTERVAL,
            to=self.buffer[source.to],
            product=product,
            weights=self.memory.store([*(float(self.product[p]) for p in mixed), *weights]),
            weight_n=len(weights),
            law=self.memory.law(source.interval, source_stream(name, "interval")),
            stream=self.memory.stream(source_stream(name, "interval")),
            product_stream=self.memory.stream(source_stream(name, "product")),
            batch=source.batch,
            limit=source.limit or NO_LIMIT,
            loses=int(source.full == "lose" and source.interval is not None),
            first=_first_of(source),
            plan=self.memory.store([*(float(time) for time, _ in due), *(self.product[name] for _, name in due)]),
            plan_n=len(due),
            plan_period=math.inf if source.plan is None or source.plan.period is None else float(source.plan.period),
        )

    def _lay_pallets(self) -> None:
        for station, record in self.station.items():
            loads = [self.pallets[name] for name, carriers in self.line.pallets.items() if carriers.load == station]
            unloads = [i for i, carriers in enumerate(self.line.pallets.values()) if carriers.unload == station]
            self.memory.write(record, "STATION", loads=self.memory.store(loads), load_n=len(loads))
            self.memory.write(record, "STATION", unloads=sum(1 << i for i in unloads))
        for i, (name, carriers) in enumerate(self.line.pallets.items()):
            at, load = self.pallets[name], self.station[carriers.load]
            law, stream = self.memory.law(carriers.back, pallets_stream(name)), self.memory.stream(pallets_stream(name))
            way = self.ways[name]
            self.memory.write(
                at, "PALLETS", count=carriers.count, bit=1 << i, load=load, law=law, stream=stream, way=way
            )
            self.memory.write(way, "WAY", pallets=at)

    # -- clocks and streams ----------------------------------------------------------------------------

    def _number_clocks(self) -> None:
        """Numbers the clocks: sources, servers, alarms, calendars, ways; each knows its owner."""
        memory, owners = self.memory, []
        for i in range(len(self.line.sources) + len(self.places)):
            owners.append(self.sources + i * cell.SOURCE_SIZE)
            memory.write(owners[-1], "SOURCE", clock=i)
        servers = [
            self.servers + i * cell.SERVER_SIZE for i in range(sum(s.servers for s in self.line.stations.values()))
        ]
        for server in servers:
            memory.write(server, "SERVER", clock=len(owners))
            owners.append(server)
        alarms_at = len(owners)
        for server in servers:
            alarm = memory.cells[server + cell.SERVER_ALARM]
            memory.write(server, "SERVER", alarm=len(owners) if alarm else NONE)
            owners += [server] if alarm else []
        calendars_at = len(owners)
        for at in self.calendar.values():
            memory.write(at, "CALENDAR", clock=len(owners))
            owners.append(at)
        ways_at = len(owners)
        for at in self.ways.values():
            memory.write(at, "WAY", clock=len(owners))
            owners.append(at)
        blocks = -(-len(owners) // BLOCK)
        memory.write(
            self.run,
            "RUN",
            owners=memory.store(owners),
            clocks=memory.record(BLOCK, blocks),
            firsts=memory.record(blocks),
            block_n=blocks,
            alarms_at=alarms_at,
            calendars_at=calendars_at,
            ways_at=ways_at,
        )

    def _lay_streams(self) -> None:
        """Lays the streams out and puts their addresses where their numbers stand."""
        memory = self.memory
        first = memory.record(cell.STREAM_SIZE, len(memory.streams))
        self._streams = {name: first + i * cell.STREAM_SIZE for name, i in memory.streams.items()}
        for place in memory.stream_cells:
            memory.cells[place] = first + int(memory.cells[place]) * cell.STREAM_SIZE
        memory.write(self.run, "RUN", streams=first, stream_n=len(memory.streams))
        memory.write(self.run, "RUN", tables=memory.store(memory.tables), table_n=len(memory.tables))


def _first(records: Mapping[Any, int]) -> int:
    return next(iter(records.values()), NONE)


def _first_of(source: Source) -> float:
    """When the first part comes; negative when it comes after an interval."""
    if source.first is not None:
        return float(source.first)
    return 0.0 if source.interval is None else -1.0
