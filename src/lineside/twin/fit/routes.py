"""Where parts go: the order of the stations, shares of rework and scrap, what comes in and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.record import NOBODY, REJECTED, Record, Rows
from lineside.twin.model import OUT, SCRAP
from lineside.twin.tally import Floats

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
    known = record.visits.part != NOBODY
    return _followed(record) if len(known) and float(known.mean()) > 0.5 else _in_a_row(record)


def _followed(record: Record) -> Routes:
    """Part after part: from each station to the one it was seen at next."""
    visits = record.visits
    moment = np.where(np.isnan(visits.finished), np.inf, visits.finished)
    begun = np.where(np.isnan(visits.started), moment, visits.started)
    order = np.lexsort((moment, begun, visits.part))
    order = order[visits.part[order] != NOBODY]
    part, station = visits.part[order], visits.station[order]
    starts = np.flatnonzero(np.concatenate([[True], part[1:] != part[:-1]]))
    ends = np.concatenate([starts[1:], [len(part)]]) - 1
    last_seen = moment[order][ends]
    patience = _patience(moment[order], part)
    over = last_seen < record.end - patience
    moves: Counter[tuple[int, int, str]] = Counter()
    follow = np.flatnonzero(part[1:] == part[:-1])
    product = visits.product[order]
    for one, two, kind in zip(
        station[follow].tolist(), station[follow + 1].tolist(), product[follow].tolist(), strict=True
    ):
        moves[one, kind, record.stations[two]] += 1
    result = visits.result[order]
    for place in ends[over].tolist():
        moves[int(station[place]), int(product[place]), SCRAP if result[place] == REJECTED else OUT] += 1
    totals: Counter[int] = Counter()
    for (one, _, _), count in moves.items():
        totals[one] += count
    kept = {
        move: count
        for move, count in moves.items()
        if count > max(1, _RARE * totals[move[0]]) or count == totals[move[0]]
    }
    came = np.full(len(visits), np.nan)
    came[order[follow + 1]] = moment[order[follow]]
    return _routes(
        record,
        kept,
        Counter(station[starts].tolist()),
        tuple(came[visits.station == s] for s in range(len(record.stations))),
        len(moves) - len(kept),
        int((~over).sum()),
    )


def _patience(moment: Floats, part: Rows) -> float:
    """How long after its last visit a part may still be on its way: longer than nearly all gaps between visits."""
    gaps = np.diff(moment)[part[1:] == part[:-1]]
    gaps = gaps[np.isfinite(gaps)]
    return float(np.quantile(gaps, 0.98)) * 2 if len(gaps) else 0.0


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
