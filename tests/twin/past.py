"""Pasts of lines whose every parameter is known: what a plant would have written down of a simulated line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineside.demo import line as demo_line
from lineside.demo import stations as demo
from lineside.demo.line import Line as DemoLine
from lineside.twin import Line
from lineside.twin.fit import GOOD, NOBODY, REJECTED, Record, Spans, Visits
from lineside.twin.model import SCRAP
from lineside.twin.oracle.run import Run
from lineside.twin.oracle.stations import Server, switches
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING

MOST_EVENTS = 10_000_000
_DEMO_STATES = {
    demo_line.EXECUTE: WORKING,
    demo_line.STARVED: STARVED,
    demo_line.BLOCKED: BLOCKED,
    demo_line.FAULT: DOWN,
    demo_line.SETUP: SETUP,
    demo_line.STOPPED: OFF,
}


@dataclass(frozen=True, slots=True)
class Told:
    """How much of what happened was written down."""

    parts: bool = True
    """Which part it was; else counters only."""
    begins: bool = True
    """When work began."""
    states: bool = True
    reasons: bool = True
    """Why a station was down."""
    rounded: float = 0.0
    """Times are told in multiples of it."""


def record_of(line: Line, horizon: float, seed: int, told: Told | None = None) -> Record:
    """What was written down of one replication, from an empty line on; seconds."""
    scribe = _Scribe(line, seed)
    scribe.until(horizon, MOST_EVENTS)
    return scribe.record(line, horizon, told or Told())


@dataclass(slots=True)
class _Server:
    """What a server does, since when and for what reason."""

    state: int = -1
    reason: int = NOBODY
    since: float = 0.0
    begun: float = math.nan
    rejected: bool = False
    made: int = NOBODY


@dataclass(slots=True)
class _Tables:
    visits: list[tuple[Any, ...]] = field(default_factory=list)
    spans: list[tuple[Any, ...]] = field(default_factory=list)


class _Scribe(Run):
    """A replication in which every begin, end and state is written down."""

    def __init__(self, line: Line, seed: int) -> None:
        self._tables = _Tables()
        self._parts: dict[int, tuple[int, Any]] = {}
        super().__init__(line, seed, 0, 0.0)
        self._servers = {server: _Server() for server in self.floor.servers()}
        self._place = {
            server: (station.index, k) for station in self.floor.stations for k, server in enumerate(station.servers)
        }
        names = dict.fromkeys(name for station in line.stations.values() for name in station.failures)
        self._reasons = {name: place for place, name in enumerate(names)}

    def _pass_time(self, to: float) -> None:
        now = self.books.now
        if to > now:
            for server, seen in self._servers.items():
                state = server.state()
                failure = server.failure if state == DOWN else None
                reason = NOBODY if failure is None else self._reasons[server.station.failures[failure][0]]
                if state != seen.state or reason != seen.reason:
                    self._close(server, seen, now)
                    seen.state, seen.reason, seen.since = state, reason, now
        super()._pass_time(to)

    def _close(self, server: Server, seen: _Server, now: float) -> None:
        if now > seen.since:
            self._tables.spans.append((*self._place[server], seen.state, seen.since, now, seen.reason))

    def _begin_part(self, server: Server) -> None:
        seen = self._servers[server]
        seen.begun, seen.made = self.books.now, server.part.product
        super()._begin_part(server)

    def choose_road(self, server: Server) -> Any:
        road = super().choose_road(server)
        self._servers[server].rejected = road.to is self.floor.exits[SCRAP]
        return road

    def _finish(self, server: Server) -> None:
        part, seen = server.part, self._servers[server]
        number, _ = self._parts.setdefault(id(part), (len(self._parts), part))  # held, so that no id comes twice
        super()._finish(server)
        station, place = self._place[server]
        result = REJECTED if seen.rejected else GOOD
        self._tables.visits.append((station, number, seen.made, place, seen.begun, self.books.now, result))

    def record(self, line: Line, horizon: float, told: Told) -> Record:
        """What was written down up to the horizon."""
        for server, seen in self._servers.items():
            self._close(server, seen, horizon)
        products = tuple(line.products)
        return Record(
            name=line.name,
            epoch=None,
            stations=tuple(line.stations),
            products=products,
            reasons=tuple(self._reasons) if told.reasons else (),
            visits=_visits(self._tables, told, products=bool(products)),
            spans=_spans(self._tables, told),
            shifts=dict(_shifts(line, horizon)),
            start=0.0,
            end=horizon,
        )


def _visits(tables: _Tables, told: Told, *, products: bool) -> Visits:
    rows = tables.visits
    station, part, product, server, begun, finished, result = (
        np.array([row[column] for row in rows]) for column in range(7)
    )
    nobody, nowhen = np.full(len(rows), NOBODY), np.full(len(rows), np.nan)
    return Visits(
        station.astype(np.int32),
        (part if told.parts else nobody).astype(np.int64),
        (product if products else nobody).astype(np.int32),
        server.astype(np.int32),
        _rounded(begun, told) if told.begins else nowhen,
        _rounded(finished, told),
        result.astype(np.int32),
        np.arange(2, len(rows) + 2),
    )


def _spans(tables: _Tables, told: Told) -> Spans:
    rows = sorted(tables.spans, key=lambda row: (row[0], row[1], row[3])) if told.states else []
    columns = [np.array([row[column] for row in rows]) for column in range(6)]
    start, end = _rounded(columns[3], told), _rounded(columns[4], told)
    reason = columns[5] if told.reasons else np.full(len(rows), NOBODY)
    kept = end > start
    codes = [column.astype(np.int32)[kept] for column in (*columns[:3], reason)]
    return Spans(codes[0], codes[1], codes[2], start[kept], end[kept], codes[3])


def _rounded(times: np.ndarray, told: Told) -> np.ndarray:
    return np.round(times / told.rounded) * told.rounded if told.rounded else times.astype(float)


def _shifts(line: Line, horizon: float) -> Iterator[tuple[str, np.ndarray]]:
    """When each station with a calendar was on shift."""
    for name, station in line.stations.items():
        if station.calendar is None:
            continue
        calendar = line.calendars[station.calendar]
        edges = [0.0] if any(start == 0 for start, _ in calendar.on) else []
        for time in switches(calendar):
            if time >= horizon:
                break
            edges.append(time)
        edges += [horizon] * (len(edges) % 2)
        yield name, np.array(edges).reshape(-1, 2)


def demo_product(time: float) -> str:
    """The product due in the demo's line at a time: half a day of each."""
    return "pump-a" if int(time / (12 * 3600)) % 2 == 0 else "pump-b"


