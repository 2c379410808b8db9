"""What each station did, part by part: how long it worked on each, its set-ups, its stops.

Where states were recorded they tell it. Where only begin and end of work are known the time between is taken for
waiting: for room where it ends as a part is begun behind, else for parts. Where only the end is known, work began when
the part was there and the station free: the recursion of a serial line, turned round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lineside.twin.fit.record import NOBODY, UNKNOWN, Codes, Record, Spans, Visits, joined, rows
from lineside.twin.fit.routes import followed
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, STATES, WAITING, WORKING, Floats

_INSTANT = 1e-6
IDLE = (STARVED, BLOCKED, WAITING)
_LEAST_CHANGES = 5
_LONGER = 0.5
"""Of the work on a part: what changes of product must mostly take to be set-ups."""
_AT_ONCE_S = 0.5
_SELDOM_BY_CHANCE = 0.02
"""Of the time between begins; twice that share of other waits is mistaken."""


@dataclass(frozen=True, slots=True, eq=False)
class Works:
    """One row a part whose work is known whole, in the order of its finish."""

    duration: Floats
    """Time at work."""
    setup: Floats
    """Time in set-up before it."""
    product: Codes
    before: Codes
    """The product made before."""
    finished: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Stops:
    """One row a time the station was down."""

    start: Floats
    duration: Floats
    worked: Floats
    """Working time of the server before it, since the record began."""
    up: Floats
    """The same of the time in which it was not down."""
    idle: np.ndarray
    """Whether it began while the station did not work."""
    reason: Codes
    server: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """What one station did."""

    name: str
    servers: int
    works: Works
    stops: Stops
    shares: Floats
    """Of the time known, by STATES."""
    coverage: float
    """Known of the time of the record."""
    worked: Floats
    """Working time of each server in all, and `up` the time it was not down."""
    up: Floats
    spans: Spans
    """One server after the other; made of the visits where no states were recorded."""
    from_states: bool


def segments_of(record: Record, station: int, came: Floats | None = None) -> Segments | None:
    """What a station did; None when nothing is known of it. `came` is when each of its parts was there, if known."""
    visits = rows(record.visits, record.visits.station == station)
    spans = rows(record.spans, record.spans.station == station)
    from_states = len(spans) > 0 and bool(np.isin(spans.state, (WORKING, SETUP)).any())
    if not from_states:
        visits = _with_starts(visits, came)
        visits = _with_servers(visits)
        spans = _with_blocks(record, station, _spans_of(record, station, visits))
    if not len(visits) and not from_states:
        return None
    servers = int(max(spans.server.max(initial=0), visits.server.max(initial=0))) + 1
    works, stops, worked, up = [], [], np.zeros(servers), np.zeros(servers)
    for server in range(servers):
        own = rows(spans, spans.server == server)
        if not len(own):
            continue
        clocks = Clocks(own)
        worked[server], up[server] = clocks.total(WORKING), clocks.total(WORKING, SETUP, *IDLE)
        mine = visits.server == server if servers > 1 else np.ones(len(visits), bool)
        done = _works(rows(visits, mine), clocks, from_states=from_states)
        works.append(done if from_states else _with_setups(done))
        stops.append(_stops(own, clocks, server))
    length = spans.end - spans.start
    known = spans.state != UNKNOWN
    total = float(length[known].sum())
    shares = np.bincount(spans.state[known], length[known], len(STATES))[: len(STATES)] / max(total, 1e-9)
    coverage = total / max((record.end - record.start) * servers, 1e-9)
    return Segments(
        record.stations[station], servers, _in_order(works), joined(Stops, stops), shares, min(coverage, 1.0),
        worked, up, spans, from_states,
    )  # fmt: skip


class Clocks:
    """How much time of each state had passed at any moment."""

    def __init__(self, spans: Spans) -> None:
        self._edges = np.concatenate([spans.start, spans.end[-1:]])
        self._length = spans.end - spans.start
        self._state = spans.state
        gaps = np.flatnonzero(spans.start[1:] > spans.end[:-1] + 1e-9)
        if len(gaps):  # time that no span tells of is unknown
            self._edges = np.sort(np.concatenate([spans.start, spans.end]))
            self._edges = np.unique(self._edges)
            place = np.searchsorted(spans.start, self._edges[:-1], side="right") - 1
            inside = self._edges[:-1] < spans.end[place] - 1e-12
            self._state = np.where(inside, spans.state[place], UNKNOWN)
            self._length = np.diff(self._edges)

    def at(self, times: Floats, *states: int) -> Floats:
        """The time in these states before each of these times."""
        passed = np.concatenate([[0.0], np.cumsum(np.where(np.isin(self._state, states), self._length, 0.0))])
        told: Floats = np.interp(times, self._edges, passed)
        return told

    def total(self, *states: int) -> float:
        """The time in these states in all."""
        return float(self._length[np.isin(self._state, states)].sum())


def _works(visits: Visits, clocks: Clocks, *, from_states: bool) -> Works:
    """The work on each part, those with gaps left out: since its begin, or since the part before it was finished.

    A first part without a begin is left out as well: nobody knows what was done to it before the record.
    """
    visits = rows(visits, ~np.isnan(visits.finished))
    finished = visits.finished
    told = ~np.isnan(visits.started)
    free = np.concatenate([[-np.inf], finished[:-1]])
    begun = np.where(told, visits.started, free)
    duration = clocks.at(finished, WORKING) - clocks.at(begun, WORKING)
    setup = clocks.at(finished, SETUP) - clocks.at(free, SETUP)
    whole = told.copy()
    whole[1:] = True
    if from_states:
        whole &= (clocks.at(finished, UNKNOWN) - clocks.at(begun, UNKNOWN) < _INSTANT) & (duration > 1e-9)
    before = np.concatenate([np.full(1, NOBODY, np.int32), visits.product[:-1]])[: len(visits)]
    return Works(duration[whole], setup[whole], visits.product[whole], before[whole], finished[whole])


def _with_setups(works: Works) -> Works:
    """Set-ups split out of the work: what parts after a change of product mostly took longer than others do."""
    changed = works.before != works.product
    usual, extra = works.duration.copy(), np.zeros(len(works.duration))
    for kind in np.unique(works.product[changed]):
        first, other = changed & (works.product == kind), ~changed & (works.product == kind)
        if other.any():
            usual[first] = np.median(works.duration[other])
            extra[first] = np.maximum(works.duration[first] - usual[first], 0.0)
    if int(changed.sum()) < _LEAST_CHANGES or np.median(extra[changed]) < _LONGER * np.median(works.duration):
        return works
    return replace(works, duration=usual, setup=extra)


def _stops(spans: Spans, clocks: Clocks, server: int) -> Stops:
    """Times down, with what breaks and nights cut out of them."""
    shown = (spans.state != OFF) & (spans.end > spans.start)
    kept = rows(spans, shown)
    down = kept.state == DOWN
    follows = np.concatenate([[False], down[:-1] & (kept.reason[1:] == kept.reason[:-1])])
    first = down & ~follows
    group = np.cumsum(first)[down] - 1
    count = int(first.sum())
    duration: Floats = np.zeros(count)
    np.add.at(duration, group, (kept.end - kept.start)[down])
    at = np.flatnonzero(first)
    start = kept.start[at]
    before = np.where(at > 0, kept.state[np.maximum(at - 1, 0)], UNKNOWN)
    return Stops(
        start, duration, clocks.at(start, WORKING), clocks.at(start, WORKING, SETUP, *IDLE), np.isin(before, IDLE),
        kept.reason[at], np.full(count, server, np.int32),
    )  # fmt: skip


def _with_starts(visits: Visits, came: Floats | None) -> Visits:
    """Visits with a begin each: as told, or when the part was there and the station free."""
    if not len(visits) or not np.isnan(visits.started).any():
        return visits
    free = np.concatenate([[np.nan], visits.finished[:-1]])
    ready = free if came is None else np.fmax(came, free)
    started = np.where(np.isnan(visits.started), np.fmin(ready, visits.finished), visits.started)
    started = np.where(np.isnan(started), visits.finished, started)
    return replace(visits, started=started)


def _with_servers(visits: Visits) -> Visits:
    """Visits with a server each: as told where no two of one overlap, else the first that is free."""
    told = visits.server
    if len(visits) and (told >= 0).all() and not any(_overlapping(visits, told == s) for s in np.unique(told)):
        return visits
    order = np.argsort(visits.started, kind="stable")
    server, free = np.zeros(len(visits), np.int32), [-np.inf]
    for i in order.tolist():
        begin = visits.started[i]
        place = next((s for s, until in enumerate(free) if until <= begin + 1e-6), len(free))
        free[place : place + 1] = [float(visits.finished[i])]
        server[i] = place
    return replace(visits, server=server)


def _overlapping(visits: Visits, which: np.ndarray) -> bool:
    """Whether more than one in fifty begins before the one before it on the same server has ended."""
    started, finished = visits.started[which], visits.finished[which]
    order = np.argsort(started, kind="stable")
    early = started[order][1:] < finished[order][:-1] - 1e-6
    return bool(early.mean() > 0.02) if len(early) else False


def _spans_of(record: Record, station: int, visits: Visits) -> Spans:
    """Visits as states: at work from begin to end, else waiting for parts; off shift where that is known."""
    shifts = record.shifts.get(record.stations[station])
    pieces = []
    for server in range(int(visits.server.max(initial=-1)) + 1):
        own = visits.server == server
        order = np.argsort(visits.started[own], kind="stable")
        start, end = visits.started[own][order], visits.finished[own][order]
        end = np.where(np.isnan(end), record.end, end)
        start = np.maximum(start, np.concatenate([[record.start], np.maximum.accumulate(end)[:-1]]))
        end = np.maximum(end, start)
        edges = [record.start, record.end, *start.tolist(), *end.tolist()]
        edges += [] if shifts is None else np.clip(shifts.ravel(), record.start, record.end).tolist()
        cuts = np.unique(np.clip(edges, record.start, record.end))
        middle = (cuts[1:] + cuts[:-1]) / 2
        working = inside(np.column_stack([start, end]), middle)
        on = np.ones(len(middle), bool) if shifts is None else inside(shifts, middle)
        state = np.where(on, np.where(working, WORKING, STARVED), OFF).astype(np.int32)
        full = np.full(len(state), station, np.int32)
        nothing = np.full(len(state), NOBODY, np.int32)
        pieces.append(Spans(full, np.full(len(state), server, np.int32), state, cuts[:-1], cuts[1:], nothing))
    return joined(Spans, pieces)


def _with_blocks(record: Record, station: int, spans: Spans) -> Spans:
    """Waiting that ends the moment a part is begun behind was waiting for the place that part left."""
    visits = record.visits
    order, follow = followed(visits)
    behind = np.unique(visits.station[order[follow + 1]][visits.station[order[follow]] == station])
    begun = visits.started[np.isin(visits.station, behind)]
    begun = np.sort(begun[~np.isnan(begun)])
    if len(begun) < 2:
        return spans
    near = min(_AT_ONCE_S, _SELDOM_BY_CHANCE * float(np.median(np.diff(begun))))
    after = np.minimum(np.searchsorted(begun, spans.end), len(begun) - 1)
    gap = np.minimum(np.abs(begun[after] - spans.end), np.abs(spans.end - begun[after - 1]))
    return replace(
        spans, state=np.where((spans.state == STARVED) & (gap <= near), BLOCKED, spans.state).astype(np.int32)
    )


def inside(spans: Floats, times: Floats) -> np.ndarray:
    """Which times lie in one of the disjoint, ordered spans."""
    begun = np.searchsorted(spans[:, 0], times, side="right")
    ended = np.searchsorted(spans[:, 1], times, side="right")
    within: np.ndarray = begun > ended
    return within


def _in_order(pieces: Sequence[Works]) -> Works:
    whole = joined(Works, pieces)
    return rows(whole, np.argsort(whole.finished, kind="stable"))
