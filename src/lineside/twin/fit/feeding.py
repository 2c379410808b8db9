"""What feeds a line: always more, now and then too late, or at intervals; one product after the other, or mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lineside.twin.fit.failures import Mode
from lineside.twin.fit.laws import FittedLaw, fit_duration
from lineside.twin.fit.record import NOBODY, UNKNOWN, Record, rows
from lineside.twin.fit.segments import Clocks, Segments
from lineside.twin.fit.stops import ClockTold
from lineside.twin.tally import OFF, STARVED, WORKING, Floats

MATERIAL = "material"
"""The failure that stands for waits for parts at a station at which they enter the line."""
_SELDOM = 0.2
_NEGLIGIBLE = 1e-3
_LONG_RUN = 5.0
_NIGHT = 20.0
"""A wait for parts so many times as long as they usually lie apart is a time in which none were sent."""


@dataclass(frozen=True, slots=True)
class Feed:
    """How parts come to the first station."""

    interval: FittedLaw | None
    """Time between parts, where the station mostly waits for them."""
    material: Mode | None
    """Waits for parts as stops of the station, where it seldom does."""
    mix: dict[str, Any]
    """The product, or the weights of several that come mixed."""


def feed_of(record: Record, own: Segments, arrivals: Floats | None = None) -> Feed:
    """How parts come to a station at which they enter the line.

    `arrivals` are the times at which they came to one that other stations feed as well.
    """
    on = float(own.shares.sum() - own.shares[5]) or 1.0
    starved = float(own.shares[STARVED]) / on
    mix = _mix(record, own)
    if arrivals is not None and len(arrivals) > 2:
        gaps = np.diff(np.sort(arrivals))
        return Feed(fit_duration(gaps[gaps > 0]) if (gaps > 0).any() else None, None, mix)
    if starved < _NEGLIGIBLE:
        return Feed(None, None, mix)
    spans = rows(own.spans, own.spans.server == 0)
    if starved < _SELDOM and own.servers == 1:
        late = (spans.state == STARVED) & (spans.end > spans.start)
        start, duration = spans.start[late], (spans.end - spans.start)[late]
        worked = np.concatenate([[0.0], np.cumsum(np.where(spans.state == WORKING, spans.end - spans.start, 0.0))])
        lives = np.diff(worked[:-1][late], prepend=0.0)
        lives = np.maximum(lives, 1e-3)
        if len(lives) > 1:
            left = np.array([worked[-1] - worked[:-1][late][-1]])
            life, repair = fit_duration(lives, left, memoryless=True), fit_duration(duration)
            return Feed(
                None, Mode(MATERIAL, ClockTold("operating", told=True), life, repair, start, duration, lives), mix
            )
    begun = np.sort(own.works.finished - own.works.duration - own.works.setup)
    gaps = np.diff(begun)
    if len(gaps) < 2:
        return Feed(None, None, mix)
    clocks = Clocks(spans)
    waited, away = np.diff(clocks.at(begun, STARVED)), np.diff(clocks.at(begun, OFF, UNKNOWN))
    gaps = gaps[(away < 1.0) & (waited <= _NIGHT * np.median(gaps))]
    if len(gaps) < 2 or float(gaps.sum()) <= 0:
        return Feed(None, None, mix)
    return Feed(fit_duration(gaps), None, mix)


def _mix(record: Record, own: Segments) -> dict[str, Any]:
    if not record.products:
        return {}
    product = own.works.product
    counts = {name: int((product == p).sum()) for p, name in enumerate(record.products)}
    named = {name: count for name, count in counts.items() if count}
    if len(named) == 1:
        return {"product": next(iter(named))}
    return {"product": named} if named else {"product": record.products[0]}


def campaigns(record: Record, own: Segments) -> list[tuple[float, str]]:
    """From when on which product was made, where products come in long runs; empty where they come mixed."""
    product, finished = own.works.product, own.works.finished
    known = product != NOBODY
    product, finished = product[known], finished[known]
    change = np.flatnonzero(product[1:] != product[:-1]) + 1
    if not len(change) or len(product) / (len(change) + 1) < _LONG_RUN:
        return []
    begins = np.concatenate([[record.start], (finished[change - 1] + finished[change]) / 2]) - record.start
    first = np.concatenate([[0], change])
    pairs = zip(begins.tolist(), first.tolist(), strict=True)
    return list({begin: record.products[product[place]] for begin, place in pairs}.items())  # of one moment the last
