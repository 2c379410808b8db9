"""Two readings of what stations were seen doing: active periods, and the turning point of blocked and starved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from lineside.twin.fit.record import Spans
from lineside.twin.layout import takes_of
from lineside.twin.model import Line
from lineside.twin.tally import DOWN, SETUP, WORKING, Floats

_ACTIVE = (WORKING, SETUP, DOWN)


class _Period(NamedTuple):
    station: int
    start: float
    end: float


def active_shares(spans: Spans, stations: int, start: float, end: float) -> tuple[Floats, Floats]:
    """Shares of time in which each station is the bottleneck, alone and while it shifts, by the active period method.

    At each moment the machine whose uninterrupted active period (working, set-up, down) is the longest is the
    bottleneck; while the active periods of one and its successor overlap the bottleneck shifts and both count (Roser,
    Nakano and Tanaka, 2002). Waiting for a resource, blocked, starved, off and unknown end a period. Spans may
    come from a simulation or from history; `start` and `end` cut them.
    """
    alone, shifting = np.zeros(stations), np.zeros(stations)
    if end <= start:
        return alone, shifting
    chosen = _bottlenecks(_periods(spans, start, end))
    for i, period in enumerate(chosen):
        begun = max(period.start, chosen[i - 1].end) if i else period.start
        ended = min(period.end, chosen[i + 1].start) if i + 1 < len(chosen) else period.end
        own = max(0.0, ended - begun)
        alone[period.station] += own
        shifting[period.station] += period.end - period.start - own
    return alone / (end - start), shifting / (end - start)


def _periods(spans: Spans, start: float, end: float) -> list[_Period]:
    """Active spans that touch, as one; in the order of their start."""
    found: list[_Period] = []
    last = (-1, -1)
    for station, server, state, begun, ended in zip(
        spans.station, spans.server, spans.state, spans.start, spans.end, strict=True
    ):
        a, b = max(float(begun), start), min(float(ended), end)
        if state not in _ACTIVE or b <= a:
            continue
        if found and last == (station, server) and found[-1].end >= a:
            found[-1] = found[-1]._replace(end=b)
        else:
            found.append(_Period(int(station), a, b))
        last = (station, server)
    return sorted(found, key=lambda period: period.start)


def _bottlenecks(periods: Sequence[_Period]) -> list[_Period]:
    """The longest of the periods that hold each moment, one after the other."""
    chosen: list[_Period] = []
    waiting: list[tuple[float, int]] = []
    edges = sorted({edge for period in periods for edge in (period.start, period.end)})
    come = 0
    for moment in edges:
        while come < len(periods) and periods[come].start <= moment:
            heappush(waiting, (periods[come].start - periods[come].end, come))
            come += 1
        while waiting and periods[waiting[0][1]].end <= moment:
            heappop(waiting)
        if waiting:
            longest = periods[waiting[0][1]]
            if chosen and chosen[-1].station == longest.station and chosen[-1].end >= longest.start:
                chosen[-1] = chosen[-1]._replace(end=max(chosen[-1].end, longest.end))
            elif not chosen or longest != chosen[-1]:
                chosen.append(longest)
    return chosen


def turning_points(blocked: Floats, starved: Floats, feeds: Mapping[int, Sequence[int]]) -> list[int]:
    """Stations at which blocked before turns into starved behind, the least blocked and starved first.

    All stations that feed one are more blocked than starved, all that it feeds more starved than blocked, and it is
    itself blocked and starved less than any of them (Li, Chang and Ni, 2009). `feeds` says which stations each feeds.
    """
    before: dict[int, list[int]] = {i: [] for i in range(len(blocked))}
    for i, fed in feeds.items():
        for j in fed:
            before[j].append(i)
    idle = blocked + starved
    found = [
        i
        for i in range(len(blocked))
        if all(blocked[j] > starved[j] and idle[j] > idle[i] for j in before[i])
        and all(starved[j] > blocked[j] and idle[j] > idle[i] for j in feeds.get(i, ()))
    ]
    return sorted(found, key=lambda i: float(idle[i]))


def feeds_of(line: Line) -> dict[int, list[int]]:
    """Which stations each one feeds, by position; ways back are left out."""
    names = list(line.stations)
    takers: dict[str, list[int]] = {}
    for i, (name, station) in enumerate(line.stations.items()):
        for buffer in takes_of(name, station):
            takers.setdefault(buffer, []).append(i)
    ways = {
        i: list(dict.fromkeys(j for route in line.stations[name].to for j in takers.get(route.to, ())))
        for i, name in enumerate(names)
    }
    fed = {j for reached in ways.values() for j in reached}
    entries = [
        i for place in (*(s.to for s in line.sources.values()), *(o.to for o in line.orders)) for i in takers[place]
    ]
    onward: dict[int, list[int]] = {}

    def follow(i: int, way: tuple[int, ...]) -> None:
        if i in onward:
            return
        onward[i] = [j for j in ways[i] if j not in way and j != i]
        for j in onward[i]:
            follow(j, (*way, i))

    for i in (*entries, *sorted(ways, key=lambda i: i in fed)):
        follow(i, ())
    return dict(sorted(onward.items()))
