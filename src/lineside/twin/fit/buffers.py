"""How many places there are before each station, from what the stations before and behind them did.

A level is the parts finished before less the parts begun behind: those that took this way, where parts have an
identity. Where they are only counted, levels are known up to a constant, which the moments tell at which a server
behind starved: then nothing was between. The capacity shows when a station before was blocked by a part that was to
come here; without that the largest level seen is all the data can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lineside.twin.fit.record import NOBODY, REJECTED, Codes, Record, Spans, joined, rows
from lineside.twin.fit.routes import Routes, followed, known_parts
from lineside.twin.fit.segments import Clocks, Segments
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING, Floats, Ints

_LEAST_BLOCKS = 3
_SETTLED_S = 0.5


@dataclass(frozen=True, slots=True)
class Places:
    """What is known of a buffer's capacity."""

    capacity: int
    told: bool
    """Whether it was seen full; if not, there are at least so many places."""
    seen: int
    """How often it was seen full."""
    agree: float
    """Share of those moments at which the level was the capacity."""


def places_before(record: Record, routes: Routes, station: int, segments: Sequence[Segments | None]) -> Places | None:
    """The places between a station and those before it; None when nothing tells of either."""
    flow = flow_before(record, routes, station, segments)
    if flow is None or not len(flow.came) or not len(flow.gone):
        return None
    if flow.own.from_states:
        return _by_states(flow, known=known_parts(record.visits))
    return _by_parts(flow, flow.servers)


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What passes between a station and those before it."""

    came: Floats
    """When parts came, in order."""
    products: Codes
    """Of the parts that came."""
    gone: Floats
    """When they were begun, or finished where begins are not known."""
    held: tuple[Floats, Floats]
    """From when to when a server before held a finished part for it, each in order."""
    anchors: Floats
    """Moments at which none was waiting; empty where the level is known without them."""
    between: Ints
    """What the counts differed by at these moments."""
    own: Segments
    servers: int
    """Of the stations before, that can hold a finished part each."""
    begun: bool
    known: bool
    """Whether the level is told, not only how it changes."""

    def queue(self, time: float, held: int) -> list[int]:
        """Products of the parts that wait at a time, the first in line first, after those the `held` servers hold.

        Parts that servers before still hold are left out; nothing where only changes of the level are known.
        """
        if not self.known:
            return []
        at = np.array([time])
        end = int(_counts(self.came, at)[0]) - int(_counts(self.held[0], at)[0] - _counts(self.held[1], at)[0])
        waiting = max(int(self.level(at)[0]), 0)
        return [int(product) for product in self.products[max(end - waiting - held, 0) : max(end, 0)]]

    def level(self, at: Floats) -> Ints:
        """Parts waiting, those that blocked servers hold left out; up to a constant where no anchor is known."""
        level = self.counted(at) - _counts(self.held[0], at) + _counts(self.held[1], at)
        return level - _nearest(self.anchors, self.between, at) if len(self.anchors) else level

    def counted(self, at: Floats) -> Ints:
        """The same with those that blocked servers hold."""
        between = _counts(self.came, at) - _counts(self.gone, at)
        return between if self.begun else between - _busy(self.own, at)


def flow_before(record: Record, routes: Routes, station: int, segments: Sequence[Segments | None]) -> Flow | None:
    """What passes before a station; None when nothing tells of it or those before it.

    By the parts that took the way where they can be told apart, else by all that were finished before and behind.
    """
    own, before = segments[station], [b for b in routes.before[station] if b != station]
    feeding = [one for s in before if (one := segments[s]) is not None]
    if own is None or not before or len(feeding) < len(before):
        return None
    visits = record.visits
    known = known_parts(visits)
    if known:
        order, follow = followed(visits)
        here = follow[(visits.station[order[follow + 1]] == station) & np.isin(visits.station[order[follow]], before)]
        taken, reached = order[here], rows(visits, order[here + 1])
    else:
        taken = np.flatnonzero(np.isin(visits.station, before) & (visits.result != REJECTED))
        reached = rows(visits, visits.station == station)
    begun = known and not np.isnan(reached.started).any()
    taken = taken[np.argsort(visits.finished[taken], kind="stable")]
    taken = taken[~np.isnan(visits.finished[taken])]
    came, gone = visits.finished[taken], _ordered(reached.started if begun else reached.finished)
    blocked = [rows(one.spans, one.spans.state == BLOCKED) for one in feeding]
    if known:  # a part that waits to go elsewhere says nothing of these places
        blocked = [
            rows(one, _near(_ordered(visits.finished[taken[visits.station[taken] == s]]), one.start))
            for s, one in zip(before, blocked, strict=True)
        ]
    held = joined(Spans, blocked)
    anchors = np.zeros(0) if known else _middles(own.spans.start, own.spans.end, own.spans.state == STARVED)
    spans = np.sort(held.start), np.sort(held.end)
    flow = Flow(
        came, visits.product[taken], gone, spans, anchors[:0], np.zeros(0, np.int64), own,
        sum(one.servers for one in feeding), begun, known or len(anchors) > 0,
    )  # fmt: skip
    return replace(flow, anchors=anchors, between=flow.level(anchors))


def _by_states(flow: Flow, *, known: bool) -> Places:
    """Levels at the moments at which a station before was blocked."""
    full = _middles(*flow.held, np.ones(len(flow.held[0]), bool))
    full = full[full < flow.came[-1]]
    at = flow.came[len(flow.came) // 20 :]
    if not known and not len(flow.anchors):
        low, high = np.quantile(flow.level(at), (0.001, 0.999))
        return Places(int(high - low), told=False, seen=len(full), agree=0.0)
    if len(full) < _LEAST_BLOCKS:
        return Places(max(int(np.quantile(flow.level(at), 0.999)), 0), told=False, seen=len(full), agree=0.0)
    values, counts = np.unique(flow.level(full), return_counts=True)
    likely = int(values[counts.argmax()])
    return Places(max(likely, 0), told=True, seen=len(full), agree=float(counts.max() / counts.sum()))


def _by_parts(flow: Flow, servers: int) -> Places:
    """Levels of single parts at the moments at which a station before seemed to stand blocked.

    It only seems so: the largest level ever seen must be no larger. A blocked server keeps its finished part, which
    counts as between, so of the largest level seen so many may have been no places.
    """
    top = max(int(flow.counted(flow.came).max()) - servers, 0)
    full = _middles(*flow.held, np.ones(len(flow.held[0]), bool))
    if flow.begun and len(full) >= _LEAST_BLOCKS:
        values, counts = np.unique(flow.level(full), return_counts=True)
        agree = float(counts.max() / counts.sum())
        if agree > 0.5 and int(values[counts.argmax()]) == top:
            return Places(top, told=True, seen=int(counts.max()), agree=agree)
    return Places(top, told=False, seen=0, agree=1.0)


def _middles(start: Floats, end: Floats, which: np.ndarray) -> Floats:
    which = which & (end - start > _SETTLED_S)
    middles: Floats = np.sort((start[which] + end[which]) / 2)
    return middles


def _near(times: Floats, at: Floats) -> np.ndarray:
    """Which moments lie near one of the ordered times."""
    if not len(times):
        return np.zeros(len(at), bool)
    after = np.minimum(np.searchsorted(times, at), len(times) - 1)
    near: np.ndarray = np.minimum(np.abs(times[after] - at), np.abs(at - times[after - 1])) <= _SETTLED_S
    return near


def _ordered(times: Floats) -> Floats:
    return np.sort(times[~np.isnan(times)])


def _busy(own: Segments, moments: Floats) -> Ints:
    """Servers that hold a part that is not finished: at work, in set-up, down; off shift, by what they did before."""
    count = np.zeros(len(moments), np.int64)
    for server in range(own.servers):
        spans = rows(own.spans, own.spans.server == server)
        if len(spans):
            shown = np.maximum.accumulate(np.where(spans.state != OFF, np.arange(len(spans)), 0))
            place = np.maximum(np.searchsorted(spans.start, moments, side="right") - 1, 0)
            count += np.isin(spans.state[shown[place]], (WORKING, SETUP, DOWN, OFF))
    return count


def _counts(times: Floats, at: Floats) -> Ints:
    """How many of the ordered times are not after each moment."""
    return np.searchsorted(times, at, side="right")


def _nearest(anchors: Floats, values: Ints, at: Floats) -> Ints:
    """The value of the anchor nearest to each moment: a counter that lost a count is wrong only near the loss."""
    after = np.minimum(np.searchsorted(anchors, at), len(anchors) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(np.abs(anchors[after] - at) < np.abs(at - anchors[before]), after, before)
    return values[nearer]


def transfer_between(record: Record, before: int, station: int, own: Segments) -> float:
    """How long the way from one station to another takes: from finish to begin of parts that found it starved; seconds.

    0 where parts have no identity or begins are not known.
    """
    visits = record.visits
    here = (visits.station == station) & (visits.part != NOBODY)
    if int(here.sum()) < 20 or np.isnan(visits.started[here]).any():
        return 0.0
    order, follow = followed(visits)
    follow = follow[(visits.station[order[follow]] == before) & (visits.station[order[follow + 1]] == station)]
    came, reached = visits.finished[order[follow]], rows(visits, order[follow + 1])
    gaps = reached.started - came
    ends = np.sort(visits.finished[here])
    last_end = ends[np.maximum(np.searchsorted(ends, reached.started - 1e-6) - 1, 0)]
    waiting = (last_end < came - 1e-6) & (gaps >= 0)
    for server in range(own.servers):
        mine = (reached.server == server) | (own.servers == 1)
        spans = rows(own.spans, own.spans.server == server)
        if len(spans) and mine.any():
            clocks = Clocks(spans)
            starved = clocks.at(reached.started[mine], STARVED) - clocks.at(came[mine], STARVED)
            waiting[mine] &= starved > gaps[mine] - _SETTLED_S
    if int(waiting.sum()) < 10:
        return 0.0
    low, middle = np.quantile(gaps[waiting], (0.1, 0.5))
    return float(middle) if middle > 0.2 and middle - low < 0.5 * middle else 0.0
