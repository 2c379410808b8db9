"""What is usual for a release, from what left by it in earlier hours; what is out of the usual closes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LEARNING_HOURS = 24
"""So many hours in which something left are needed before anything counts as unusual."""
LOOK_BACK_HOURS = 24 * 14
TIMES = 4
SPARE_PARCELS, SPARE_BYTES = 100, 1_000_000
"""What may leave on top of that, so that small flows may grow."""


class Hour(NamedTuple):
    """What left in an hour, or has left so far."""

    parcels: int = 0
    bytes: int = 0
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Unusual:
    """What is out of the usual: a measure, how much of it there is, and how much there may be."""

    measure: str
    found: int
    most: int


def usual(hours: Iterable[Hour]) -> Hour | None:
    """The most that left in any of these hours; None while there are too few to say."""
    told = [hour for hour in hours if hour.parcels]
    if len(told) < LEARNING_HOURS:
        return None
    return Hour(max(h.parcels for h in told), max(h.bytes for h in told), max(h.largest for h in told))


def unusual(now: Hour, known: Hour | None) -> Unusual | None:
    """What of this hour is far more than in any hour before."""
    if known is None:
        return None
    for measure, found, most in (
        ("parcels", now.parcels, TIMES * known.parcels + SPARE_PARCELS),
        ("bytes", now.bytes, TIMES * known.bytes + SPARE_BYTES),
        ("largest", now.largest, TIMES * known.largest + SPARE_BYTES),
    ):
        if found > most:
            return Unusual(measure, found, most)
    return None
