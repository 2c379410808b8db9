"""What a hub tells of point, line and surface, from what was told: in memory, until something new is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from lineside.exchange import Indicator, month_name, month_number
from lineside.hub.compare import (
    Behind,
    Benchmarks,
    Inequality,
    Movement,
    Panel,
    RegionMedian,
    Scale,
    Told,
    basis_of,
    inequality,
    left_behind,
    movement,
    regions,
    told_months,
)
from lineside.hub.compare.given import Floats
from lineside.hub.settings import HubSettings
from lineside.hub.tiers.families import SIX
from lineside.hub.tiers.sources import Sources

YEAR = 12
LEAST_APART = 3
"""Months that lie between two that a movement is told of, at least."""
_ORDINAL = "level"
"""The unit of what has an order and no distance, so that its inequality would mean nothing."""


class Tiers:
    """Figures that were told, of one hub. Any thread may ask."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.benchmarks = Benchmarks(sources.books)

    @property
    def settings(self) -> HubSettings:
        """What a person wrote of the hub."""
        return self.sources.settings()

    @cached_property
    def compared(self) -> tuple[Indicator, ...]:
        """The indicators that members are compared by."""
        return tuple(one for one in self.sources.catalogue.indicators.values() if one.compared)

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """How each of them is compared."""
        return {one.id: Scale.of(one) for one in self.compared}

    def indicator(self, name: str) -> Indicator:
        """An indicator of the catalogue. Raises ConfigurationError."""
        return self.sources.catalogue.of(name)

    def months(self, indicator: str) -> list[str]:
        """The months of which an indicator is told, the first one first."""
        return list(self._panels(indicator))

    def told(self, indicator: str, month: str | None) -> Told | None:
        """What is told of a month, or of the last one; None where nothing is."""
        named = month or next(reversed(self.months(indicator)), None)
        return None if named is None else self.benchmarks.told(indicator, named)

    def year(self, indicator: str, until: str, months: int = YEAR) -> tuple[list[str], dict[str, Told]]:
        """The names of so many months that end with `until`, and what is told of them."""
        last = month_number(until)
        names = [month_name(at) for at in range(last - months + 1, last + 1)]
        return names, self.benchmarks.months(indicator, names)

    def inequality(self, told: Told) -> Inequality | None:
        """How unequal those are of whom a month was told; None where that may not be told or means nothing."""
        if self.indicator(told.indicator).unit == _ORDINAL:
            return None

        def made(session: Session) -> Inequality | None:
            panel, values, generated = self._basis(session, told.indicator, told.month)
            seed = month_number(told.month)  # the same bytes for whoever asks again
            return inequality(panel, self.scales[told.indicator], values, told, generated, seed)

        return self.benchmarks.made(("inequality", told.indicator, told.month), made)

    def regions(self, told: Told) -> dict[str, RegionMedian]:
        """The medians of regions of a month that was told, by region."""

        def made(session: Session) -> dict[str, RegionMedian]:
            panel, values, generated = self._basis(session, told.indicator, told.month)
            found = regions(panel, self.scales[told.indicator], values, generated)
            return {one.region: one for one in found}

        return self.benchmarks.made(("regions", told.indicator, told.month), made)

    def behind(self, month: str) -> Sequence[Behind]:
        """Who is left behind in a month, by cells, those with the largest share first; needs all of `SIX`."""

        def made(session: Session) -> Sequence[Behind]:
            found = [basis_of(session, name, month) for name in SIX if name in self.scales]
            bases = [one for one in found if one is not None]
            if len(bases) < len(SIX) or not all(_same(bases[0][0], panel) for panel, _ in bases):
                return ()
            panel = bases[0][0]
            given = [(self.scales[name], values) for name, (_, values) in zip(SIX, bases, strict=True)]
            cells = left_behind(panel, given, self._generated(panel))
            return sorted(cells, key=lambda one: (-one.share, one.cell.path))

        return self.benchmarks.made(("behind", month), made)

    def movement(self, told: Told) -> tuple[str, dict[str, Movement]] | None:
        """Who moved until this month, by industry, and since which month: a year before, or the first of its panel."""
        since = self._since(told)
        if since is None:
            return None

        def made(session: Session) -> dict[str, Movement]:
            panel, values, generated = self._basis(session, told.indicator, told.month)
            _, before, _ = self._basis(session, told.indicator, since.month)
            found = movement(panel, self.scales[told.indicator], (before, since), (values, told), generated)
            return {one.industry.path: one for one in found}

        return since.month, self.benchmarks.made(("movement", told.indicator, told.month), made)

    def _since(self, told: Told) -> Told | None:
        panels, last = self._panels(told.indicator), month_number(told.month)
        for month, panel in panels.items():
            apart = last - month_number(month)
            if panel == panels.get(told.month) and LEAST_APART <= apart <= YEAR:
                return self.benchmarks.told(told.indicator, month)
        return None

    def _panels(self, indicator: str) -> dict[str, int]:
        return self.benchmarks.made(("months", indicator), lambda session: told_months(session, indicator))

    def _basis(self, session: Session, indicator: str, month: str) -> tuple[Panel, Floats, Floats]:
        """Of a month that was told: the panel, the values by place, and 1 by place for generated members."""
        found = basis_of(session, indicator, month)
        if found is None:
            raise LookupError(indicator, month)
        panel, values = found
        return panel, values, self._generated(panel)

    def _generated(self, panel: Panel) -> Floats:
        members = self.sources.register.members
        return np.array([members[int(one)].profile.generated for one in panel.members], dtype=np.float64)


def _same(one: Panel, other: Panel) -> bool:
    return np.array_equal(one.members, other.members) and np.array_equal(one.block, other.block)
