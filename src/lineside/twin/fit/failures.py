"""The ways a station fails: by the reasons recorded, else short stops apart from breakdowns; or found in the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.laws import FittedLaw, fit_duration
from lineside.twin.fit.names import named
from lineside.twin.fit.record import NOBODY, Record, rows
from lineside.twin.fit.segments import Segments, Stops
from lineside.twin.fit.stops import ClockTold, failure_clock, split_stops
from lineside.twin.tally import BLOCKED, SETUP, STARVED, WAITING, WORKING, Floats

_LEAST = 5
_FAR = 5.0
_DOUBTFUL = 2.0
"""So far beyond the median a part may hide a stop, or not."""
_HIDDEN = 0.25
"""Of the parts, at most so many can hide a stop; more is how the station works."""


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """One way a station fails."""

    name: str
    clock: ClockTold
    life: FittedLaw
    repair: FittedLaw
    start: Floats
    durations: Floats
    lives: Floats


def modes_of(own: Segments, record: Record) -> tuple[list[Mode], Floats, Floats]:
    """How a station fails, its work times without the stops that hide in them, and how short these may be.

    Where no states tell, short stops look like long work.
    """
    works = own.works.duration
    if own.from_states:
        return [_mode(name, stops, own) for name, stops in _kinds(own.stops, record) if len(stops.start)], works, works
    usual, hidden = _hidden(own, _FAR)
    likely, doubtful = _hidden(own, _DOUBTFUL)
    least = np.where(doubtful, likely, works)
    if not hidden.any() or hidden.mean() > _HIDDEN:
        return [], works, least
    cleaned = np.where(hidden, usual, works)
    worked, lost = np.cumsum(cleaned), np.where(hidden, works - usual, 0.0)
    split = split_stops(lost[hidden])
    short = hidden & (lost < split) if split is not None else np.zeros(len(works), bool)
    modes = [
        _hidden_mode(name, own, worked, lost, which)
        for name, which in (("micro-stop", short), ("breakdown", hidden & ~short))
        if which.any()
    ]
    return modes, cleaned, least


def _hidden(own: Segments, times: float) -> tuple[Floats, np.ndarray]:
    """The usual work on each part, and which parts took so long that a stop must hide in it.

    At five `times` as far above the median as nine in ten parts stay: of exponential times six in a hundred thousand go
    beyond, of all tighter ones fewer. By product, and at least a tenth of the median.
    """
    works, product = own.works.duration, own.works.product
    usual, hidden = np.zeros(len(works)), np.zeros(len(works), bool)
    for kind in np.unique(product):
        which = product == kind
        middle, upper = np.quantile(works[which], (0.5, 0.9))
        far = which & (works > middle + max(times * (upper - middle), 0.1 * middle))
        hidden |= far
        usual[which] = float(works[which & ~far].mean())
    return usual, hidden


def _hidden_mode(name: str, own: Segments, worked: Floats, lost: Floats, which: np.ndarray) -> Mode:
    lives = np.diff(worked[which], prepend=0.0)
    left = np.array([worked[-1] - worked[which][-1]])
    life, repair = fit_duration(lives, left, memoryless=True), fit_duration(lost[which])
    told = ClockTold("operating", told=False)
    return Mode(name, told, life, repair, own.works.finished[which], lost[which], lives)


def _kinds(stops: Stops, record: Record) -> Iterator[tuple[str, Stops]]:
    """Stops by the reasons seen often enough, the others together, those split by length where they are two kinds."""
    rest = np.ones(len(stops.start), bool)
    for reason in np.unique(stops.reason):
        which = stops.reason == reason
        if reason != NOBODY and int(which.sum()) >= _LEAST:
            yield named(record.reasons[reason]), rows(stops, which)
            rest &= ~which
    others = rows(stops, rest)
    split = split_stops(others.duration)
    if split is None:
        yield "breakdown", others
    else:
        yield "micro-stop", rows(others, others.duration < split)
        yield "breakdown", rows(others, others.duration >= split)


def _mode(name: str, stops: Stops, own: Segments) -> Mode:
    """The laws of one mode: lives on the clock that wears it, the last of each server still going on."""
    length = own.spans.end - own.spans.start
    up = float(length[np.isin(own.spans.state, (WORKING, SETUP, BLOCKED, STARVED, WAITING))].sum())
    idle = float(length[np.isin(own.spans.state, (BLOCKED, STARVED, WAITING))].sum())
    clock = failure_clock(int(stops.idle.sum()), len(stops.start), idle / max(up, 1e-9))
    age = stops.up if clock.clock == "calendar" else stops.worked
    ends = own.up if clock.clock == "calendar" else own.worked
    lives, left = [], []
    for server in range(own.servers):
        mine = age[stops.server == server]
        lives.append(np.diff(mine, prepend=0.0))
        left.append(ends[server] - (mine[-1] if len(mine) else 0.0))
    whole = np.concatenate(lives)
    positive = whole > 0
    life = fit_duration(
        np.maximum(whole, 1e-3) if not positive.any() else whole[positive], np.array(left), memoryless=True
    )
    return Mode(name, clock, life, fit_duration(stops.duration), stops.start, stops.duration, whole)
