"""Parts with an identity replayed: each along its real way, with its real times at every station.

What is tried is what lies between: the places, the servers side by side, the rule of blocking, and that who came first
goes first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

import numpy as np

from lineside.twin.distributions import mean_of
from lineside.twin.fit.record import Spans, rows
from lineside.twin.fit.routes import followed
from lineside.twin.fit.segments import Clocks
from lineside.twin.model import Line
from lineside.twin.tally import DOWN, SETUP, STARVED, WORKING, Floats, Ints
from lineside.twin.validate.clock import Clock, leaving
from lineside.twin.validate.past import Past


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """What really happened from a moment on, one row a visit; times on shift."""

    station: Ints
    effort: Floats
    """At work, in set-up and down from its begin, or the moment, to its finish."""
    begun: Floats
    left: Floats
    before: Ints
    """The visit its part made before, -1 for none; one that was over at the moment counts."""
    after: Ints
    """The visit its part made next, -1 for none."""
    awaited: np.ndarray
    """Whether the server starved before it."""
    over: np.ndarray
    """Whether it was over at the moment."""
    stops: tuple[tuple[int, float, float], ...]
    """Station, begin and end of stops and set-ups of a server that no visit holds."""


def real_of(past: Past, clock: Clock, start: float) -> Real:
    """What parts did from a moment of a record on; see `Real`."""
    visits = rows(past.record.visits, ~np.isnan(past.record.visits.finished))
    finished, n = visits.finished, len(visits)
    order, follow = followed(visits)
    before, after = np.full(n, -1), np.full(n, -1)
    before[order[follow + 1]], after[order[follow]] = order[follow], order[follow + 1]
    came = np.where(before >= 0, finished[before], -np.inf)
    effort, starved, begun, left = np.zeros(n), np.zeros(n), finished.copy(), finished.copy()
    stops: list[tuple[int, float, float]] = []
    for s, segments in enumerate(past.segments):
        if segments is None:
            continue
        for server in range(segments.servers):
            spans = rows(segments.spans, segments.spans.server == server)
            own = np.flatnonzero((visits.station == s) & ((visits.server == server) | (segments.servers == 1)))
            if not len(own) or not len(spans):
                continue
            clocks, ended = Clocks(spans), finished[own]
            free = np.concatenate([[-np.inf], ended[:-1]])
            told = visits.started[own]
            begun[own] = np.where(np.isnan(told), _begins(spans, np.maximum(free, came[own]), ended), told)
            since, until = np.clip(begun[own], start, None), np.clip(ended, start, None)
            effort[own] = clocks.at(until, WORKING, SETUP, DOWN) - clocks.at(since, WORKING, SETUP, DOWN)
            starved[own] = np.diff(clocks.at(np.concatenate([[start], until]), STARVED))
            left[own] = leaving(spans, ended)
            stopped = rows(spans, np.isin(spans.state, (DOWN, SETUP)) & (spans.end > start))
            stops += [(s, *span) for span in _outside(stopped, begun[own], ended)]
    edges = clock.at(np.array([span for _, *span in stops]).reshape(-1, 2)).tolist()
    return Real(
        visits.station.astype(np.int64), effort, clock.at(begun), clock.at(left), before, after, starved > 0,
        finished < start, tuple((s, low, high) for (s, _, _), (low, high) in zip(stops, edges, strict=True)),
    )  # fmt: skip


def _begins(spans: Spans, ready: Floats, ended: Floats) -> Floats:
    """When a server first worked on parts after both were ready."""
    work = rows(spans, np.isin(spans.state, (WORKING, SETUP)))
    first = np.concatenate([work.start, [np.inf]])[np.searchsorted(work.end, ready, side="right")]
    begins: Floats = np.minimum(np.maximum(first, ready), ended)
    return begins


def _outside(spans: Spans, begun: Floats, ended: Floats) -> list[tuple[float, float]]:
    """What of a server's spans lies between its visits."""
    middle = (spans.start + spans.end) / 2
    place = np.searchsorted(ended, middle)
    low = np.maximum(spans.start, np.concatenate([[-np.inf], ended])[place])
    high = np.minimum(spans.end, np.concatenate([begun, [np.inf]])[place])
    return [(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True) if b > a]


