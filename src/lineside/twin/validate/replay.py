"""The first rung: real times of work, set-up and stops, simulated flow.

Only the structure is tried: the order of the stations, the places between them, the rule of blocking. With every
duration taken from the record the departures must come out again, to within a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.record import REJECTED, Record
from lineside.twin.fit.segments import Clocks, Segments
from lineside.twin.fit.twin import Twin
from lineside.twin.model import OUT
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING, Floats
from lineside.twin.validate.past import HOLDING, Past


@dataclass(frozen=True, slots=True)
class Replay:
    """How far simulated departures are from the real ones, in seconds on shift."""

    departures: int
    median: float
    high: float
    """19 of 20 departures are nearer."""
    cycle: float
    """Mean time between departures."""

    @property
    def holds(self) -> bool:
        """Whether 19 of 20 departures come out to within a cycle."""
        return self.high <= self.cycle


def replay(twin: Twin, past: Past, start: float, end: float) -> Replay | str:
    """Replays a stretch of the record through the twin's line; or why it cannot, as a key under `validate`."""
    record = past.record
    chain = _chain(twin, record)
    if chain is None:
        return "replay_no_row"
    if any((own := past.segments[s]) is None or own.servers > 1 or not own.from_states for s in chain):
        return "replay_no_states"
    own_shifts = {record.shifts[record.stations[s]].tobytes() for s in chain if record.stations[s] in record.shifts}
    if len(own_shifts) > 1:
        return "replay_shifts"
    clock = _Clock(record, record.stations[chain[0]])
    begin, until = clock.at(np.array([start, end])).tolist()
    stations = [_Real(past, s, chain[k - 1] if k else None, clock, start, end) for k, s in enumerate(chain)]
    places = [_capacity(twin, record.stations[s]) for s in chain]
    left = _run(stations, places, begin)
    gaps = [
        np.abs(np.array(simulated) - real.left[: len(simulated)])
        for real, simulated in zip(stations, left, strict=True)
    ]
    errors = np.concatenate(gaps)
    count = len(stations[-1].left)
    if not len(errors) or count < 2:
        return "replay_nothing"
    return Replay(len(errors), float(np.median(errors)), float(np.quantile(errors, 0.95)), (until - begin) / count)


class _Clock:
    """Time on shift."""

    def __init__(self, record: Record, name: str) -> None:
        spans = record.shifts.get(name)
        spans = np.array([[record.start, record.end]]) if spans is None else spans
        self._edges = spans.ravel()
        self._passed = np.concatenate(
            [[0.0], np.cumsum(np.diff(self._edges) * (np.arange(len(self._edges) - 1) % 2 == 0))]
        )

    def at(self, times: Floats) -> Floats:
        told: Floats = np.interp(times, self._edges, self._passed)
        return told


class _Real:
    """What one station really did in a stretch."""

    def __init__(self, past: Past, s: int, before: int | None, clock: _Clock, start: float, end: float) -> None:
        visits = past.record.visits
        own = (visits.station == s) & (visits.finished >= start) & (visits.finished < end)
        finished = visits.finished[own]
        segments = past.segments[s]
        if segments is None:
            raise ValueError(s)
        self.good = visits.result[own] != REJECTED
        self.finished = clock.at(finished)
        states = (WORKING, SETUP, DOWN) if before is not None else (WORKING, SETUP, DOWN, STARVED)
        busy = Clocks(segments.spans).at(np.concatenate([[start], finished]), *states)
        self.effort = np.diff(busy)
        """Time at work, in set-up and down for each part; at the first station also waiting for material."""
        self.left = clock.at(_leaving(segments, finished))
        self.inside = 0
        if before is not None:
            level = past.waiting(s, start)
            held = past.doing(s, 0, start).state in HOLDING
            blocked = past.doing(before, 0, start).state == BLOCKED
            self.inside = level + int(held) + int(blocked)


def _leaving(segments: Segments, finished: Floats) -> Floats:
    """When parts left: at their finish, or at the end of the blocked time that followed it."""
    spans = segments.spans
    place = np.minimum(np.searchsorted(spans.start, finished + 1e-6, side="right") - 1, len(spans.start) - 1)
    follows = place.copy()
    while True:  # breaks lie inside blocked times
        off = (spans.state[follows] == OFF) & (follows + 1 < len(spans.start))
        if not off.any():
            break
        follows = np.where(off, follows + 1, follows)
    blocked = (spans.state[follows] == BLOCKED) & (
        spans.start[follows] <= np.maximum(finished + 1.0, spans.end[place] + 1.0)
    )
    ends = spans.end[follows].copy()
    after = follows + 1
    for _ in range(4):
        more = blocked & (after + 1 < len(spans.start)) & (spans.state[np.minimum(after, len(spans.start) - 1)] == OFF)
        more &= spans.state[np.minimum(after + 1, len(spans.start) - 1)] == BLOCKED
        if not more.any():
            break
        ends = np.where(more, spans.end[np.minimum(after + 1, len(spans.start) - 1)], ends)
        after = np.where(more, after + 2, after)
    return np.where(blocked, ends, finished)


def _run(stations: list[_Real], places: list[int | None], begin: float) -> list[list[float]]:
    """When each part leaves each station: a part leaves when there is room, begins when the station is free."""
    count = len(stations)
    starts: list[list[float]] = [[] for _ in range(count)]
    left: list[list[float]] = [[] for _ in range(count)]
    came: list[list[float]] = [[begin] * real.inside for real in stations]
    turn = True
    while turn:
        turn = False
        for j, real in enumerate(stations):
            while len(left[j]) < len(real.effort):
                n = len(left[j])
                if j and n >= len(came[j]):
                    break
                free = left[j][-1] if n else begin
                start = max(free, came[j][n]) if j else free
                if len(starts[j]) == n:
                    starts[j].append(start)
                finish = start + float(real.effort[n])
                leaves = finish
                if bool(real.good[n]) and j + 1 < count:
                    room = places[j + 1]
                    behind = len(came[j + 1]) - (1 if room == 0 else room) if room is not None else -1
                    if room is not None and behind >= 0:
                        known = left[j + 1] if room == 0 else starts[j + 1]
                        if behind >= len(known):
                            break
                        leaves = max(finish, known[behind])
                    came[j + 1].append(leaves)
                left[j].append(leaves)
                turn = True
    return left


def _chain(twin: Twin, record: Record) -> list[int] | None:
    """The stations in their order, when each hands on to one other alone."""
    names = list(twin.line.stations)
    sources = [source.to for source in twin.line.sources.values()]
    if len(sources) != 1 or sources[0] not in names:
        return None
    chain = [sources[0]]
    while True:
        onward = {route.to for route in twin.line.stations[chain[-1]].to if route.to in names}
        if not onward:
            break
        if len(onward) > 1 or onward & set(chain):
            return None
        chain.append(onward.pop())
    ends = {route.to for route in twin.line.stations[chain[-1]].to}
    return [record.stations.index(name) for name in chain] if OUT in ends and len(chain) == len(names) else None


def _capacity(twin: Twin, name: str) -> int | None:
    buffer = twin.line.stations[name].buffer
    return None if buffer is None else buffer.capacity
