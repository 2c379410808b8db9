"""Where parts go: the order of the stations, shares of rework and scrap, what comes in and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.record import NOBODY, REJECTED, Codes, Record, Visits
from lineside.twin.model import OUT, SCRAP
from lineside.twin.tally import Floats, Ints

_RARE = 0.002
"""A way taken more seldom is an error of the log rather than a route; at least two parts in any case."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where parts of one station go, by product (or one row for all): counts by target."""

    counts: Mapping[int, Mapping[str, int]]
    """By product; NOBODY for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """The flow through a line."""

    ways: tuple[Ways, ...]
    """By station."""
    first: Mapping[int, int]
    """How many parts began at which station."""
    before: tuple[tuple[int, ...], ...]
    """By station: those from which parts come, the line's entry left out."""
    came: tuple[Floats | None, ...]
    """By station: when each of its visits was there, in the record's order; None where parts have no identity."""
    rare: int
    """Moves left out as errors."""
    cut: int
    """Parts whose way the record does not show to its end."""

    def entered(self, record: Record, station: int) -> Floats:
        """When parts were begun that entered the line at a station."""
        visits, came = record.visits, self.came[station]
        own = visits.station == station
        begun = np.where(np.isnan(visits.started[own]), visits.finished[own], visits.started[own])
        told: Floats = begun if came is None else begun[np.isnan(came)]
        return told[~np.isnan(told)]


def routes_of(record: Record) -> Routes:
    """The flow, from the identity of the parts where they have one, else a row of stations in the record's order."""
    return _followed(record) if known_parts(record.visits) else _in_a_row(record)


def known_parts(visits: Visits) -> bool:
    """Whether most parts can be told apart."""
    return len(visits) > 0 and float((visits.part != NOBODY).mean()) > 0.5


def followed(visits: Visits) -> tuple[Ints, Ints]:
    """The visits of known parts, each part's one after the other, and the places in them that another follows."""
    moment = np.where(np.isnan(visits.finished), np.inf, visits.finished)
    begun = np.where(np.isnan(visits.started), moment, visits.started)
    order = np.lexsort((moment, begun, visits.part))
    order = order[visits.part[order] != NOBODY]
    return order, np.flatnonzero(visits.part[order][1:] == visits.part[order][:-1])


def _followed(record: Record) -> Routes:
    """Part after part: from each station to the one it was seen at next.

    A part that was not seen again may still be on its way. So at each station only visits count that lie so far before
    the record's end that nearly all parts had been seen again by then: to count every move that shows, but only
    those ends that are certain, would make ends look too rare.
    """
    visits = record.visits
    order, follow = followed(visits)
    moment, station, product = visits.finished[order], visits.station[order], visits.product[order]
    last = np.ones(len(order), bool)
    last[follow] = False
    onward = np.where(last, -1, np.roll(station, -1))
    gaps = np.where(last, np.nan, np.roll(moment, -1) - moment)
    settled = np.zeros(len(order), bool)
    for s in np.unique(station):
        own = station == s
        settled[own] = moment[own] < record.end - _patience(gaps[own], onward[own])
        if not settled[own].any():
            settled[own] = ~last[own]
    rejected = last & (visits.result[order] == REJECTED)
    targets = np.where(rejected, len(record.stations), np.where(last, len(record.stations) + 1, onward))
    names = (*record.stations, SCRAP, OUT)
    triples = zip(station[settled].tolist(), product[settled].tolist(), targets[settled].tolist(), strict=True)
    moves = Counter((one, kind, names[to]) for one, kind, to in triples)
    kept = _usual(moves)
    came = np.full(len(visits), np.nan)
    came[order[follow + 1]] = moment[follow]
    starts = np.concatenate([[True], last[:-1]])
    return _routes(
        record,
        kept,
        Counter(station[starts].tolist()),
        tuple(came[visits.station == s] for s in range(len(record.stations))),
        len({(one, to) for one, _, to in moves}) - len({(one, to) for one, _, to in kept}),
        int((last & ~settled).sum()),
    )


def _usual(moves: Mapping[tuple[int, int, str], int]) -> dict[tuple[int, int, str], int]:
    """Moves that are no errors of the log, whatever the product; what was rejected was seen to be."""
    ways: Counter[tuple[int, str]] = Counter()
    for (one, _, to), count in moves.items():
        ways[one, to] += count
    totals: Counter[int] = Counter()
    for (one, _), count in ways.items():
        totals[one] += count
    usual = {
        (one, to)
        for (one, to), count in ways.items()
        if to == SCRAP or count > max(1, _RARE * totals[one]) or count == totals[one]
    }
    return {move: count for move, count in moves.items() if (move[0], move[2]) in usual}


def _patience(gaps: Floats, onward: Codes) -> float:
    """How long after a visit a part may still be on its way: longer than nearly all waits on the slowest way."""
    known = np.isfinite(gaps)
    waits = [gaps[known & (onward == to)] for to in np.unique(onward[known])]
    return max((2 * float(np.quantile(wait, 0.98)) for wait in waits), default=0.0)


def _in_a_row(record: Record) -> Routes:
    """Counters: the stations follow each other as the record names them; what was rejected is scrapped there."""
    visits, moves = record.visits, Counter[tuple[int, int, str]]()
    seen = [s for s in range(len(record.stations)) if (visits.station == s).any()]
    for place, station in enumerate(seen):
        onward = record.stations[seen[place + 1]] if place + 1 < len(seen) else OUT
        own = visits.station == station
        pairs = zip(visits.product[own].tolist(), visits.result[own].tolist(), strict=True)
        for (product, result), count in Counter(pairs).items():
            moves[station, product, SCRAP if result == REJECTED else onward] += count
    first = Counter({seen[0]: int((visits.station == seen[0]).sum())}) if seen else Counter[int]()
    return _routes(record, moves, first, (None,) * len(record.stations), 0, 0)


def _routes(
    record: Record,
    moves: Mapping[tuple[int, int, str], int],
    first: Mapping[int, int],
    came: tuple[Floats | None, ...],
    rare: int,
    cut: int,
) -> Routes:
    names, ways, before = record.stations, [], [set[int]() for _ in record.stations]
    for station in range(len(names)):
        counts: dict[int, dict[str, int]] = {}
        for (one, product, to), count in moves.items():
            if one == station:
                for key in {product, NOBODY}:
                    counts.setdefault(key, {})
                    counts[key][to] = counts[key].get(to, 0) + count
                if to in names:
                    before[names.index(to)].add(station)
        ways.append(Ways(counts))
    return Routes(tuple(ways), dict(first), tuple(tuple(sorted(found)) for found in before), came, rare, cut)
