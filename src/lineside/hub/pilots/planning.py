"""Planning at a hub: whom to compare with, what could be found, and whether a plan may be fixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from lineside.errors import ConfigurationError
from lineside.exchange import month_name
from lineside.hub.compare import Compared, Members
from lineside.hub.contents import month_at
from lineside.hub.member import Standing
from lineside.hub.pilots.matching import Candidates, Matched, matched
from lineside.hub.pilots.noise import LEAST_MONTHS
from lineside.hub.pilots.panel import Floats, Panel
from lineside.hub.pilots.pilot import Pilot
from lineside.hub.pilots.plan import Choice, Hypothesis, Plan
from lineside.hub.pilots.power import Reach, reach
from lineside.hub.tiers.joined import compared, members_of
from lineside.hub.tiers.sources import Sources

EARLIER = 12
"""Months before those that count as "before", by which a comparison group is found."""
MOST_EACH = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that lacks a comparison group: `each` members are wanted for every one that takes part."""

    hypothesis: Hypothesis
    treated: tuple[int, ...]
    start: int
    pre: int
    post: int
    each: int = 2

    @classmethod
    def of(cls, plan: Plan, each: int) -> Wanted:
        """The same of a whole plan."""
        return cls(plan.hypothesis, plan.treated, plan.start, plan.pre, plan.post, each)


class Planning:
    """Looks at the figures as they are now; what it gives depends on nothing else."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources

    @property
    def month(self) -> int:
        """The month it is by the calendar of the hub, since the year 0."""
        return month_at(self._from.now_us(), ZoneInfo(self._from.settings().time_zone))

    def panel(self, indicator: str) -> Panel:
        """An indicator of all who were ever admitted, with the values that count: within bounds and covered enough.

        Generated members count, and are flagged, where the settings say that they count in figures. Raises
        ConfigurationError for no such indicator.
        """
        return self._panel(indicator)[0]

    def reach(self, plan: Plan) -> Reach:
        """What a plan can find. Raises what `reach` does."""
        return reach(plan, self.panel(plan.hypothesis.indicator), self.month)

    def match(self, wanted: Wanted, others: Iterable[Pilot]) -> Matched:
        """A comparison group of members that take part in none of the `others` at the same time.

        Found by the year before the months that count as "before", where that is known; else by these. Raises
        ConfigurationError for who is no member, and what `matched` raises.
        """
        if not 1 <= wanted.each <= MOST_EACH:
            raise ConfigurationError("pilots.each", each=wanted.each, most=MOST_EACH)
        self.require_admitted(wanted.treated)
        panel, members = self._panel(wanted.hypothesis.indicator)
        if wanted.hypothesis.relative:
            panel = panel.relative()
        mine = set(wanted.treated)
        free = [one for one in self._admitted() if one not in mine and one not in _taken(wanted, others)]
        classes = Candidates([str(one) for one in members.division.tolist()], members.size.tolist())
        return matched(panel, classes, wanted.treated, free, self._window(wanted, panel), each=wanted.each)

    def check(self, plan: Plan, others: Sequence[Pilot], each: int) -> None:
        """Raises ConfigurationError for a plan with who is no member, or takes part elsewhere at the same time.

        A comparison group that is said to be matched has to be the one that `match` gives.
        """
        self.require_admitted((*plan.treated, *plan.comparison))
        for other in others:
            if both := other.meets(plan):
                raise ConfigurationError("pilots.elsewhere", members=_named(both), pilot=other.number)
        if plan.chosen is Choice.MATCHED:
            found = self.match(Wanted.of(plan, each), others)
            if found.comparison != tuple(sorted(plan.comparison)):
                raise ConfigurationError("pilots.not_matched")

    def require_admitted(self, members: Iterable[int]) -> None:
        """Raises ConfigurationError for who is not a member now."""
        missing = {*members}.difference(self._admitted())
        if missing:
            raise ConfigurationError("pilots.not_admitted", members=_named(missing))

    def _admitted(self) -> list[int]:
        return [one.number for one in self._from.register.everybody() if one.state is Standing.MEMBER]

    def _panel(self, indicator: str) -> tuple[Panel, Members]:
        told = self._from.catalogue.of(indicator)
        members = members_of(self._from.register.everybody(), self._from.settings())
        snapshot = self._from.figures.snapshot()
        rules = self._from.settings().telling
        value = _usable(compared(snapshot, members, told), generated=rules is not None and rules.generated)
        return Panel(value, members.ids, snapshot.first, members.generated), members

    def _window(self, wanted: Wanted, panel: Panel) -> tuple[int, int]:
        first = wanted.start - wanted.pre
        begin = max(panel.first, first - EARLIER)
        if first - begin >= LEAST_MONTHS:
            return begin, first
        end = min(self.month, wanted.start)
        if end - first < LEAST_MONTHS:
            raise ConfigurationError("pilots.no_window", first=month_name(first), least=LEAST_MONTHS)
        return first, end


def _usable(told: Compared, *, generated: bool) -> Floats:
    months = [told.usable(at, generated=generated) for at in range(told.value.shape[1])]
    return np.stack(months, axis=1) if months else told.value


def _taken(wanted: Wanted, others: Iterable[Pilot]) -> set[int]:
    """Who takes part in another pilot of the same indicator, in months that this one looks at."""
    first, end = wanted.start - wanted.pre, wanted.start + wanted.post
    same = (
        one.plan
        for one in others
        if one.cancelled is None and one.plan.hypothesis.indicator == wanted.hypothesis.indicator
    )
    return {member for plan in same if plan.first < end and first < plan.end for member in plan.treated}


def _named(members: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(members)))
