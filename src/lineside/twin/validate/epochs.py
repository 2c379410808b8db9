"""The stretches of time a twin is judged by, and what was seen in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.twin.fit.calibrate import made_of
from lineside.twin.fit.record import UNKNOWN, Record, clipped
from lineside.twin.tally import STATES, Floats

_LENGTH_S = 8 * 3600.0
_BREAK_S = 3600.0
_WORTH = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """One stretch: what was seen in it."""

    start: float
    end: float
    on: float
    """Seconds on shift, of the stations the line is left by."""
    made: int
    shares: Floats
    """(stations, STATES) of the time known; NaN where nothing is known."""
    known: float
    """The least share of its time known of any station."""


def epochs_of(record: Record) -> list[tuple[float, float]]:
    """Stretches of about eight hours in which the line was on shift: those between long breaks, cut evenly.

    A record shorter than ten such stretches is cut into ten.
    """
    spans = [on for on in record.shifts.values() if len(on)]
    work = _merged(np.concatenate(spans)) if spans else np.array([[record.start, record.end]])
    total = float((work[:, 1] - work[:, 0]).sum())
    length = min(_LENGTH_S, total / 10)
    cut = []
    for begin, end in work.tolist():
        pieces = max(round((end - begin) / length), 1)
        edges = np.linspace(begin, end, pieces + 1)
        cut += [(a, b) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True) if b - a > _WORTH * length]
    return cut


def seen_in(record: Record, outs: list[int], start: float, end: float) -> Epoch:
    """What was seen of the line in one stretch."""
    shares = np.full((len(record.stations), len(STATES)), np.nan)
    known = 1.0
    spans = record.spans
    touching = (spans.end > start) & (spans.start < end)
    length = np.minimum(spans.end[touching], end) - np.maximum(spans.start[touching], start)
    station, state = spans.station[touching], spans.state[touching]
    for s in np.unique(station).tolist():
        own = station == s
        told = own & (state != UNKNOWN)
        total = float(length[told].sum())
        known = min(known, total / max(float(length[own].sum()), 1e-9))
        if total > 0:
            shares[s] = np.bincount(state[told], length[told], len(STATES))[: len(STATES)] / total
    on = max((_on(record, record.stations[s], start, end) for s in outs), default=end - start)
    return Epoch(start, end, on, made_of(record, outs, start, end), shares, known)


def on_spans(record: Record, name: str, start: float, end: float) -> Floats:
    """When a station was on shift in a stretch, (k, 2); the whole of it where no shifts are known."""
    spans = record.shifts.get(name)
    if spans is None:
        return np.array([[start, end]])
    return clipped(spans, start, end)


def _on(record: Record, name: str, start: float, end: float) -> float:
    spans = on_spans(record, name, start, end)
    return float((spans[:, 1] - spans[:, 0]).sum())


def _merged(spans: Floats) -> Floats:
    """Spans of several stations as one set, breaks of up to an hour closed."""
    spans = spans[np.argsort(spans[:, 0])]
    merged = [spans[0].tolist()]
    for begin, end in spans[1:].tolist():
        if begin <= merged[-1][1] + _BREAK_S:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return np.array(merged)
