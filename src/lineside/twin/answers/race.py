"""Ranking and selection: which of several lines is best, with replications spent where they matter.

All lines share their luck, so only differences between lines are noise. Lines are dropped as soon as they are told to
be worse, by the fully sequential procedure of Kim and Nelson (2001) with variances of paired differences taken anew at
every stage (2006): the line that is left is the best, or no more than the indifference zone behind it, with the stated
probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.twin.tally import Floats

Draw: TypeAlias = Callable[[int, int, int], Floats]
"""Scores of one line (its number) in replications from a first one on, so many; more is better."""

FIRST_STAGE = 10
_GROWTH = 5
_DRAWS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How a race stands after a stage."""

    scores: tuple[Floats, ...]
    """Of each line, one a replication; those dropped have fewer."""
    alive: tuple[int, ...]
    """Not dropped, best first."""
    zone: float
    decided: bool
    share: float
    """How far it has come, from 0 to 1; a guess."""

    @property
    def best(self) -> int:
        """The line that leads."""
        return self.alive[0]

    @property
    def replications(self) -> int:
        """Of all lines together."""
        return sum(len(one) for one in self.scores)


def race(lines: int, draw: Draw, zone: Callable[[Floats], float], confidence: float, most: int) -> Iterator[Standing]:
    """The standing after each stage; the last is decided unless a line has had the `most` replications.

    `zone` gives the indifference zone, in the unit of the scores, from the first scores of line 0.
    """
    scores = [draw(i, 0, FIRST_STAGE) for i in range(lines)]
    width, n, alive = zone(scores[0]), FIRST_STAGE, np.arange(lines)
    while True:
        table = np.array([scores[i] for i in alive])
        kept, needed = _kept(table, width, (1.0 - confidence) / max(lines - 1, 1))
        alive = alive[kept]
        means = table[kept].mean(axis=1)
        alive, done = alive[np.argsort(-means, kind="stable")], len(alive) == 1 or n >= needed
        share = 1.0 if done else max(1.0 - (len(alive) - 1) / (lines - 1), n / min(needed, most))
        yield Standing(tuple(scores), tuple(int(i) for i in alive), width, done, share)
        if done or n >= most:
            return
        more = min(max(1, n // _GROWTH), most - n)
        for i in alive:
            scores[i] = np.concatenate([scores[i], draw(int(i), n, more)])
        n += more


def _kept(table: Floats, zone: float, error: float) -> tuple[NDArray[np.bool_], float]:
    """Which of these lines stay, and the replications after which no more than a tie can be left."""
    n = table.shape[1]
    if len(table) == 1:
        return np.array([True]), n
    height = ((2.0 * error) ** (-2.0 / (n - 1)) - 1.0) * (n - 1)
    covariance = np.cov(table)
    variances = np.diag(covariance)
    spread = np.maximum(variances[:, None] + variances[None, :] - 2.0 * covariance, 0.0)
    margin = np.maximum(0.0, zone / (2.0 * n) * (height * spread / zone**2 - n))
    means = table.mean(axis=1)
    kept = ~(means[:, None] < means[None, :] - margin).any(axis=1)
    left = spread[np.ix_(kept, kept)]
    return kept, float(height * left.max() / zone**2)


def chances(standing: Standing, seed: int) -> tuple[Floats, Floats]:
    """Of each line the probability to be best, and to be within the zone of the best.

    By draws from what the paired differences to the leader leave open: Student's t for each, with their correlation.
    """
    from scipy.special import ndtr, stdtrit

    draw = np.random.default_rng(seed)
    leader = standing.scores[standing.best]
    luck = draw.standard_normal((_DRAWS, len(leader)))
    behind = np.zeros((len(standing.scores), _DRAWS))
    for i, own in enumerate(standing.scores):
        gap = own - leader[: len(own)]
        n, spread = len(own), float(gap.std(ddof=1))
        if spread == 0.0:
            behind[i] = gap.mean()
            continue
        unit = luck[:, :n] @ (gap - gap.mean()) / (spread * math.sqrt(n - 1))
        tail = np.clip(ndtr(unit), 1e-12, 1 - 1e-12)
        behind[i] = gap.mean() + stdtrit(n - 1, tail) * spread / math.sqrt(n)
    top = behind.max(axis=0)
    tied = behind == top
    return (tied / tied.sum(axis=0)).mean(axis=1), (behind >= top - standing.zone).mean(axis=1)
