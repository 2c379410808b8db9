"""Stops of a station: short ones apart from breakdowns, and which clock wears it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lineside.twin.fit.families import FAMILIES, PARAMETERS
from lineside.twin.tally import Floats

_LEAST = 30
_APART = math.log(4.0)
_FEWEST = 0.05
_MISTAKEN = 0.02
"""Share of operating failures that a log shows as begun while the station did not work."""
_SURE = math.log(20.0)


def split_stops(durations: Floats) -> float | None:
    """Where short stops end and breakdowns begin; None when the lengths show one kind, or are too few to tell.

    Two lognormal laws against the best of one exponential, gamma, Weibull or lognormal law, by BIC; the two are fitted
    by expectation and maximisation, and must lie a factor of four apart and hold a twentieth of the stops each.
    """
    logs = np.log(durations[durations > 0])
    n = len(logs)
    if n < _LEAST or float(logs.std()) < 1e-9:
        return None
    one = _one_kind(durations[durations > 0], logs)
    share, means, sds = 0.5, np.quantile(logs, (0.25, 0.75)), np.full(2, float(logs.std()) / 2)
    for _ in range(300):
        low, high = share * _density(logs, means[0], sds[0]), (1 - share) * _density(logs, means[1], sds[1])
        part = low / np.maximum(low + high, 1e-300)
        weights = np.array([part.sum(), n - part.sum()])
        if weights.min() < 2:
            return None
        before = means
        means = np.array([(part * logs).sum(), ((1 - part) * logs).sum()]) / weights
        spread = np.array([(part * (logs - means[0]) ** 2).sum(), ((1 - part) * (logs - means[1]) ** 2).sum()])
        sds = np.sqrt(np.maximum(spread / weights, 1e-4))
        share = float(weights[0]) / n
        if float(np.abs(means - before).max()) < 1e-8:
            break
    both = share * _density(logs, means[0], sds[0]) + (1 - share) * _density(logs, means[1], sds[1])
    two = _unlikely(both) + 5 * math.log(n)
    if one - two < 10 or means[1] - means[0] < _APART or not _FEWEST < share < 1 - _FEWEST:
        return None
    grid = np.linspace(means[0], means[1], 400)
    crossing = share * _density(grid, means[0], sds[0]) < (1 - share) * _density(grid, means[1], sds[1])
    return math.exp(float(grid[int(crossing.argmax())]))


def _one_kind(durations: Floats, logs: Floats) -> float:
    """BIC of the best single law, for logarithms."""
    nothing = np.zeros(0)
    told = []
    for kind in FAMILIES:
        density = kind.fitted(durations, nothing).log_density(durations) + logs
        told.append(-2 * float(density.sum()) + PARAMETERS[kind] * math.log(len(logs)))
    return min(told)


def _density(logs: Floats, mean: float, sd: float) -> Floats:
    density: Floats = np.exp(-0.5 * ((logs - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    return density


def _unlikely(density: Floats) -> float:
    return -2 * float(np.log(np.maximum(density, 1e-300)).sum())


@dataclass(frozen=True, slots=True)
class ClockTold:
    """Which clock wears a station, and whether the data can tell."""

    clock: Literal["operating", "calendar"]
    told: bool


def failure_clock(idle_starts: int, starts: int, idle_share: float) -> ClockTold:
    """The clock under which so many stops beginning while the station did not work are the likelier.

    By the calendar they begin there as often as the station stands idle of the time it is up (`idle_share`); by
    operating time never, but for rows that err. Told when one is twenty times as likely as the other; else operating,
    which most machines are (Buzacott and Hanifin 1978).
    """
    if starts == 0:
        return ClockTold("operating", told=False)
    share = min(max(idle_share, 1e-6), 1 - 1e-6)
    worked = starts - idle_starts
    calendar = idle_starts * math.log(share) + worked * math.log(1 - share)
    operating = idle_starts * math.log(_MISTAKEN) + worked * math.log(1 - _MISTAKEN)
    if abs(calendar - operating) < _SURE:
        return ClockTold("operating", told=False)
    return ClockTold("calendar" if calendar > operating else "operating", told=True)
