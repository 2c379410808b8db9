"""What is wrong with visits, told with the rows, and what is done about it."""

from __future__ import annotations

import numpy as np

from lineside.twin.fit.reading.events import finding
from lineside.twin.fit.reading.tables import rows_finding
from lineside.twin.fit.reading.visits import take
from lineside.twin.fit.record import NOBODY, Visits
from lineside.twin.reading import Finding
from lineside.twin.tally import Floats

ENOUGH = 10
"""Passages from one station to the next from which a clock's offset is judged."""


def mend(visits: Visits, names: tuple[str, ...], *, with_starts: bool) -> tuple[Visits, list[Finding]]:
    """The visits that can be used, and what was done to the others. `with_starts`: the log tells starts and ends."""
    told: list[Finding] = []
    backward = visits.finished < visits.started
    if backward.any():
        told.append(rows_finding("log.backward", visits.row[backward]))
        visits = take(visits, ~backward)
    again = _repeats(visits)
    if again.any():
        told.append(rows_finding("log.duplicate", visits.row[again]))
        visits = take(visits, ~again)
    if with_starts:
        open_, unbegun = np.isnan(visits.finished), np.isnan(visits.started)
        told += [rows_finding("log.no_end", visits.row[open_])] if open_.any() else []
        told += [rows_finding("log.no_start", visits.row[unbegun])] if unbegun.any() else []
        told += _overlaps(visits, names)
        told += _offsets(visits, names)
    return visits, told + _thin(visits, names)


def _repeats(visits: Visits) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Visits that say the same as one before them; parts without identity may be alike."""
    started, finished = np.nan_to_num(visits.started, nan=-1e18), np.nan_to_num(visits.finished, nan=-1e18)
    keys = (visits.row, finished, started, visits.server, visits.station, visits.part)
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys[1:]])
    again = np.zeros(len(visits), np.bool_)
    again[order[1:]] = same & (visits.part[order[1:]] != NOBODY)
    return again


def _overlaps(visits: Visits, names: tuple[str, ...]) -> list[Finding]:
    """Servers that began a part before they had finished the one before."""
    whole = np.flatnonzero((visits.server >= 0) & ~np.isnan(visits.started) & ~np.isnan(visits.finished))
    order = whole[
        np.lexsort((visits.finished[whole], visits.started[whole], visits.server[whole], visits.station[whole]))
    ]
    if len(order) < 2:
        return []
    station, server = visits.station[order], visits.server[order]
    group = np.insert(np.cumsum((np.diff(station) != 0) | (np.diff(server) != 0)), 0, 0)
    span = float(np.ptp(visits.finished[order])) + float(np.ptp(visits.started[order])) + 1.0
    latest = np.maximum.accumulate(visits.finished[order] + group * 2 * span) - group * 2 * span
    over = np.insert((group[1:] == group[:-1]) & (visits.started[order][1:] < latest[:-1] - 1e-9), 0, False)
    told: list[Finding] = []
    for one in np.unique(station[over]).tolist():
        rows = visits.row[order[over & (station == one)]]
        own = visits.started[order][station == one], visits.finished[order][station == one]
        most = _at_once(*own)
        told.append(rows_finding("log.overlap", rows, names[one], of=int(np.count_nonzero(station == one)), most=most))
    return told


def _at_once(started: Floats, finished: Floats) -> int:
    """How many were in work at the same time at most."""
    moments = np.concatenate([finished, started])
    steps = np.repeat([-1, 1], len(started))
    return int(np.cumsum(steps[np.lexsort((steps, moments))]).max())


def _offsets(visits: Visits, names: tuple[str, ...]) -> list[Finding]:
    """Pairs of stations between which parts regularly begin at the next before they have left the one before."""
    whole = np.flatnonzero((visits.part >= 0) & ~np.isnan(visits.started) & ~np.isnan(visits.finished))
    order = whole[np.lexsort((visits.finished[whole], visits.started[whole], visits.part[whole]))]
    before, after = order[:-1], order[1:]
    passed = (visits.part[before] == visits.part[after]) & (visits.station[before] != visits.station[after])
    before, after = before[passed], after[passed]
    gap = visits.started[after] - visits.finished[before]
    pairs = visits.station[before].astype(np.int64) * len(names) + visits.station[after]
    order = np.argsort(pairs, kind="stable")
    told: list[Finding] = []
    for group in np.split(order, np.flatnonzero(np.diff(pairs[order])) + 1):
        if len(group) < ENOUGH or np.mean(gap[group] < 0) < 0.9:
            continue
        low, high = np.quantile(gap[group], (0.05, 0.95))
        one, other = names[visits.station[before[group[0]]]], names[visits.station[after[group[0]]]]
        told.append(
            rows_finding(
                "log.offset", visits.row[after[group]], other, before=one, least=f"{-high:.3g}", most=f"{-low:.3g}"
            )
        )
    return told


def _thin(visits: Visits, names: tuple[str, ...]) -> list[Finding]:
    """Logs and stations that show too little."""
    told: list[Finding] = []
    if not len(visits):
        return told
    seen = np.bincount(visits.station, minlength=len(names))
    told += [finding("log.unvisited", name) for name, count in zip(names, seen.tolist(), strict=True) if count == 0]
    once = [name for name, count in zip(names, seen.tolist(), strict=True) if count == 1]
    if once and len(visits) > 1:
        told.append(finding("log.once", "stations", count=len(once), stations=", ".join(once[:8])))
    parts = np.unique(visits.part[visits.part >= 0])
    if len(parts) == 1:
        told.append(finding("log.one_part", "part"))
    times = np.concatenate([visits.started, visits.finished])
    times = times[~np.isnan(times)]
    if len(visits) > 1 and len(times) and np.ptp(times) == 0:
        told.append(finding("log.one_moment", "-", count=len(visits)))
    return told
