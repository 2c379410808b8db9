"""What a pilot looks like month by month: how far those that took part stood above the others, against before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.hub.pilots.changes import Changes
from lineside.hub.pilots.inference import Interval, difference


@dataclass(frozen=True, slots=True)
class Point:
    """One month of an event study: 0 is the mean difference of the months before."""

    month: int
    """Months since the start; -1 is the last before."""
    effect: Interval
    """Of this month by itself."""
    together: Interval
    """Wide enough that all months of the picture hold at once (Bonferroni)."""
    treated: int
    comparison: int
    """How many members told this month."""


def event_study(seen: Changes, pre: int, alpha: float) -> tuple[Point, ...]:
    """The points of all months in which each group told at least two values."""
    told = np.isfinite(seen.months)
    groups = told[seen.treated].sum(axis=0), told[~seen.treated].sum(axis=0)
    shown = np.flatnonzero((groups[0] >= 2) & (groups[1] >= 2))
    points = []
    for column in shown.tolist():
        month = seen.months[:, column]
        found = difference(month[seen.treated & told[:, column]], month[~seen.treated & told[:, column]])
        both = found.interval(alpha), found.interval(alpha / len(shown))
        points.append(Point(column - pre, *both, int(groups[0][column]), int(groups[1][column])))
    return tuple(points)
