"""Watches sandboxes: each month that is ripe is judged, and what is over by its terms is ended.

A round finds by itself what is still to be done, so one that was cut off is gone on with by the next, and what a hub
missed while it stood still is made up for month by month, as if it had run.
"""

from __future__ import annotations

from math import isfinite
from zoneinfo import ZoneInfo

from lineside.hub.figures import Origin, Own
from lineside.hub.sandboxes.judging import Told, broken, verdict_on
from lineside.hub.sandboxes.sandbox import Cause, JudgedLimit, Running, State, Warned, warnings
from lineside.hub.sandboxes.sandboxes import Sandboxes
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.tiers.sources import Sources


class Watching:
    """The rounds of one hub."""

    def __init__(self, sandboxes: Sandboxes, sources: Sources) -> None:
        self._sandboxes, self._register, self._figures = sandboxes, sources.register, sources.figures
        self._catalogue, self._settings, self._now = sources.catalogue, sources.settings, sources.now_us

    @property
    def ripe(self) -> int | None:
        """The last month (since the year 0) that should have been told; None where the settings name no day for it."""
        settings = self._settings()
        if settings.telling is None:
            return None
        return last_ripe(self._now(), ZoneInfo(settings.time_zone), settings.telling.days)

    def watch(self) -> None:
        """One round. A round that finds nothing new writes nothing."""
        ripe, month = self.ripe, self._sandboxes.month
        for one in self._sandboxes.open():
            if self._register.get(one.member).state.over:
                self._sandboxes.end_by_rule(one.number, Cause.LEFT)
            elif one.state is State.OFFERED:
                if month > one.first:
                    self._sandboxes.end_by_rule(one.number, Cause.LAPSED)
            elif ripe is not None:
                self._judge(one, min(ripe, one.last))

    def warned(self, one: Running) -> tuple[Warned, ...]:
        """What may soon end a sandbox."""
        month = self._sandboxes.month
        own = self._figures.own(one.member)
        over = min(month - 1, one.last)
        limits = self._limits(one, own, over)
        return warnings(one, month, self.ripe, [each.indicator for each in limits if each.value is None])

    def _judge(self, one: Running, until: int) -> None:
        """Judges each month until one, and ends the sandbox where a limit or the last month ends it."""
        own = self._figures.own(one.member)
        known = {each.month: each.limits for each in one.months}
        for month in range(one.first, until + 1):
            limits = self._limits(one, own, month)
            if known.get(month) != limits:
                self._sandboxes.judge(one.number, month, limits)
                known[month] = limits
            verdicts = [[limit.verdict for limit in known[at]] for at in range(one.first, month + 1)]
            if broken(one.terms.limits, verdicts):
                self._sandboxes.end_by_rule(one.number, Cause.LIMIT)
                return
        if until == one.last:
            self._sandboxes.end_by_rule(one.number, Cause.LAST)

    def _limits(self, one: Running, own: Own, month: int) -> tuple[JudgedLimit, ...]:
        """Each limit in a month, by what the member told of it until now."""
        found = []
        for limit in one.terms.limits:
            told, origin = _said(own, limit.indicator, month)
            indicator = self._catalogue.indicators.get(limit.indicator)
            verdict = verdict_on(limit, told, 1.0 if indicator is None else indicator.coverage)
            found.append(JudgedLimit(limit.indicator, verdict, told.value, told.coverage, origin))
        return tuple(found)


def _said(own: Own, indicator: str, month: int) -> tuple[Told, str]:
    """What a member told of an indicator and month, and where it has it from; "" where it told none."""
    if month not in own.months or indicator not in own.indicators:
        return Told(), ""
    at, series = own.months.index(month), own.of(indicator)
    value, coverage = float(series.value[at]), float(series.coverage[at])
    told = Told(value if isfinite(value) else None, round(coverage, 6) if isfinite(coverage) else None)
    return told, Origin(series.origin[at]).word if told.value is not None else ""
