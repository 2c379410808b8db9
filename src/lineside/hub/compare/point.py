"""Point: one factory against the cell that is told of it, by its own values and what all members are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

import numpy as np

from lineside.hub.compare.bands import Bands, Told
from lineside.hub.compare.given import Scale
from lineside.hub.compare.peers import Cell, Peers, peers
from lineside.texts import DEFAULT_LANGUAGE, say

FEWEST = 6
"""Months with a value that a trend asks for."""


@dataclass(frozen=True, slots=True)
class Band:
    """Between which told quantiles a value lies, in percent; None: no quantile is told on that side."""

    low: int | None
    high: int | None

    def words(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The same for people."""
        if self.low is None and self.high is None:
            return say("compare.band.none", language)
        ends = {"low": self.low, "high": self.high}
        named = {end: say(f"compare.percentile.{at}", language) for end, at in ends.items() if at is not None}
        which = "below" if self.low is None else "above" if self.high is None else "between"
        return say(f"compare.band.{which}", language, **named)


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit of an indicator is worth to a member in a year, as the member states it."""

    money: float
    currency: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a factory stands among its peers in a month.

    Gaps are in the indicator's unit, above 0 where it is behind and below 0 where it is ahead; `to_better` is to the
    quarter that does better. Trends are in that unit by year. `worth` is what closing `to_better` would bring in a year
    where it is behind, by the member's own `Worth`. None stands for what is not told or not known.
    """

    peers: Peers
    edition: int
    value: float
    bands: Bands
    band: Band
    to_median: float | None
    to_better: float | None
    trend: float | None
    trend_of_peers: float | None
    worth: float | None
    currency: str | None


def position(
    own: Mapping[str, float],
    told: Mapping[str, Told],
    months: Sequence[str],
    cell: Cell,
    indicator: Scale,
    worth: Worth | None = None,
) -> Position | None:
    """The position in the last of these months; all of them, twelve as a rule, make the trend.

    `own` are the factory's values by month, `cell` is the smallest it lies in. None where it has no value in the last
    month, or nothing is told.
    """
    last = told.get(months[-1])
    found = peers(cell, {one.cell: one.n for one in last.bands}) if last else None
    if last is None or found is None or months[-1] not in own:
        return None
    bands, value = last.by_cell[found.cell], own[months[-1]]
    to_better = gap(value, bands, 75 if indicator.direction == "higher" else 25, indicator)
    medians = {
        i: indicator.at(there.places[50])
        for i, month in enumerate(months)
        if (of := told.get(month)) and (there := of.by_cell.get(found.cell)) and 50 in there.places
    }
    return Position(
        peers=found,
        edition=last.edition,
        value=value,
        bands=bands,
        band=band(value, bands.places, indicator),
        to_median=gap(value, bands, 50, indicator),
        to_better=to_better,
        trend=trend({i: own[month] for i, month in enumerate(months) if month in own}),
        trend_of_peers=trend(medians),
        worth=max(to_better, 0.0) * worth.money if worth and to_better is not None else None,
        currency=worth.currency if worth else None,
    )


def band(value: float, places: Mapping[int, int], indicator: Scale) -> Band:
    """The band of a value, which counts as at a quantile where both lie in one place of the grid."""
    place = int(indicator.places(np.array([value]))[0])
    below = [percent for percent, at in places.items() if at <= place]
    above = [percent for percent, at in places.items() if at > place]
    return Band(max(below, default=None), min(above, default=None))


def gap(value: float, bands: Bands, percent: int, indicator: Scale) -> float | None:
    """How far a value is behind a quantile, in the indicator's unit; None where that is not told."""
    at = bands.places.get(percent)
    return None if at is None else indicator.better * (indicator.at(at) - value)


def trend(values: Mapping[int, float]) -> float | None:
    """By how much the values rise in twelve months: the median of the slopes of all pairs, which bears outliers.

    (Sen, Estimates of the regression coefficient based on Kendall's tau, 1968.) None for fewer than `FEWEST` values.
    """
    if len(values) < FEWEST:
        return None
    pairs = combinations(sorted(values.items()), 2)
    return 12 * median((later - value) / (then - month) for (month, value), (then, later) in pairs)
