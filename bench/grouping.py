"""How surely types of factories are found where there are some, and how often where there are none.

    python bench/grouping.py [RUNS]

Members of `tests/hub/types/planted.py`: six indicators over 24 months, a tenth of the months and one indicator in
twenty missing. Found: how often as many types as planted, and the adjusted Rand index between them and those planted,
of the members that are of a type; then how often members of one kind are said to have types (5 % would be by chance).
Beside it k-medoids (PAM by alternation, Park and Jun 2009) on the same distances with the right number given.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.hub.types import Effort, adjusted_rand, learned, profiles
from lineside.hub.types.grouping import grouped, squared_distances
from tests.hub.types.planted import KINDS, one_kind, typed

LEAST = 7
EFFORT = Effort(20, 39)


def medoids(scaled: NDArray[np.float64], k: int, random: np.random.Generator, starts: int = 10) -> NDArray[np.int64]:
    """Return the groups of k-medoids on partial distances."""
    middle = np.nanmean(scaled, axis=0)
    apart = np.sqrt(squared_distances(scaled, np.where(np.isfinite(scaled), scaled, middle)))
    apart = (apart + apart.T) / 2
    best: tuple[float, NDArray[np.int64]] = (np.inf, np.zeros(len(scaled), np.int64))
    for _ in range(starts):
        chosen = random.choice(len(scaled), k, replace=False)
        for _ in range(30):
            group = apart[:, chosen].argmin(axis=1)
            inside = [np.flatnonzero(group == g) for g in range(k)]
            moved = np.array(
                [
                    one[apart[np.ix_(one, one)].sum(axis=0).argmin()] if len(one) else chosen[g]
                    for g, one in enumerate(inside)
                ]
            )
            if (moved == chosen).all():
                break
            chosen = moved
        cost = float(apart[:, chosen].min(axis=1).sum())
        if cost < best[0]:
            best = cost, apart[:, chosen].argmin(axis=1)
    return best[1]


def planted(runs: int) -> None:
    """Print what is found of planted types, by their distance."""
    print(
        "| types, apart | as many found, % | Rand of typed, median (lowest) | typed, % | all: k-means | k-medoids | s |"
    )
    for types in (2, 3, 4):
        for apart in (3.0, 4.5, 6.0):
            begun = time.perf_counter()
            right, index, share, means, around = 0, [], [], [], []
            for run in range(runs):
                random = np.random.default_rng((types, run))
                values, own = typed(200, types, apart, random)
                found = learned(profiles(values, range(200)), LEAST, run, EFFORT)
                right += found.number == types
                of_one = found.type >= 0
                if of_one.any():
                    index.append(adjusted_rand(found.type[of_one], own[of_one]))
                    share.append(of_one.mean())
                scaled, known = found.profiles.scaled[found.profiles.known], found.profiles.known
                means.append(adjusted_rand(grouped(scaled, types, random).group, own[known]))
                around.append(adjusted_rand(medoids(scaled, types, random), own[known]))
            told = f"{np.median(index):.2f} ({min(index):.2f}) | {100 * np.mean(share):.0f}" if index else "- | 0"
            both = f"{np.median(means):.2f} | {np.median(around):.2f}"
            each = (time.perf_counter() - begun) / runs
            print(f"| {types}, {apart:g} | {100 * right / runs:.0f} | {told} | {both} | {each:.1f} |", flush=True)


def none(runs: int) -> None:
    """Print how often members of one kind are said to have types."""
    print("\n| one kind | types found, % |")
    for law in KINDS:
        found = 0
        for run in range(runs):
            values = one_kind(200, law, np.random.default_rng((200, run)))
            found += learned(profiles(values, range(200)), LEAST, run, EFFORT).number > 0
        print(f"| {law} | {100 * found / runs:.0f} |", flush=True)


if __name__ == "__main__":
    print(machine("numpy", "scipy"))
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    planted(number)
    none(2 * number)
