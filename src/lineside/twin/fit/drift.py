"""Drift: since when a parameter is another, from what to what, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lineside.twin.estimates import Interval, Z
from lineside.twin.tally import Floats

LEVEL = 0.001
"""How often a parameter that never changed is said to have changed; a line has some fifty of them."""
_LEAST = 10
_SHUFFLES = 2_999
_MOST = 400


@dataclass(frozen=True, slots=True)
class Drift:
    """A parameter that changed its level once."""

    since: float
    """The time of the first value of the new level."""
    factor: Interval
    """The new level over the old."""
    chance: float
    """How often shuffled values change as much."""
    before: int
    after: int


def drift(times: Floats, values: Floats, *, level: float = LEVEL, seed: int = 1) -> Drift | None:
    """The change of level of positive values that explains most; None when chance alone does as much.

    The largest standardised difference of mean logarithms over all splits with ten values on either side, judged
    against shuffles of the same values (Pettitt's problem, with a mean instead of ranks). Of many values the means of
    neighbours are judged.
    """
    keep = values > 0
    logs, at = _neighbours(np.log(values[keep])), _firsts(times[keep])
    n = len(logs)
    if n < 2 * _LEAST or float(logs.std()) < 1e-12:
        return None
    centred = logs - logs.mean()
    split, strength = _strongest(centred[None, :])
    random = np.random.default_rng(seed)
    beyond, done = 0, 0
    while done < _SHUFFLES:  # in small lots: most steady parameters are dismissed by the first
        lot = min(99 if done == 0 else 300, _SHUFFLES - done)
        shuffled = random.permuted(np.broadcast_to(centred, (lot, n)), axis=1)
        beyond += int((_strongest(shuffled)[1] >= strength[0]).sum())
        done += lot
        if beyond > 4 * level * _SHUFFLES:
            return None
    chance = (beyond + 1) / (done + 1)
    if chance > level:
        return None
    place = int(split[0])
    old, new = logs[:place], logs[place:]
    step = float(new.mean() - old.mean())
    half = Z * math.sqrt(float(new.var(ddof=1)) / len(new) + float(old.var(ddof=1)) / len(old))
    factor = Interval(math.exp(step), math.exp(step - half), math.exp(step + half))
    return Drift(float(at[place]), factor, chance, len(old), len(new))


def _neighbours(values: Floats) -> Floats:
    """Means of so many neighbours that few enough are left to shuffle."""
    if len(values) <= _MOST:
        return values
    return np.array([float(part.mean()) for part in np.array_split(values, _MOST)])


def _firsts(times: Floats) -> Floats:
    """The times at which these begin."""
    return times if len(times) <= _MOST else np.array([part[0] for part in np.array_split(times, _MOST)])


def _strongest(rows: Floats) -> tuple[np.ndarray, Floats]:
    """Of each row the split with the largest standardised difference of means, and that difference."""
    n = rows.shape[1]
    places = np.arange(_LEAST, n - _LEAST + 1)
    sums = np.cumsum(rows, axis=1)[:, places - 1]
    weight = np.sqrt(n / (places * (n - places)))
    strength = np.abs(sums * weight)
    found = strength.argmax(axis=1)
    return places[found], strength[np.arange(len(rows)), found]
