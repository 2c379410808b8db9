"""Pasts of lines whose every parameter is known: what a plant would have written down of a simulated line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lineside.demo import line as demo_line
from lineside.demo import stations as demo
from lineside.demo.line import Line as DemoLine
from lineside.twin import Line
from lineside.twin.fit import GOOD, NOBODY, REJECTED, Record, Spans, Visits, no_spans, simulated_record
from lineside.twin.fit.record import rows
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING

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

    def of(self, record: Record) -> Record:
        """What is left of a record."""
        return replace(
            record,
            reasons=record.reasons if self.reasons else (),
            visits=self._visits(record.visits),
            spans=self._spans(record.spans),
        )

    def _visits(self, visits: Visits) -> Visits:
        return replace(
            visits,
            part=visits.part if self.parts else np.full_like(visits.part, NOBODY),
            started=self._time(visits.started) if self.begins else np.full(len(visits), np.nan),
            finished=self._time(visits.finished),
        )

    def _spans(self, spans: Spans) -> Spans:
        if not self.states:
            return no_spans()
        reason = spans.reason if self.reasons else np.full_like(spans.reason, NOBODY)
        told = replace(spans, start=self._time(spans.start), end=self._time(spans.end), reason=reason)
        return rows(told, told.end > told.start)

    def _time(self, times: Any) -> Any:
        return np.round(times / self.rounded) * self.rounded if self.rounded else times


def record_of(line: Line, horizon: float, seed: int, told: Told | None = None) -> Record:
    """What was written down of one replication, from an empty line on; seconds."""
    return (told or Told()).of(simulated_record(line, horizon, seed))


def demo_product(time: float) -> str:
    """The product due in the demo's line at a time: half a day of each."""
    return "pump-a" if int(time / (12 * 3600)) % 2 == 0 else "pump-b"


def demo_record(stations: Sequence[demo.Station], horizon: float, seed: int) -> Record:
    """What the demo's simulator, which shares nothing with the twin, wrote down."""
    line = DemoLine(stations, seed, demo_product)
    while line.known_until < horizon:
        line.next_part()
    visits: list[tuple[Any, ...]] = []
    spans: list[tuple[Any, ...]] = []
    codes = list(demo.PRODUCTS.values())
    for place, happened in enumerate(line.happened):
        edges = np.array([0.0, *happened.state_time, horizon])
        states = np.array([STARVED, *(_DEMO_STATES[state] for state in happened.state)])
        kept = np.flatnonzero((edges[1:] > edges[:-1]) & (edges[:-1] < horizon)).tolist()
        spans += [(place, states[k], edges[k], min(float(edges[k + 1]), horizon)) for k in kept]
        made = np.searchsorted(happened.product_time, happened.unit_time, side="right") - 1
        for time, good, k in zip(happened.unit_time, happened.unit_good, made.tolist(), strict=True):
            if time < horizon:
                visits.append((place, codes.index(happened.product[k]), time, GOOD if good else REJECTED))
    visits.sort(key=lambda row: row[2])
    names, products = tuple(station.id for station in stations), tuple(demo.PRODUCTS)
    return Record("demo", None, names, products, (), _visits(visits), _spans(spans), {}, 0.0, horizon)


def _visits(told: Sequence[tuple[Any, ...]]) -> Visits:
    """Counted pieces as visits: neither which part nor when its work began."""
    station, product, finished, result = (np.array(column) for column in zip(*told, strict=True))
    first = np.zeros(len(told), np.int32)
    nobody, nowhen = np.full(len(told), NOBODY, np.int64), np.full(len(told), np.nan)
    codes = [column.astype(np.int32) for column in (station, product, result)]
    return Visits(codes[0], nobody, codes[1], first, nowhen, finished, codes[2], np.arange(2, len(told) + 2))


def _spans(told: Sequence[tuple[Any, ...]]) -> Spans:
    station, state, start, end = (np.array(column) for column in zip(*told, strict=True))
    first, nobody = np.zeros(len(told), np.int32), np.full(len(told), NOBODY, np.int32)
    return Spans(station.astype(np.int32), first, state.astype(np.int32), start, end, nobody)
