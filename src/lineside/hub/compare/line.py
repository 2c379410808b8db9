"""Line: an industry, size class by size class; who moved in a year; which indicator holds it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.hub.compare.bands import PERCENTS, Bands, Told
from lineside.hub.compare.counts import parts
from lineside.hub.compare.given import Floats, Ints, Scale
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import Cell
from lineside.texts import DEFAULT_LANGUAGE, say


@dataclass(frozen=True, slots=True)
class Distribution:
    """An industry, and those of its size classes that may be told; `whole` is None where not even the industry may."""

    industry: Cell
    whole: Bands | None
    sizes: tuple[Bands, ...]


def distribution(told: Told, industry: Cell) -> Distribution:
    """What is told of an industry in a month."""
    sizes = tuple(one for one in told.bands if one.cell.above == industry)
    return Distribution(industry, told.by_cell.get(industry), sizes)


@dataclass(frozen=True, slots=True)
class Movement:
    """Of the n members of an industry with both months, how many are now in a better band, a worse or the same one.

    None for what may not be told. `generated` is the share of generated members among the n.
    """

    industry: Cell
    n: int
    better: int | None
    worse: int | None
    same: int | None
    generated: float


def movement(
    panel: Panel, indicator: Scale, then: tuple[Floats, Told], now: tuple[Floats, Told], generated: Floats
) -> tuple[Movement, ...]:
    """The movement between two months in each industry that is told in both.

    Each month is given by the values that count (by place, see `Panel.taken`) and by what was told of it; bands lie
    between the told quantiles of the industry in that month. Industries are disjoint, and of wider or smaller cells no
    movement is told: nothing can be subtracted. `generated` is 1 by place for generated members, else 0.
    """
    both = np.isfinite(then[0]) & np.isfinite(now[0])
    industry = panel.chain[:, 1]
    found = []
    for cell, before in then[1].by_cell.items():
        after = now[1].by_cell.get(cell)
        those = np.flatnonzero(both & (industry == panel.cells.number.get(cell, -2)))
        if cell.level != 1 or after is None or those.size < panel.secrecy.group:
            continue
        common = [percent for percent in PERCENTS if percent in before.places and percent in after.places]
        moved = _bands(now[0][those], after, common, indicator) - _bands(then[0][those], before, common, indicator)
        moved = moved * indicator.better
        counts = [int((moved > 0).sum()), int((moved < 0).sum()), int((moved == 0).sum())]
        better, worse, same = parts(counts, panel.secrecy)
        share = round(float(generated[those].mean()), 3)
        found.append(Movement(cell, those.size, better, worse, same, share))
    return tuple(found)


def _bands(values: Floats, told: Bands, percents: Sequence[int], indicator: Scale) -> Ints:
    places = np.array([told.places[percent] for percent in percents], dtype=np.int64)
    return np.searchsorted(places, indicator.places(values), side="right").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Hold:
    """How far the median of an industry is behind what a quarter of all reach, in interquartile ranges of all.

    `gap` = (reference - median) / (p75 - p25 of all), above 0 where the industry is behind; the reference is the p75 of
    all, or the p25 where less is better. All are as told, on the public grid.
    """

    indicator: str
    median: float
    reference: float
    spread: float
    gap: float

    def words(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The formula with its numbers."""
        return say(
            "compare.hold",
            language,
            median=f"{self.median:g}",
            reference=f"{self.reference:g}",
            spread=f"{self.spread:g}",
            gap=f"{self.gap:.2f}",
        )


def holds(told: Sequence[tuple[Scale, Told]], industry: Cell) -> tuple[Hold, ...]:
    """The indicators of an industry, what holds it back most first; without those that lack what the formula needs."""
    found = []
    for indicator, month in told:
        whole, part = month.by_cell.get(Cell()), month.by_cell.get(industry)
        if whole is None or part is None or not {25, 75} <= whole.places.keys() or 50 not in part.places:
            continue
        spread = round(indicator.at(whole.places[75]) - indicator.at(whole.places[25]), 12)
        if spread > 0:
            reference = indicator.at(whole.places[75 if indicator.direction == "higher" else 25])
            middle = indicator.at(part.places[50])
            gap = indicator.better * (reference - middle) / spread
            found.append(Hold(indicator.id, middle, reference, spread, gap))
    return tuple(sorted(found, key=lambda one: (-one.gap, one.indicator)))
