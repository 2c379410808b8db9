"""A record asked about moments: what waited where, what every server was doing and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.buffers import Flow, flow_before
from lineside.twin.fit.names import named
from lineside.twin.fit.record import NOBODY, UNKNOWN, Record, Spans, rows
from lineside.twin.fit.routes import Routes, routes_of
from lineside.twin.fit.segments import Segments, segments_of
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING, Floats
from lineside.twin.validate.epochs import on_spans

HOLDING = (WORKING, SETUP, DOWN)


@dataclass(frozen=True, slots=True)
class Doing:
    """What a server was doing at a moment; off shift, what it did before."""

    state: int
    since: float = 0.0
    """How long it had been in this state, on shift."""
    reason: str = ""
    """Of a stop, as a twin names it; empty where nobody told."""
    part: int = STARVED
    """WORKING, SETUP or BLOCKED: what it did with its part, were it not down; else it had none."""
    passed: float = 0.0
    """Of the work or set-up."""
    made: str | None = None
    """The product it made last."""


NOTHING = Doing(UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What was seen of a line at a moment, and what was known of the time that followed it."""

    start: float
    end: float
    on: Mapping[str, Floats]
    """When each station was on shift, (k, 2), counted from the moment."""
    due: Mapping[str, Sequence[tuple[float, str]]]
    """By the stations at which parts enter: from when on which product."""
    queues: Mapping[str, Sequence[str | None]]
    """Products of the parts before each station and in its servers, those in the servers first."""
    doing: Mapping[str, Sequence[Doing]]
    """What each server of each station did."""


class Past:
    """A record with what follows from it, asked about many moments."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.routes: Routes = routes_of(record)
        self.segments: list[Segments | None] = [segments_of(record, s, came) for s, came in enumerate(self.routes.came)]
        self._visits = [rows(record.visits, record.visits.station == s) for s in range(len(record.stations))]
        self._flows: list[Flow | None] = [
            flow_before(record, self.routes, s, self.segments) for s in range(len(record.stations))
        ]
        self._spans: dict[tuple[int, int], Spans] = {}

    def products(self, station: int, start: float, end: float) -> list[tuple[float, str]]:
        """From when on, counted from `start`, which product a station made; empty where nothing tells.

        A product is due from when the last part of the one before was finished.
        """
        visits = self._visits[station]
        known = visits.product != NOBODY
        time, product = visits.finished[known], visits.product[known]
        until = int(np.searchsorted(time, end))
        place = max(int(np.searchsorted(time, start, side="right")) - 1, 0)
        due: dict[float, str] = {}
        for at in range(place, until):
            name = self.record.products[product[at]]
            if name not in list(due.values())[-1:]:
                due[max(float(time[max(at - 1, 0)]) - start, 0.0) if due else 0.0] = name
        return list(due.items())

    def waiting(self, station: int, time: float) -> int:
        """Parts that wait before a station at a time, that in its servers and those blocked behind left out."""
        return len(self.queue(station, time, 0))

    def queue(self, station: int, time: float, held: int) -> list[int]:
        """Products of the parts that wait before a station at a time, after those of the parts its servers hold."""
        flow = self._flows[station]
        return [] if flow is None else flow.queue(time, held)

    def doing(self, station: int, server: int, time: float) -> Doing:
        """What a server was doing at a time."""
        spans = self._server(station, server)
        place = _before(spans, int(np.searchsorted(spans.start, time, side="right")))
        if place < 0:
            return NOTHING
        state, visits = int(spans.state[place]), self._visits[station]
        done = visits.finished <= time
        going = ~done & (visits.started <= time)
        if (visits.server > 0).any():
            done &= visits.server == server
            going &= visits.server == server
        reason = int(spans.reason[place])
        begun = self._end(spans, _before(spans, place + 1, state, reason))
        lasted = _before(spans, place + 1, state)
        part = int(spans.state[lasted]) if state == DOWN and lasted >= 0 else state
        since = float(visits.finished[done][-1]) if done.any() else self.record.start
        if going.any() and part == WORKING:
            since = float(visits.started[going].max())
        elif (visits.server > 0).any():
            since = max(since, self._end(spans, lasted))
        product = int(visits.product[done][-1]) if done.any() else NOBODY
        return Doing(
            state,
            _time(spans, state, begun, time),
            named(self.record.reasons[reason]) if state == DOWN and reason != NOBODY else "",
            part if part in (WORKING, SETUP, BLOCKED) else STARVED,
            _time(spans, part, since, time) if part in (WORKING, SETUP) else 0.0,
            None if product == NOBODY else self.record.products[product],
        )

    def _end(self, spans: Spans, place: int) -> float:
        return float(spans.end[place]) if place >= 0 else self.record.start

    def _server(self, station: int, server: int) -> Spans:
        key = station, server
        if key not in self._spans:
            own = self.segments[station]
            every = self.record.spans if own is None else own.spans
            self._spans[key] = rows(every, every.server == server if own is not None else np.zeros(len(every), bool))
        return self._spans[key]


def moment_of(past: Past, start: float, end: float) -> Moment:
    """The line as it was at `start` of a record, with the shifts and products up to `end`."""
    record, doing, queues = past.record, {}, {}
    for s, name in enumerate(record.stations):
        own = past.segments[s]
        doing[name] = [past.doing(s, k, start) for k in range(own.servers)] if own is not None else []
        held = sum(one.state in HOLDING for one in doing[name])
        queues[name] = [None if p == NOBODY else record.products[p] for p in past.queue(s, start, held)]
    on = {name: on_spans(record, name, start, end) - start for name in record.stations}
    due = {record.stations[s]: past.products(s, start, end) for s, count in past.routes.first.items() if count}
    return Moment(start, end, on, due, queues, doing)


def _before(spans: Spans, end: int, state: int = OFF, reason: int | None = None) -> int:
    """The last of the first `end` spans on shift in another state, or for another reason; -1 where there is none."""
    while end > 0 and (
        spans.state[end - 1] == OFF
        or (spans.state[end - 1] == state and (reason is None or spans.reason[end - 1] == reason))
    ):
        end -= 1
    return end - 1


def _time(spans: Spans, state: int, start: float, end: float) -> float:
    """The time in a state in [start, end)."""
    low, high = np.searchsorted(spans.end, start, side="right"), np.searchsorted(spans.start, end)
    within = slice(int(low), int(high))
    length = np.minimum(spans.end[within], end) - np.maximum(spans.start[within], start)
    return float(length[spans.state[within] == state].sum())
