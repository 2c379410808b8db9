"""Line: an industry by size class, its course, who moved in it, and what holds it back; a chain is made of these."""

from __future__ import annotations

from lineside.hub.compare import Bands, Cell, Told, distribution, holds
from lineside.hub.compare.peers import size_name
from lineside.hub.tiers.plain import Plain, division_name
from lineside.hub.tiers.reader import Reader
from lineside.hub.tiers.tiers import Tiers
from lineside.rules import industries, size_schemes
from lineside.texts import say

COURSE = 24
"""Months of a trend."""


def line(tiers: Tiers, industry: str, indicator: str, month: str | None, reader: Reader) -> Plain:
    """What is told of an industry in a month, or in the last one of the indicator.

    Raises ConfigurationError for no such industry or indicator.
    """
    code, one = industries().of(industry).code, tiers.indicator(indicator)
    told = tiers.told(indicator, month) if one.compared else None
    base = {
        "industry": {"code": code, "name": division_name(code, reader.language)},
        "indicator": indicator,
        "month": told.month if told else month,
        "months": tiers.months(indicator),
    }
    if told is None:
        why = say("tiers.withheld.few" if one.compared else "tiers.not_compared", reader.language)
        return base | {"whole": None, "withheld": why, "sizes": [], "trend": [], "movement": None, "holds": []}
    cell = Cell(code)
    found = reader.shown(tiers, told, told.by_cell.get(cell))
    return base | {
        "whole": found["bands"],
        "withheld": found["withheld"],
        "sizes": _sizes(tiers, told, cell, reader),
        "trend": course(tiers, indicator, told.month, cell, reader),
        "movement": moved(tiers, told, cell, reader),
        "holds": held_back(tiers, told.month, cell, reader),
    }


def course(tiers: Tiers, indicator: str, until: str, cell: Cell, reader: Reader) -> list[Plain]:
    """The middle half of a cell, month by month, as far as it is told."""
    names, told = tiers.year(indicator, until, COURSE)
    scale, found = tiers.scales[indicator], []
    for month in names:
        bands = told[month].by_cell.get(cell) if month in told else None
        if bands is not None and reader.sees(bands.generated):
            values = bands.values(scale)
            told_of = {f"p{percent}": values.get(percent) for percent in (25, 50, 75)}
            found.append({"month": month, **told_of, "n": bands.n, "generated": bands.generated})
    return found


def _sizes(tiers: Tiers, told: Told, cell: Cell, reader: Reader) -> list[Plain]:
    by_size = {one.cell.size: one for one in distribution(told, cell).sizes}
    return [
        {
            "size": one.id,
            "name": size_name(one.id, reader.language),
            **reader.shown(tiers, told, by_size.get(one.id)),
        }
        for one in size_schemes()[tiers.settings.size_scheme].classes
    ]


def moved(tiers: Tiers, told: Told, cell: Cell, reader: Reader) -> Plain | None:
    """How many of an industry moved to a better or worse band, since when; None where that is not told."""
    movement = tiers.movement(told)
    found = movement[1].get(cell.path) if movement else None
    if movement is None or found is None or not reader.sees(found.generated):
        return None
    parts = {"up": found.better, "same": found.same, "down": found.worse}
    return parts | {"n": found.n, "generated": found.generated, "from": movement[0], "to": told.month}


def held_back(tiers: Tiers, month: str, cell: Cell, reader: Reader) -> list[Plain]:
    """The indicators of an industry, what holds it back most first."""
    months = [(tiers.scales[one.id], told) for one in tiers.compared if (told := tiers.told(one.id, month))]
    seen = [(scale, told) for scale, told in months if all(reader.sees(one.generated) for one in _needed(told, cell))]
    return [
        {
            "indicator": one.indicator,
            "name": tiers.indicator(one.indicator).names[reader.language],
            "gap": one.gap,
            "words": one.words(reader.language),
        }
        for one in holds(seen, cell)
    ]


def _needed(told: Told, cell: Cell) -> list[Bands]:
    return [told.by_cell[one] for one in (Cell(), cell) if one in told.by_cell]
