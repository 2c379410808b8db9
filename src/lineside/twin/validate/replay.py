"""The first rung: real times of work, set-up and stops, simulated flow.

Only the structure is tried: the order of the stations, the places between them, machines side by side, the rule of
blocking. With every duration taken from the record the departures must come out again, to within a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from lineside.twin.fit.record import NOBODY, REJECTED, Record
from lineside.twin.fit.routes import known_parts
from lineside.twin.fit.segments import Clocks
from lineside.twin.fit.twin import Twin
from lineside.twin.model import OUT, Line
from lineside.twin.tally import BLOCKED, DOWN, SETUP, STARVED, WORKING, Floats
from lineside.twin.validate.clock import Clock, leaving
from lineside.twin.validate.past import HOLDING, Past
from lineside.twin.validate.ways import Flow, real_of


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
    """Replays a stretch of the record through the twin's line; or why it cannot, as a key under `validate`.

    Parts with an identity go their real ways; those that were only counted go through a row in their order.
    """
    record, line = past.record, twin.line
    codes = {name: record.stations.index(name) for name in line.stations}
    known = known_parts(record.visits)
    if line.pallets or line.resources or any(s.takes or s.blocking == "before" for s in line.stations.values()):
        return "replay_shared"
    if any((own := past.segments[s]) is None or not own.from_states for s in codes.values()):
        return "replay_no_states"
    if not np.isin(record.visits.station, list(codes.values())).all():
        return "replay_new_station"
    own_shifts = {record.shifts[name].tobytes() for name in codes if name in record.shifts}
    if len(own_shifts) > 1:
        return "replay_shifts"
    clock = Clock(record, next(iter(codes)))
    pairs = _by_parts(line, codes, past, clock, (start, end)) if known else _in_a_row(twin, past, clock, (start, end))
    if isinstance(pairs, str):
        return pairs
    errors, count = np.concatenate([np.abs(real - simulated) for real, simulated in pairs[0]]), pairs[1]
    if not len(errors) or count < 2:
        return "replay_nothing"
    begin, until = clock.at(np.array([start, end])).tolist()
    return Replay(len(errors), float(np.median(errors)), float(np.quantile(errors, 0.95)), (until - begin) / count)


Pairs: TypeAlias = tuple[list[tuple[Floats, Floats]], int]
"""Real and simulated departures by station, and how many parts left the line."""
Stretch: TypeAlias = tuple[float, float]


def _by_parts(line: Line, codes: dict[str, int], past: Past, clock: Clock, stretch: Stretch) -> Pairs | str:
    """The n-th departure of a station is held against its n-th: who overtook whom there is not asked."""
    visits = past.record.visits
    some = [(visits.station == s, own) for s in codes.values() if (own := past.segments[s]) is not None]
    if (visits.part == NOBODY).any() or any(own.servers > 1 and (visits.server[at] < 0).any() for at, own in some):
        return "replay_no_parts"
    begin, until = clock.at(np.array(stretch)).tolist()
    real = real_of(past, clock, stretch[0])
    flow = Flow(line, codes, real, begin)
    flow.run()
    pairs = []
    for s in codes.values():
        own = ~real.over & (real.station == s)
        told = np.sort(real.left[own])
        told = told[told < until]
        simulated = np.sort(np.where(np.isnan(flow.left[own]), until, flow.left[own]))
        pairs.append((told, simulated[: len(told)]))
    return pairs, int((~real.over & (real.after < 0) & (real.left < until)).sum())


def _in_a_row(twin: Twin, past: Past, clock: Clock, stretch: Stretch) -> Pairs | str:
    """Counted parts go in their order, so the n-th at one station is the n-th at the next."""
    chain = _chain(twin, past.record)
    if chain is None:
        return "replay_no_row"
    if any((own := past.segments[s]) is None or own.servers > 1 for s in chain):
        return "replay_no_parts"
    begin = float(clock.at(np.array(stretch[:1]))[0])
    stations = [_Real(past, s, chain[k - 1] if k else None, clock, *stretch) for k, s in enumerate(chain)]
    left = _run(stations, [_capacity(twin, past.record.stations[s]) for s in chain], begin)
    pairs = zip(stations, left, strict=True)
    return [(real.left[: len(told)], np.array(told)) for real, told in pairs], len(stations[-1].left)


class _Real:
    """What one station really did in a stretch."""

    def __init__(self, past: Past, s: int, before: int | None, clock: Clock, start: float, end: float) -> None:
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
        self.left = clock.at(leaving(segments.spans, finished))
        self.inside = 0
        if before is not None:
            level = past.waiting(s, start)
            held = past.doing(s, 0, start).state in HOLDING
            blocked = past.doing(before, 0, start).state == BLOCKED
            self.inside = level + int(held) + int(blocked)


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
