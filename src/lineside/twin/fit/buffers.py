"""How many places there are before each station, from what the stations before and behind them did.

A level is the parts finished before less the parts begun behind. Where parts are only counted, the levels are known up
to a constant, which the moments tell at which the station behind starved: then nothing was between. The capacity shows
when a station before was blocked; without that the largest level seen is all the data can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.record import NOBODY, REJECTED, Record, Spans, rows
from lineside.twin.fit.routes import Routes
from lineside.twin.fit.segments import Segments
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
    own, before = segments[station], [b for b in routes.before[station] if b != station]
    feeding = [segments[s] for s in before]
    if own is None or not before or any(one is None for one in feeding):
        return None
    if own.from_states:
        return _by_states(record, station, before, [one for one in feeding if one is not None], own)
    came = routes.came[station]
    return None if came is None else _by_parts(record, station, before, came)


def _by_states(
    record: Record, station: int, before: Sequence[int], feeding: Sequence[Segments], own: Segments
) -> Places | None:
    """Levels at the moments at which a station before was blocked, counted from those at which this one starved."""
    visits = record.visits
    came = np.sort(visits.finished[np.isin(visits.station, before) & (visits.result != REJECTED)])
    gone = np.sort(visits.finished[visits.station == station])
    came, gone = came[~np.isnan(came)], gone[~np.isnan(gone)]
    if not len(came) or not len(gone):
        return None
    starved = _middles(own.spans, STARVED) if own.servers == 1 else np.zeros(0)
    between = _counts(came, starved) - _counts(gone, starved)
    if not len(starved):
        return None
    full, held = _blocked(feeding)
    if len(full) < _LEAST_BLOCKS:
        at = came[len(came) // 20 :]
        level = _counts(came, at) - _counts(gone, at) - _nearest(starved, between, at) - _busy(own, at)
        return Places(max(int(np.quantile(level, 0.999)), 0), told=False, seen=len(full), agree=0.0)
    busy = _busy(own, full)
    levels = _counts(came, full) - _counts(gone, full) - _nearest(starved, between, full) - busy - held
    values, counts = np.unique(levels, return_counts=True)
    likely = int(values[counts.argmax()])
    return Places(max(likely, 0), told=True, seen=len(full), agree=float(counts.max() / counts.sum()))


def level_at(
    record: Record, routes: Routes, station: int, segments: Sequence[Segments | None], time: float
) -> int | None:
    """Parts waiting before a station at a time, those that blocked servers hold left out; None when nothing tells."""
    before = [b for b in routes.before[station] if b != station]
    own, feeding = segments[station], [one for s in before if (one := segments[s]) is not None]
    if own is None or not feeding:
        return None
    at = np.array([time])
    visits = record.visits
    came = np.sort(visits.finished[np.isin(visits.station, before) & (visits.result != REJECTED)])
    if not own.from_states:
        there = routes.came[station]
        if there is None:
            return None
        mine = rows(visits, visits.station == station)
        begun = np.where(np.isnan(mine.started), mine.finished, mine.started)
        return int(((there <= time) & (begun > time)).sum())
    gone = np.sort(visits.finished[visits.station == station])
    starved = _middles(own.spans, STARVED) if own.servers == 1 else np.zeros(0)
    if not len(starved):
        return None
    between = _counts(came, starved) - _counts(gone, starved)
    held = sum(_state_counts(one, at, (BLOCKED,)) for one in feeding)
    level = _counts(came, at) - _counts(gone, at) - _nearest(starved, between, at) - _busy(own, at) - held
    return max(int(level[0]), 0)


def _by_parts(record: Record, station: int, before: Sequence[int], there: Floats) -> Places:
    """Levels from single parts; full where a station before stood still with a part waiting before it.

    A blocked station keeps its finished part, which counts as between: a full buffer shows one part more a blocked
    server than it has places.
    """
    own = rows(record.visits, record.visits.station == station)
    begun = np.where(np.isnan(own.started), own.finished, own.started)
    known = ~np.isnan(there) & ~np.isnan(begun)
    came, begun = np.sort(there[known]), np.sort(begun[known])
    if not len(came):
        return Places(0, told=False, seen=0, agree=0.0)
    level = _counts(came, came) - _counts(begun, came)
    top = int(level.max())
    reached = int((level == top).sum())
    lasting = top > len(before) and reached >= max(_LEAST_BLOCKS, 0.02 * len(level))
    if lasting and _stood(record, before, came[level == top]):
        return Places(top - len(before), told=True, seen=reached, agree=1.0)
    return Places(top, told=False, seen=0, agree=0.0)


def _stood(record: Record, before: Sequence[int], moments: Floats) -> bool:
    """Whether the stations before mostly began nothing for a while after these moments, though they have parts."""
    visits = record.visits
    own = rows(visits, np.isin(visits.station, before))
    if np.isnan(own.started).all():
        return False
    begun = np.sort(own.started[~np.isnan(own.started)])
    gap = begun[np.minimum(np.searchsorted(begun, moments + 1e-9), len(begun) - 1)] - moments
    usual = float(np.median(np.diff(begun))) if len(begun) > 1 else 0.0
    return bool(np.median(gap) > 0.05 * usual)


def _middles(spans: Spans, state: int) -> Floats:
    which = (spans.state == state) & (spans.end - spans.start > _SETTLED_S)
    middles: Floats = np.sort((spans.start[which] + spans.end[which]) / 2)
    return middles


def _blocked(feeding: Sequence[Segments]) -> tuple[Floats, Ints]:
    """Moments at which a station before was blocked, and how many servers then held a finished part."""
    found = [_middles(one.spans, BLOCKED) for one in feeding]
    moments = np.sort(np.concatenate(found))
    held = sum((_state_counts(one, moments, (BLOCKED,)) for one in feeding), np.zeros(len(moments), np.int64))
    return moments, held


def _busy(own: Segments, moments: Floats) -> Ints:
    """How many servers hold a part that is not finished: at work, in set-up, down or standing still off shift."""
    return _state_counts(own, moments, (WORKING, SETUP, DOWN, OFF))


def _state_counts(segments: Segments, moments: Floats, states: Sequence[int]) -> Ints:
    count = np.zeros(len(moments), np.int64)
    for server in range(segments.servers):
        spans = rows(segments.spans, segments.spans.server == server)
        if len(spans):
            place = np.maximum(np.searchsorted(spans.start, moments, side="right") - 1, 0)
            count += np.isin(spans.state[place], states)
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


def transfer_before(record: Record, station: int) -> float:
    """How long the way to a station takes: the time from finish to begin of parts that found it waiting; seconds.

    0 where parts have no identity or begins are not known.
    """
    visits = record.visits
    own = rows(visits, (visits.station == station) & (visits.part != NOBODY))
    if len(own) < 20 or np.isnan(own.started).any():
        return 0.0
    order = np.lexsort((visits.finished, visits.part))
    part, finished, place = visits.part[order], visits.finished[order], visits.station[order]
    follow = np.flatnonzero((part[1:] == part[:-1]) & (place[1:] == station))
    gaps = visits.started[order[follow + 1]] - finished[follow]
    starts = visits.started[order[follow + 1]]
    ends = np.sort(own.finished)
    last_end = ends[np.maximum(np.searchsorted(ends, starts - 1e-6) - 1, 0)]
    waiting = (last_end < finished[follow] - 1e-6) & (gaps >= 0)
    if int(waiting.sum()) < 10:
        return 0.0
    low, middle = np.quantile(gaps[waiting], (0.1, 0.5))
    return float(middle) if middle > 0.2 and middle - low < 0.5 * middle else 0.0
