"""Unplanned stops: the stretches in which a machine had failed, as ISO 22400-2 has down time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.measure import Intervals
from lineside.plant import CODE, TIME_ELEMENT, Span, State, TimeElement, clip

DOWN = tuple(state for state, element in TIME_ELEMENT.items() if element is TimeElement.ADOT)
"""Whatever else stands still does so without a fault, or as it was planned."""
_CODES = [CODE[state] for state in DOWN]


@dataclass(frozen=True, slots=True)
class Stops:
    """The stops that ended in a window, in seconds; `unheard` more had a begin or an end that nobody heard."""

    lengths_s: tuple[float, ...] = ()
    unheard: int = 0


def ended_stops(states: Intervals, planned: Sequence[Span] | None, start: int, end: int) -> Stops:
    """The stops that ended in [start, end) and had to do with planned time; where nothing is planned, all.

    `states` reach back before `start` as far as a stop may: one that began before them is as long as they show.
    """
    lengths, unheard = [], 0
    for i in np.flatnonzero(np.isin(states.codes, _CODES)).tolist():
        begun, over, _ = states[i]
        if not start <= over < end or not (planned is None or clip(planned, begun, over)):
            continue
        before = states[i - 1][2] if i else None
        after = states[i + 1][2] if i + 1 < len(states) else None
        if State.NO_DATA in (before, after):
            unheard += 1
        else:
            lengths.append((over - begun) / 1_000_000)
    return Stops(tuple(lengths), unheard)
