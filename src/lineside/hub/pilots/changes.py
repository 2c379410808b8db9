"""How much each member changed from before to after, with the ups and downs of the months taken out.

Each member counts once, by the mean of its months after less the mean of its months before (Bertrand, Duflo and
Mullainathan 2004, "How much should we trust differences-in-differences estimates?", III.C): months of one factory
hang together, factories do not, so it is factories that are counted. What a month did to everybody is estimated from
the comparison group, within each of the two windows; where no month is missing it cancels in the difference of groups,
which then equals two-way fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.errors import UnusableData
from lineside.hub.pilots.panel import Flags, Floats

LEAST_SHARE = 0.5
"""Of the months of each window that a member must have told to be counted."""
_LEAST_TELLING = 2


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The members that count, in the order of the rows: their changes and their months."""

    change: Floats
    treated: Flags
    months: Floats
    """(members, months): each month less what it did to everybody and less the member's mean before; NaN if absent."""
    kept: Flags
    """Of all rows, which count: those that told enough months both before and after."""
    used: Flags
    """Of all months, those in which two members of the comparison group told a value at least."""

    @property
    def groups(self) -> tuple[Floats, Floats]:
        """The changes of those that took part, and of the others."""
        return self.change[self.treated], self.change[~self.treated]


def changes(value: Floats, treated: Flags, pre: int) -> Changes:
    """The changes between the first `pre` months and the rest.

    Raises UnusableData where the comparison group does not tell enough to know what the months did.
    """
    told = np.isfinite(value)
    used = told[~treated].sum(axis=0) >= _LEAST_TELLING
    kept = enough(told[:, :pre]) & enough(told[:, pre:]) & enough((told & used)[:, :pre], 1)
    kept &= enough((told & used)[:, pre:], 1)
    rows = np.where(used, value, np.nan)[kept]
    own = treated[kept]
    before = rows[:, :pre] - month_effects(rows[~own, :pre])
    after = rows[:, pre:] - month_effects(rows[~own, pre:])
    level = _means(before)
    months = np.hstack([before, after]) - level[:, None]
    return Changes(_means(after) - level, own, months, kept, used)


def enough(told: Flags, least: int = 0) -> Flags:
    """Which members told at least half of these months, or `least` of them."""
    needed = least or LEAST_SHARE * told.shape[1]
    found: Flags = told.sum(axis=1) >= needed
    return found


def month_effects(value: Floats) -> Floats:
    """What each month did to all of these members: least squares of member + month, on average 0 over the months.

    NaN for a month in which none told anything. Raises UnusableData where months hang together by no member.
    """
    told = np.isfinite(value)
    months = told.any(axis=0)
    seen = told[:, months].astype(float)
    count = np.maximum(seen.sum(axis=1, keepdims=True), 1.0)
    filled = np.where(told, value, 0.0)[:, months]
    apart = seen * (filled - filled.sum(axis=1, keepdims=True) / count)
    matrix = np.diag(seen.sum(axis=0)) - seen.T @ (seen / count)
    found, _, rank, _ = np.linalg.lstsq(matrix, apart.sum(axis=0), rcond=1e-9)
    if not months.any() or rank < months.sum() - 1:
        raise UnusableData("pilots.months_apart")
    effects = np.full(value.shape[1], np.nan)
    effects[months] = found
    return effects


def _means(value: Floats) -> Floats:
    means: Floats = np.nanmean(value, axis=1) if value.size else np.zeros(len(value))
    return means
