"""Clusters made by chance, and an attacker who solves for what a member's value can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import lil_matrix

from lineside.hub.compare import PERCENTS, Compared, Members, Scale, Told
from lineside.hub.compare.bands import ranks
from lineside.hub.compare.panel import Panel

OEE = Scale("oee", "1", "higher", 0.0, 1.0, 0.05)
LEAD_TIME = Scale("lead_time", "d", "lower", 0.0, 60.0, 2.0)


def members(rng: np.random.Generator, number: int, *, industries: int = 2, regions: int = 2) -> Members:
    """A register in which small firms of the first industry are many."""
    tilt = np.arange(industries, 0, -1, dtype=float)
    return Members(
        ids=np.arange(1, number + 1) * 3,
        division=rng.choice(np.arange(30, 30 + industries), number, p=tilt / tilt.sum()),
        size=rng.choice(2, number, p=[0.3, 0.7]),
        region=rng.choice(regions, number),
        generated=np.zeros(number, dtype=bool),
        sizes=("medium", "small"),
        regions=tuple(f"r{i}" for i in range(regions)),
    )


def series(
    rng: np.random.Generator, register: Members, months: int, *, indicator: Scale = OEE, missing: float = 0.0
) -> Compared:
    """Values that hang on industry and size and hardly move, some of them missing."""
    base = 0.45 + 0.3 * rng.random((60, 2))[register.division, register.size] * rng.random()
    level = np.clip(base + rng.normal(0, rng.choice([0.02, 0.1]), len(register)), 0.01, 0.99)
    value = np.clip(level[:, None] + rng.normal(0, 0.02, (len(register), months)), 0.01, 0.99)
    value = indicator.low + value * (indicator.high - indicator.low)
    value[rng.random(value.shape) < missing] = np.nan
    return given(indicator, value)


def given(indicator: Scale, value: NDArray[np.float64]) -> Compared:
    """These values, all measured with full coverage."""
    return Compared(indicator, value, np.isfinite(value).astype(np.uint8), np.ones(value.shape, np.float32))


@dataclass(frozen=True)
class Figure:
    """What the attacker was told of a set of members: the place of the value of each rank."""

    members: frozenset[int]
    places: Mapping[int, int]


def figures(panel: Panel, values: NDArray[np.float64], told: Told) -> list[Figure]:
    """The same of what the product told; the attacker knows who is in each figure."""
    inside = np.isfinite(values)
    found = []
    for one in told.bands:
        cell = panel.cells.number[one.cell]
        those = np.flatnonzero(inside & (panel.chain[:, one.cell.level] == cell))
        found.append(figure(those, one.places))
    return found


def figure(those: Sequence[int] | NDArray[np.int64], places: Mapping[int, int]) -> Figure:
    """A figure of these members by percents."""
    rank = dict(zip(PERCENTS, ranks(np.array([len(those)]))[0], strict=True))
    return Figure(frozenset(int(i) for i in those), {int(rank[p]): place for p, place in places.items()})


def honest(indicator: Scale, those: Sequence[int], values: NDArray[np.float64], percents: Sequence[int]) -> Figure:
    """A figure without any rule: exactly these members, and all of these percents."""
    ordered = np.sort(indicator.places(values[list(those)]))
    rank = dict(zip(PERCENTS, ranks(np.array([len(those)]))[0], strict=True))
    return figure(those, {p: int(ordered[rank[p] - 1]) for p in percents})


class Attacker:
    """Who knows all figures, who is in them, and the places of the values of some members.

    Members in the same figures are a class. The places that a member of a class can have are found by integer
    programmes over how many members of each class lie in each stretch of the grid between the places told.
    """

    def __init__(self, told: Sequence[Figure], known: Mapping[int, int], ends: tuple[int, int]) -> None:
        self._told = told
        self._known = known
        cuts = {ends[0], ends[1] + 1} | {p + d for one in told for p in one.places.values() for d in (0, 1)}
        self.cuts = sorted(cut for cut in cuts if ends[0] <= cut <= ends[1] + 1)
        kinds: dict[frozenset[int], list[int]] = defaultdict(list)
        for member in sorted(frozenset().union(*(one.members for one in told)) - known.keys()):
            kinds[frozenset(i for i, one in enumerate(told) if member in one.members)].append(member)
        self.classes = list(kinds.items())
        matrix, low, high = self._constraints()
        self._fits = LinearConstraint(matrix.tocsr(), low, high)

    def intervals(self) -> dict[frozenset[int], tuple[int, int]]:
        """For each class the lowest and the highest place that any member of it can have."""
        stretches = len(self.cuts) - 1
        found = {}
        for i, (_, those) in enumerate(self.classes):
            low = next(s for s in range(stretches) if self._can(i, s))
            high = next(s for s in reversed(range(stretches)) if self._can(i, s))
            found[frozenset(those)] = self.cuts[low], self.cuts[high + 1] - 1
        return found

    def _can(self, which: int, stretch: int) -> bool:
        cost = np.zeros(len(self.classes) * (len(self.cuts) - 1))
        cost[which * (len(self.cuts) - 1) + stretch] = -1
        solved = milp(cost, constraints=self._fits, integrality=np.ones(cost.size))
        assert solved.status == 0, solved.message
        return bool(-solved.fun > 0.5)

    def _constraints(self) -> tuple[lil_matrix, list[float], list[float]]:
        stretches = len(self.cuts) - 1
        rows: list[tuple[list[int], float, float]] = []
        for i, (_, those) in enumerate(self.classes):
            rows.append((list(range(i * stretches, (i + 1) * stretches)), len(those), len(those)))
        for number, one in enumerate(self._told):
            inside = [i for i, (kind, _) in enumerate(self.classes) if number in kind]
            own = [place for member, place in self._known.items() if member in one.members]
            for rank, place in one.places.items():
                rows.append((self._below(inside, place), 0, rank - 1 - sum(p < place for p in own)))
                rows.append((self._below(inside, place + 1), rank - sum(p <= place for p in own), np.inf))
        matrix = lil_matrix((len(rows), len(self.classes) * stretches))
        for row, (columns, _, _) in enumerate(rows):
            matrix[row, columns] = 1
        return matrix, [low for _, low, _ in rows], [high for _, _, high in rows]

    def _below(self, inside: Sequence[int], place: int) -> list[int]:
        stretches = len(self.cuts) - 1
        return [i * stretches + s for i in inside for s in range(stretches) if self.cuts[s] < place]
