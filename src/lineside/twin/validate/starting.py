"""A fitted line put into the state in which it was seen at a moment, with the shifts and products of what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lineside.twin.distributions import mean_of
from lineside.twin.estimates import Z
from lineside.twin.fit.buffers import level_at
from lineside.twin.fit.record import NOBODY, Record
from lineside.twin.fit.routes import Routes, routes_of
from lineside.twin.fit.segments import Segments, segments_of
from lineside.twin.fit.twin import Parameter, Twin, plain_line
from lineside.twin.model import Line
from lineside.twin.reading import parse_line
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, WORKING
from lineside.twin.validate.epochs import on_spans


class Past:
    """A record with what follows from it, asked about many moments."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.routes: Routes = routes_of(record)
        self.segments: list[Segments | None] = [segments_of(record, s, came) for s, came in enumerate(self.routes.came)]

    def products(self, start: float, end: float) -> list[tuple[float, str]]:
        """From when on, counted from `start`, which product came into the line; empty where nothing tells."""
        first = [s for s, count in self.routes.first.items() if count]
        visits = self.record.visits
        own = np.isin(visits.station, first) & (visits.product != NOBODY)
        time, product = visits.finished[own], visits.product[own]
        order = np.argsort(time, kind="stable")
        time, product = time[order], product[order]
        until = int(np.searchsorted(time, end))
        place = max(int(np.searchsorted(time, start, side="right")) - 1, 0)
        due: list[tuple[float, str]] = []
        for at, kind in zip(time[place:until].tolist(), product[place:until].tolist(), strict=True):
            name = self.record.products[kind]
            if not due or due[-1][1] != name:
                due.append((max(at - start, 0.0) if due else 0.0, name))
        return due

    def waiting(self, station: int, time: float) -> int:
        """Parts that wait before a station at a time, that in its servers and those blocked behind included."""
        before = [b for b in self.routes.before[station] if b != station]
        level = level_at(self.record, station, before, self.segments, time) if before else 0
        return level or 0

    def doing(self, station: int, server: int, time: float) -> int:
        """The state of a server at a time; off shift, what it did before."""
        own = self.segments[station]
        if own is None:
            return OFF
        spans = own.spans
        mine = (spans.server == server) & (spans.start <= time) & (spans.state != OFF)
        return int(spans.state[mine][-1]) if mine.any() else OFF


def line_at(twin: Twin, past: Past, start: float, end: float, *, factors: Mapping[str, float] | None = None) -> Line:
    """The twin's line from `start` to `end` of a record: the shifts and products that were, and the parts then in it.

    What a server was doing is begun anew, and a server that was down is down for a repair drawn anew: nothing in a
    record says how far it was. `factors` multiplies laws by JSON pointer.
    """
    document = plain_line(twin.line)
    for pointer, factor in (factors or {}).items():
        _scale(document, pointer, factor)
    _calendars(document, past.record, start, end)
    _plan(document, past, start, end)
    _parts(document, past, start)
    return parse_line(document)


def _calendars(document: dict[str, Any], record: Record, start: float, end: float) -> None:
    document.pop("calendars", None)
    made: dict[bytes, str] = {}
    for name, station in document["stations"].items():
        station.pop("calendar", None)
        spans = on_spans(record, name, start, end) - start
        if len(spans) == 1 and spans[0, 0] <= 0 and spans[0, 1] >= end - start:
            continue
        if not len(spans):
            spans = np.array([[end - start, 2 * (end - start)]])
        key = spans.tobytes()
        if key not in made:
            made[key] = f"on-{len(made) + 1}"
            document.setdefault("calendars", {})[made[key]] = {"on": spans.tolist()}
        station["calendar"] = made[key]


def _plan(document: dict[str, Any], past: Past, start: float, end: float) -> None:
    due = past.products(start, end)
    for source in document["sources"].values():
        if due and "plan" in source:
            source["plan"] = {"due": [[time, product] for time, product in due]}


def _parts(document: dict[str, Any], past: Past, start: float) -> None:
    """Parts that wait, and those in servers, which begin them anew."""
    names = past.record.stations
    due = past.products(start, start + 1.0)
    for name, station in document["stations"].items():
        s = names.index(name)
        servers = int(station.get("servers", 1))
        held = sum(past.doing(s, k, start) in (WORKING, SETUP, DOWN) for k in range(servers))
        parts = past.waiting(s, start) + held
        if parts and station.get("buffer") is not None:
            capacity = station["buffer"]["capacity"] if isinstance(station["buffer"], dict) else station["buffer"]
            parts = min(parts, capacity + servers)
            initial: Any = {due[0][1]: parts} if due and document.get("products") else parts
            station["buffer"] = {"capacity": capacity, "initial": initial}


def _scale(document: dict[str, Any], pointer: str, factor: float) -> None:
    """Multiplies every time of a law."""
    *way, last = pointer.lstrip("/").split("/")
    at: Any = document
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]
    law = at[last]
    scaled = {
        key: [value * factor for value in told] if key == "values" else told * factor if key in _TIMES else told
        for key, told in law.items()
    }
    at[last] = scaled


_TIMES = ("mean", "sd", "scale", "low", "mode", "high", "value", "shift")


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


__all__ = ["BLOCKED", "Past", "doubts", "line_at", "mean_of"]
