"""Members whose values of a month are another's to the last digit: a look at them says who has them from whom.

For the hub's people alone. A member is not told, as by guesses it could ask for the values of others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lineside.hub.figures import Floats, Snapshot

FINE = (
    *("availability", "performance", "quality", "first_pass_yield", "schedule_adherence"),
    *("lead_time", "recovery_time", "energy_per_unit", "energy_per_value"),
)
"""Indicators with so many digits that two factories hardly ever have one value; OEE follows from its factors."""
LEAST = 3
"""So many of a month's are the same."""
MOST_ALIKE = 20
"""A value that more members than these have in a month is a common one, and says nothing."""
MONTHS = 3
"""The last ones, which are looked at."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Two members with the same values of some indicators in a month (since the year 0)."""

    month: int
    members: tuple[int, int]
    indicators: tuple[str, ...]


def copied(now: Snapshot) -> list[Copied]:
    """What is the same in the last months, the newest first."""
    names = [name for name in FINE if name in now.indicators]
    every = [now.of(name).value for name in names]
    found = []
    for at in range(now.months - 1, max(-1, now.months - 1 - MONTHS), -1):
        values = np.stack([one[:, at] for one in every])
        for one, other in _pairs(values):
            same = (values[:, one] == values[:, other]) & _telling(values[:, one])
            alike = tuple(name for name, is_same in zip(names, same, strict=True) if is_same)
            found.append(Copied(now.first + at, (one + 1, other + 1), alike))
    return found


def _pairs(values: Floats) -> list[tuple[int, int]]:
    """The rows of members, two by two, that share `LEAST` values; `values` has a row for each indicator."""
    members = values.shape[1]
    codes = np.concatenate([_alike(one) for one in values])
    pairs, many = np.unique(codes, return_counts=True)
    return [divmod(code, members) for code in pairs[many >= LEAST].tolist()]


def _alike(values: Floats) -> NDArray[np.int64]:
    """Each two members with one value, as a code that tells their rows, the smaller one first."""
    rows = np.flatnonzero(_telling(values))
    rows = rows[np.argsort(values[rows], kind="stable")]
    ordered = values[rows]
    first, last = np.searchsorted(ordered, ordered, "left"), np.searchsorted(ordered, ordered, "right")
    rows, ordered = rows[last - first <= MOST_ALIKE], ordered[last - first <= MOST_ALIKE]
    found = [np.empty(0, np.int64)]
    for apart in range(1, min(MOST_ALIKE, rows.size)):
        same = np.flatnonzero(ordered[apart:] == ordered[:-apart])
        found.append(rows[same] * values.size + rows[same + apart])
    return np.concatenate(found)


def _telling(values: Floats) -> NDArray[np.bool_]:
    """Which are there, and not nothing or all of something."""
    found: NDArray[np.bool_] = np.isfinite(values) & (values != 0) & (values != 1)
    return found
