"""Surface: how unequal the cluster is and where, what stands in each region, and whom the members stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from lineside.hub.compare.bands import Told, ranks
from lineside.hub.compare.counts import dominated
from lineside.hub.compare.given import Floats, Members, Scale
from lineside.hub.compare.indices import GINI, THEIL_L, THEIL_T, Interval, Split, intervals, split_l, split_t
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import size_name
from lineside.rules import industries
from lineside.texts import DEFAULT_LANGUAGE, say

FEWEST = 30
"""Members that a figure of inequality asks for: with fewer its interval says it all."""
_DIGITS = 3
_OFF = 1.25
"""A kind of enterprise is over- or under-represented from this ratio on."""


@dataclass(frozen=True, slots=True)
class Inequality:
    """How unequal n members are in an indicator, to three digits.

    The Theil indices are split by the industries that are told of, all others being one group more. `theil_l` is None
    where a value is 0. `generated` is the share of generated members.
    """

    indicator: str
    n: int
    groups: int
    gini: Interval
    theil_t: Interval
    by_t: Split
    theil_l: Interval | None
    by_l: Split | None
    generated: float


def inequality(
    panel: Panel, indicator: Scale, values: Floats, told: Told, generated: Floats, seed: int
) -> Inequality | None:
    """What may be told of the inequality of these values (by place, see `Panel.taken`), of which `told` was told.

    None for fewer than `FEWEST` members, for values below zero or all zero, where one dominates the sum, and where a
    group of the split is left with fewer than a group of members.
    """
    inside = np.isfinite(values)
    x = values[inside]
    if x.size < FEWEST or x.min() < 0 or dominated(x, panel.secrecy):
        return None
    named = [panel.cells.number[one.cell] for one in told.bands if one.cell.level == 1]
    industry = panel.chain[inside, 1]
    _, group = np.unique(np.where(np.isin(industry, named), industry, -1), return_inverse=True)
    sizes = np.bincount(group)
    if sizes.min() < panel.secrecy.group:
        return None
    if any(dominated(x[group == g], panel.secrecy) for g in range(sizes.size)):
        return None
    positive = bool(x.min() > 0)
    measures = [GINI, THEIL_T, THEIL_L] if positive else [GINI, THEIL_T]
    by_measure = [_round(one) for one in intervals(x, measures, seed)]
    return Inequality(
        indicator.id,
        int(x.size),
        int(sizes.size),
        by_measure[0],
        by_measure[1],
        _round_split(split_t(x, group)),
        by_measure[2] if positive else None,
        _round_split(split_l(x, group)) if positive else None,
        round(float(generated[inside].mean()), 3),
    )


def _round(one: Interval) -> Interval:
    return Interval(round(one.value, _DIGITS), round(one.low, _DIGITS), round(one.high, _DIGITS))


def _round_split(one: Split) -> Split:
    within, between = (round(part, _DIGITS) + 0.0 for part in (one.within, one.between))  # never a zero below zero
    return Split(round(within + between, _DIGITS), within, between)


@dataclass(frozen=True, slots=True)
class RegionMedian:
    """The median of a region on the public grid, of the n members whose whole block lies in it."""

    region: str
    n: int
    median: float
    generated: float


def regions(panel: Panel, indicator: Scale, values: Floats, generated: Floats) -> tuple[RegionMedian, ...]:
    """The regions that may be told: whole blocks, so that they may lie across the nested cells; the median alone."""
    code = np.array([cell.region or "" for cell in panel.blocks], dtype=object)[panel.block]
    inside = np.isfinite(values)
    found = []
    for region in sorted({cell.region for cell in panel.blocks if cell.region is not None}):
        those = inside & (code == region)
        n = int(those.sum())
        if n >= panel.secrecy.least:
            middle = np.sort(indicator.places(values[those]))[ranks(np.array([n]))[0, 2] - 1]
            share = round(float(generated[those].mean()), 3)
            found.append(RegionMedian(region, n, indicator.at(int(middle)), share))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Enterprises:
    """How many enterprises there are, by division of industry and by size class, as the hub's settings tell."""

    by_industry: Mapping[str, int]
    by_size: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of enterprise: its members, its enterprises, and how its share of members compares to that of enterprises.

    A `ratio` of 2 says that it is twice as frequent among members, inf that the population does not know it.
    """

    cell: str
    by: str
    members: int
    enterprises: int
    ratio: float

    def words(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The same in a sentence."""
        over = "over" if self.ratio > 1 else "under"
        if self.by == "size":
            name = size_name(self.cell, language).capitalize()
        else:
            division = industries().divisions.get(self.cell)
            name = f"C{self.cell} {division.names[language]}" if division else f"C{self.cell}"
        if not self.enterprises:
            return say("compare.bias.new", language, name=name, members=self.members)
        fields = {
            "name": name,
            "members": self.members,
            "enterprises": f"{self.enterprises:,}",
            "ratio": f"{self.ratio:.1f}",
        }
        return say(f"compare.bias.{over}", language, **fields)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom the members stand for. `share` of all enterprises is None where nobody said how many there are."""

    members: int
    enterprises: int | None
    share: float | None
    kinds: tuple[Kind, ...]

    def words(self, language: str = DEFAULT_LANGUAGE) -> list[str]:
        """What is known of the bias, in sentences; members are not the industry."""
        if self.enterprises is None or self.share is None:
            return [say("compare.coverage.unknown", language, members=self.members)]
        told = {"members": self.members, "enterprises": f"{self.enterprises:,}", "share": f"{100 * self.share:.1f} %"}
        off = [one for one in self.kinds if one.ratio >= _OFF or one.ratio <= 1 / _OFF]
        return [say("compare.coverage", language, **told), *(one.words(language) for one in off)]


def coverage(members: Members, population: Enterprises | None, *, generated: bool = False) -> Coverage:
    """How the register compares to the population, what is farthest first; generated members stand for nobody."""
    real = np.full(len(members), True) if generated else ~members.generated
    number = int(real.sum())
    total = sum(population.by_industry.values()) if population else 0
    if population is None or total == 0:
        return Coverage(number, None, None, ())
    division = [f"{code:02d}" for code in members.division[real]]
    size = [members.sizes[i] if i >= 0 else "" for i in members.size[real]]
    kinds = [*_kinds(division, population.by_industry, "industry"), *_kinds(size, population.by_size, "size")]
    off = sorted(kinds, key=lambda one: (-abs(np.log(one.ratio)) if one.ratio > 0 else -inf, one.by, one.cell))
    return Coverage(number, total, number / total, tuple(off))


def _kinds(of: list[str], population: Mapping[str, int], by: str) -> list[Kind]:
    total = sum(population.values())
    found = []
    for name in sorted({*of, *population} - {"", "00"}) if total and of else ():
        members, enterprises = of.count(name), population.get(name, 0)
        ratio = (members / len(of)) / (enterprises / total) if enterprises else inf
        if members or enterprises:
            found.append(Kind(name, by, members, enterprises, ratio))
    return found
