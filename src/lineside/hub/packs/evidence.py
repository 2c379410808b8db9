"""What came after a pack was put to use, at those who did: association and no proof, beside what pilots measured.

A member's indicator after less before, over the windows that paths go by (`hub.types`), less the median of the same
change of those of its industry who did not use the pack by then. Only windows that are over are counted: what came of
a member is then the same whenever it is asked for, as long as nobody corrects a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from lineside.hub.packs.uses import Use
from lineside.hub.pilots import told_count
from lineside.hub.types import WINDOW, median_interval, window_means
from lineside.hub.types.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """An indicator: a row for each member and a column for each month from `first` to `last`; NaN where not usable."""

    value: Floats
    members: Ints
    division: Ints
    """Two digits of GB/T 4754, by row."""
    generated: Flags
    first: int
    last: int
    """The last month of which all had time to speak."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One member: its mean before, how it changed, and how the middle of the others changed over the same months."""

    use: Use
    before: float
    change: float
    others: float
    generated: bool

    @property
    def own(self) -> float:
        """The change that the others did not have, in the unit of the indicator."""
        return self.change - self.others


@dataclass(frozen=True, slots=True)
class Followed:
    """The median of what came after, above 0 where it is better, with its interval at 95 %, in the indicator's unit."""

    members: int
    gain: float
    low: float
    high: float
    generated: int
    """How many of these members were made up."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of so many intervals that twins foresaw for this indicator so many held what was measured afterwards."""

    held: int
    of: int


def moved(found: Sequence[Use], course: Course, least: int) -> list[Moved]:
    """What came of each member by its first use, in the order in which they told it.

    Left out are those whose months are not over or not told, and those with fewer than `least` others to hold them
    against.
    """
    rows = {int(member): row for row, member in enumerate(course.members)}
    began = np.full(len(course.members), np.iinfo(np.int64).max, np.int64)
    first: dict[int, Use] = {}
    for one in found:
        if one.member in rows:
            kept = first.setdefault(one.member, one)
            began[rows[one.member]] = min(kept.since, one.since)
    means = {month: window_means(course.value, month - course.first) for month in {one.since for one in first.values()}}
    told = (_moved(one, rows[one.member], means[one.since], began, course, least) for one in first.values())
    return [one for one in told if one is not None]


def _moved(use: Use, row: int, means: tuple[Floats, Floats], began: Ints, course: Course, least: int) -> Moved | None:
    if use.since + WINDOW - 1 > course.last:
        return None
    before, after = means
    change = after - before
    alike = (course.division == course.division[row]) & (began >= use.since + WINDOW) & np.isfinite(change)
    if not np.isfinite(change[row]) or int(alike.sum()) < least:
        return None
    middle = float(np.median(change[alike]))
    return Moved(use, float(before[row]), float(change[row]), middle, bool(course.generated[row]))


def followed(found: Sequence[Moved], better: int, least: int, grid: float | None = None) -> Followed | None:
    """The median over the first whole groups of `least` members; None where there is none.

    `better` is 1 where more is better, else -1. With a `grid` the figures lie on it, the ends rounded outward: so they
    are told to others than the hub's analysts.
    """
    counted = found[: len(found) // least * least]
    if not counted:
        return None
    gain, low, high = median_interval(np.array([better * one.own for one in counted]))
    if grid is not None:
        gain = round(gain / grid) * grid
        low = np.floor(low / grid + 1e-9) * grid if isfinite(low) else low
        high = np.ceil(high / grid - 1e-9) * grid if isfinite(high) else high
    return Followed(len(counted), float(gain), float(low), float(high), sum(one.generated for one in counted))


def calibration(found: Sequence[Moved], indicator: str) -> Calibration:
    """How many of the intervals that these members' twins foresaw for an indicator held what came."""
    judged = [
        each.low <= (one.own / abs(one.before) if each.relative else one.own) <= each.high
        for one in found
        for each in one.use.foreseen
        if each.indicator == indicator and (one.before or not each.relative)
    ]
    return Calibration(sum(judged), len(judged))


def told_calibration(exact: Calibration, group: int) -> Calibration | None:
    """What others may be told: whole steps of `group`, both at least so many; None where there are too few."""
    of = exact.of // group * group
    held = int(told_count(np.array([exact.held], np.int64), of, group)[0])
    return Calibration(held, of) if of else None
