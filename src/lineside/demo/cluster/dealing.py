"""Shares dealt out to a given number of members, so that few members still show the shares that were published."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


def counts(shares: Sequence[float], many: int) -> list[int]:
    """Whole numbers that sum to `many` and lie less than one from their shares of it (largest remainders)."""
    total = sum(shares)
    exact = [share * many / total for share in shares]
    whole = [int(one) for one in exact]
    by_rest = sorted(range(len(shares)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_rest[: many - sum(whole)]:
        whole[place] += 1
    return whole


def dealt(scores: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.int64]:
    """The class of each by rank: who scores lowest is in the first, and each class has its share."""
    classes = np.repeat(np.arange(len(shares)), counts(shares, len(scores)))
    found = np.empty(len(scores), np.int64)
    found[np.argsort(scores, kind="stable")] = classes
    return found


def shuffled(rng: np.random.Generator, many: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """The class of each by chance, each class with its share."""
    return dealt(rng.random(many), shares)


def spread(many: int, deviation: float) -> NDArray[np.float64]:
    """So many values as a normal distribution has them: evenly likely, around 0, with exactly this deviation."""
    found = np.array([NormalDist().inv_cdf((place + 0.5) / many) for place in range(many)])
    scaled: NDArray[np.float64] = found * (deviation / found.std())
    return scaled
