"""What a plant would have written down of a simulated line: every begin, end and state."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lineside.twin.fit.record import GOOD, NOBODY, REJECTED, Record, Spans, Visits
from lineside.twin.model import SCRAP, Line
from lineside.twin.oracle.parts import Road
from lineside.twin.oracle.run import Run
from lineside.twin.oracle.stations import Server, switches
from lineside.twin.tally import DOWN, Floats
from lineside.twin.units import seconds_in

_MOST_EVENTS = 10_000_000


def simulated_record(line: Line, horizon: float, seed: int, replication: int = 0) -> Record:
    """The record of one replication from time 0 to the horizon, in the line's unit; the record's times are seconds.

    Raises ConfigurationError for a time unit nobody knows, LinesideError for a line that never ends.
    """
    unit = seconds_in(line.time_unit)
    scribe = _Scribe(line, seed, replication)
    scribe.until(horizon, _MOST_EVENTS)
    return scribe.record(line, horizon, unit)


@dataclass(slots=True)
class _Seen:
    """What a server does, since when and for what reason, and the part it works on."""

    state: int = -1
    reason: int = NOBODY
    since: float = 0.0
    begun: float = math.nan
    rejected: bool = False
    made: int = NOBODY


class _Scribe(Run):
    """A replication of which everything is written down."""

    def __init__(self, line: Line, seed: int, replication: int) -> None:
        self._visits: list[tuple[Any, ...]] = []
        self._spans: list[tuple[Any, ...]] = []
        self._parts: dict[int, tuple[int, Any]] = {}
        super().__init__(line, seed, replication, 0.0)
        self._seen = {server: _Seen() for server in self.floor.servers()}
        self._place = {
            server: (station.index, k) for station in self.floor.stations for k, server in enumerate(station.servers)
        }
        names = dict.fromkeys(name for station in line.stations.values() for name in station.failures)
        self._reasons = {name: place for place, name in enumerate(names)}

    def _pass_time(self, to: float) -> None:
        now = self.books.now
        if to > now:
            for server, seen in self._seen.items():
                state = server.state()
                failure = server.failure if state == DOWN else None
                reason = NOBODY if failure is None else self._reasons[server.station.failures[failure][0]]
                if state != seen.state or reason != seen.reason:
                    self._close(server, seen, now)
                    seen.state, seen.reason, seen.since = state, reason, now
        super()._pass_time(to)

    def _close(self, server: Server, seen: _Seen, now: float) -> None:
        if now > seen.since:
            self._spans.append((*self._place[server], seen.state, seen.since, now, seen.reason))

    def _begin_part(self, server: Server) -> None:
        seen = self._seen[server]
        seen.begun, seen.made = self.books.now, server.part.product
        super()._begin_part(server)

    def choose_road(self, server: Server) -> Road:
        """Note beside the choice whether the part is scrapped."""
        road = super().choose_road(server)
        self._seen[server].rejected = road.to is self.floor.exits[SCRAP]
        return road

    def _finish(self, server: Server) -> None:
        part, seen = server.part, self._seen[server]
        number, _ = self._parts.setdefault(id(part), (len(self._parts), part))  # held, so that no id comes twice
        super()._finish(server)
        station, place = self._place[server]
        result = REJECTED if seen.rejected else GOOD
        self._visits.append((station, number, seen.made, place, seen.begun, self.books.now, result))

    def record(self, line: Line, horizon: float, unit: float) -> Record:
        """What was written down up to the horizon."""
        for server, seen in self._seen.items():
            self._close(server, seen, horizon)
        products = tuple(line.products)
        return Record(
            name=line.name,
            epoch=None,
            stations=tuple(line.stations),
            products=products,
            reasons=tuple(self._reasons),
            visits=_visits(self._visits, unit, products=bool(products)),
            spans=_spans(self._spans, unit),
            shifts={name: spans * unit for name, spans in _shifts(line, horizon)},
            start=0.0,
            end=horizon * unit,
        )


def _visits(rows: Sequence[tuple[Any, ...]], unit: float, *, products: bool) -> Visits:
    station, part, product, server, begun, finished, result = _columns(rows, 7)
    return Visits(
        station.astype(np.int32),
        part.astype(np.int64),
        (product if products else np.full(len(rows), NOBODY)).astype(np.int32),
        server.astype(np.int32),
        begun * unit,
        finished * unit,
        result.astype(np.int32),
        np.arange(2, len(rows) + 2),
    )


def _spans(rows: Sequence[tuple[Any, ...]], unit: float) -> Spans:
    station, server, state, start, end, reason = _columns(sorted(rows, key=lambda row: (row[0], row[1], row[3])), 6)
    who = station.astype(np.int32), server.astype(np.int32)
    return Spans(*who, state.astype(np.int32), start * unit, end * unit, reason.astype(np.int32))


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[Floats]:
    return [np.array([row[column] for row in rows], np.float64) for column in range(count)]


def _shifts(line: Line, horizon: float) -> Iterator[tuple[str, Floats]]:
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
