"""A fitted line put into the state in which it was seen at a moment, with the shifts and products of what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lineside.twin.answers.document import scale
from lineside.twin.estimates import Z
from lineside.twin.fit.buffers import level_at
from lineside.twin.fit.record import NOBODY, Record
from lineside.twin.fit.routes import Routes, routes_of
from lineside.twin.fit.segments import Segments, segments_of
from lineside.twin.fit.twin import Parameter, Twin, plain_line
from lineside.twin.model import Line
from lineside.twin.reading import parse_line
from lineside.twin.tally import DOWN, OFF, SETUP, WORKING, Floats
from lineside.twin.validate.epochs import on_spans


class Past:
    """A record with what follows from it, asked about many moments."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.routes: Routes = routes_of(record)
        self.segments: list[Segments | None] = [segments_of(record, s, came) for s, came in enumerate(self.routes.came)]

    def products(self, station: int, start: float, end: float) -> list[tuple[float, str]]:
        """From when on, counted from `start`, which product a station made; empty where nothing tells."""
        visits = self.record.visits
        own = (visits.station == station) & (visits.product != NOBODY)
        time, product = visits.finished[own], visits.product[own]
        order = np.argsort(time, kind="stable")
        time, product = time[order], product[order]
        until = int(np.searchsorted(time, end))
        place = max(int(np.searchsorted(time, start, side="right")) - 1, 0)
        due: dict[float, str] = {}
        for at, kind in zip(time[place:until].tolist(), product[place:until].tolist(), strict=True):
            name = self.record.products[kind]
            if name not in list(due.values())[-1:]:
                due[max(at - start, 0.0) if due else 0.0] = name
        return list(due.items())

    def waiting(self, station: int, time: float) -> int:
        """Parts that wait before a station at a time, that in its servers and those blocked behind included."""
        return level_at(self.record, self.routes, station, self.segments, time) or 0

    def doing(self, station: int, server: int, time: float) -> int:
        """The state of a server at a time; off shift, what it did before."""
        own = self.segments[station]
        if own is None:
            return OFF
        spans = own.spans
        mine = (spans.server == server) & (spans.start <= time) & (spans.state != OFF)
        return int(spans.state[mine][-1]) if mine.any() else OFF


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What was seen of a line at a moment, and what was known of the time that followed it."""

    start: float
    end: float
    on: Mapping[str, Floats]
    """When each station was on shift, (k, 2), counted from the moment."""
    due: Mapping[str, Sequence[tuple[float, str]]]
    """By the stations at which parts enter: from when on which product."""
    parts: Mapping[str, int]
    """Parts before and in each station."""


def moment_of(past: Past, start: float, end: float) -> Moment:
    """The line as it was at `start` of a record, with the shifts and products up to `end`."""
    record, parts = past.record, {}
    for s, name in enumerate(record.stations):
        own = past.segments[s]
        held = sum(past.doing(s, k, start) in (WORKING, SETUP, DOWN) for k in range(own.servers)) if own else 0
        parts[name] = past.waiting(s, start) + held
    on = {name: on_spans(record, name, start, end) - start for name in record.stations}
    due = {record.stations[s]: past.products(s, start, end) for s, count in past.routes.first.items() if count}
    return Moment(start, end, on, due, parts)


def line_at(twin: Twin, moment: Moment, factors: Mapping[str, float] | None = None) -> Line:
    """The twin's line from a moment on: the shifts and products that followed, and the parts then in it.

    What a server was doing is begun anew: nothing in a record says how far it was. `factors` multiplies laws by JSON
    pointer.
    """
    document = plain_line(twin.line)
    for pointer, factor in (factors or {}).items():
        scale(document, pointer, factor)
    _calendars(document, moment)
    running = next((due[0][1] for due in moment.due.values() if due), None)
    for source in document["sources"].values():
        if "plan" in source and (due := moment.due.get(source["to"])):
            source["plan"] = {"due": [[time, product] for time, product in due]}
    for name, station in document["stations"].items():
        buffer = station.get("buffer")
        capacity = buffer["capacity"] if isinstance(buffer, dict) else buffer
        room = math.inf if capacity is None else capacity + int(station.get("servers", 1))
        parts = int(min(moment.parts.get(name, 0), room))
        if parts and not station.get("takes"):
            initial: Any = {running: parts} if running is not None and document.get("products") else parts
            station["buffer"] = {"capacity": capacity, "initial": initial}
    return parse_line(document)


def _calendars(document: dict[str, Any], moment: Moment) -> None:
    document.pop("calendars", None)
    made: dict[bytes, str] = {}
    length = moment.end - moment.start
    for name, station in document["stations"].items():
        station.pop("calendar", None)
        spans = moment.on[name]
        if len(spans) == 1 and spans[0, 0] <= 0 and spans[0, 1] >= length:
            continue
        if not len(spans):
            spans = np.array([[length, 2 * length]])
        key = spans.tobytes()
        if key not in made:
            made[key] = f"on-{len(made) + 1}"
            document.setdefault("calendars", {})[made[key]] = {"on": spans.tolist()}
        station["calendar"] = made[key]


def doubts(parameters: Sequence[Parameter], seed: int) -> dict[str, float]:
    """Factors by which fitted laws may be off, drawn from how well each is known; by JSON pointer."""
    draw = np.random.default_rng(seed)
    factors: dict[str, float] = {}
    for one in parameters:
        luck = float(draw.standard_normal())
        if one.what in ("work", "setup", "life", "repair", "interval") and one.low and one.high and one.value:
            sd = (math.log(one.high) - math.log(one.low)) / (2 * Z)
            factors[one.path] = math.exp(min(sd, 0.7) * luck)
    return factors