class Flow:
    """A line through which real visits go; afterwards `left` tells when each left its station, NaN for never."""

    def __init__(self, line: Line, codes: dict[str, int], real: Real, begin: float) -> None:
        n = max(codes.values()) + 1
        self.left = np.full(len(real.station), np.nan)
        self._real = real
        self._station, self._effort, self._after = real.station.tolist(), real.effort.tolist(), real.after.tolist()
        self._free, self._under_way = [1] * n, [0] * n
        self._places: list[int | None] = [None] * n
        self._ways: dict[tuple[int, int], float] = {}
        for name, station in line.stations.items():
            s = codes[name]
            self._free[s] = station.servers
            self._places[s] = None if station.buffer is None else station.buffer.capacity
            self._ways |= {(s, codes[to.to]): mean_of(to.transfer) for to in station.to if to.transfer is not None}
        self._waiting: list[deque[tuple[float, int]]] = [deque() for _ in range(n)]
        self._outside: list[deque[tuple[float, int]]] = [deque() for _ in range(n)]
        self._held: list[deque[int]] = [deque() for _ in range(n)]
        self._stopped: list[deque[int]] = [deque() for _ in range(n)]
        self._stirred: deque[int] = deque()
        self._events: list[tuple[float, int, str, int]] = []
        self._numbers = count()
        self._begin(begin)

    def run(self) -> None:
        """Lets everything happen."""
        self._settle(self._now)
        while self._events:
            time, _, what, which = heappop(self._events)
            s = self._real.stops[which][0] if what in ("stop", "ready") else self._station[which]
            match what:
                case "finish":
                    self._onward(which, time)
                case "arrive":
                    self._under_way[s] -= 1
                    self._waiting[s].append((time, which))
                case "enter":
                    self._outside[s].append((time, which))
                case "stop":
                    self._stopped[s].append(which)
                case "ready":
                    self._free[s] += 1
            self._stirred.append(s)
            self._settle(time)

    def _begin(self, begin: float) -> None:
        """What was at work, what waited and what was held at the moment, and when the rest comes in."""
        real, self._now = self._real, begin
        known = real.before >= 0
        there = ~real.over & known
        there[there] = real.over[real.before[there]]
        working = ~real.over & (real.begun < begin) & (there | ~known)
        for visit in np.flatnonzero(working).tolist():
            self._free[self._station[visit]] -= 1
            self._at(begin + self._effort[visit], "finish", visit)
        waiting = np.flatnonzero(there & ~working)
        for visit in waiting[np.argsort(real.left[real.before[waiting]], kind="stable")].tolist():
            s, held = self._station[visit], int(real.before[visit])
            places = self._places[s]
            if places is not None and len(self._waiting[s]) >= places and self._free[self._station[held]] > 0:
                self._held[s].append(held)
                self._free[self._station[held]] -= 1
            else:
                self._waiting[s].append((begin, visit))
        self._stirred.extend(range(len(self._free)))
        for which, (_, low, _) in enumerate(real.stops):
            self._at(max(low, begin), "stop", which)
        entering = np.flatnonzero(~real.over & ~known & ~working)
        for s in np.unique(real.station[entering]):
            self._enter(entering[real.station[entering] == s], begin)

    def _enter(self, visits: Ints, begin: float) -> None:
        """Parts that enter the line at one station: when they did, or at once where the server never starved for them.

        Where parts also come from other stations nothing tells whether one waited outside: all come when they did.
        """
        real = self._real
        visits = visits[np.argsort(real.begun[visits], kind="stable")]
        mixed = bool(((real.station == real.station[visits[0]]) & (real.before >= 0)).any())
        came = np.where(real.awaited[visits] | mixed, real.begun[visits], begin)
        for visit, time in zip(visits.tolist(), np.maximum.accumulate(came).tolist(), strict=True):
            self._at(time, "enter", visit)

    def _at(self, time: float, what: str, which: int) -> None:
        heappush(self._events, (time, next(self._numbers), what, which))

    def _settle(self, time: float) -> None:
        """Lets go what is held where there is room now, lets servers stop, and begins what can be begun."""
        while self._stirred:
            s = self._stirred.popleft()
            while self._held[s] and self._room(s):
                self._go(self._held[s].popleft(), time)
            while self._free[s] > 0 and self._stopped[s]:
                which = self._stopped[s].popleft()
                if (until := self._real.stops[which][2]) > time:
                    self._free[s] -= 1
                    self._at(until, "ready", which)
            while self._free[s] > 0 and (visit := self._next(s)) is not None:
                self._free[s] -= 1
                self._at(time + self._effort[visit], "finish", visit)
                if self._held[s]:
                    self._stirred.append(s)

    def _next(self, s: int) -> int | None:
        """Who came first."""
        lines = [line for line in (self._waiting[s], self._outside[s]) if line]
        return min(lines, key=lambda line: line[0]).popleft()[1] if lines else None

    def _room(self, s: int) -> bool:
        places, there = self._places[s], len(self._waiting[s]) + self._under_way[s]
        return places is None or there < (places or self._free[s])

    def _onward(self, visit: int, time: float) -> None:
        after = self._after[visit]
        if after < 0:
            self._leave(visit, time)
        elif self._room(s := self._station[after]):
            self._go(visit, time)
        else:
            self._held[s].append(visit)

    def _go(self, visit: int, time: float) -> None:
        after = self._after[visit]
        here, there = self._station[visit], self._station[after]
        way = self._ways.get((here, there), 0.0)
        if way > 0:
            self._under_way[there] += 1
            self._at(time + way, "arrive", after)
        else:
            self._waiting[there].append((time, after))
            self._stirred.append(there)
        self._leave(visit, time)

    def _leave(self, visit: int, time: float) -> None:
        self.left[visit] = time
        self._free[self._station[visit]] += 1
        self._stirred.append(self._station[visit])