def demo_record(stations: Sequence[demo.Station], horizon: float, seed: int) -> Record:
    """What the demo's simulator, which shares nothing with the twin, wrote down."""
    line = DemoLine(stations, seed, demo_product)
    while line.known_until < horizon:
        line.next_part()
    tables = _Tables()
    codes = list(demo.PRODUCTS.values())
    for place, happened in enumerate(line.happened):
        edges = np.array([0.0, *happened.state_time, horizon])
        states = np.array([STARVED, *(_DEMO_STATES[state] for state in happened.state)])
        for k in np.flatnonzero((edges[1:] > edges[:-1]) & (edges[:-1] < horizon)).tolist():
            end = min(float(edges[k + 1]), horizon)
            tables.spans.append((place, 0, int(states[k]), float(edges[k]), end, NOBODY))
        made = np.searchsorted(happened.product_time, happened.unit_time, side="right") - 1
        for time, good, k in zip(happened.unit_time, happened.unit_good, made.tolist(), strict=True):
            if time < horizon:
                product = codes.index(happened.product[k])
                tables.visits.append((place, NOBODY, product, 0, math.nan, time, GOOD if good else REJECTED))
    tables.visits.sort(key=lambda row: row[5])
    told = Told(parts=False, begins=False, reasons=False)
    names, products = tuple(station.id for station in stations), tuple(demo.PRODUCTS)
    return Record(
        "demo", None, names, products, (), _visits(tables, told, products=True), _spans(tables, told), {}, 0.0, horizon
    )
