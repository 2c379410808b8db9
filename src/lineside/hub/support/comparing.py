"""What support did, as pilots measured it: figures are taken from what a pilot found, and typed by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lineside.hub.applications import Application, Measured
from lineside.hub.pilots import Pilot, Told


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pilot that says what a grant did, as everybody is told it."""

    plan: str
    """SHA-256, by which the ledger names it."""
    number: int
    found: Told

    def step(self, by: int) -> Measured:
        """The step of the application that says so."""
        effect = self.found.effect
        return Measured(
            by=by,
            comparison=self.plan,
            indicator=self.found.indicator,
            effect=effect.mean,
            low=effect.low,
            high=effect.high,
            relative=self.found.relative,
            verdict=self.found.verdict.value,
        )


def comparisons(application: Application, pilots: Iterable[Pilot]) -> Iterator[Comparison]:
    """The pilots in which the member took part, that were judged and may be told of.

    They began in the month from which the application counts, or later: what was before is no effect of it.
    """
    day, member = date.fromisoformat(application.draft.on), application.draft.member
    for one in pilots:
        told = None if one.judged is None else one.judged.told
        if told is not None and member in one.plan.treated and one.plan.start >= day.year * 12 + day.month - 1:
            yield Comparison(one.fixed.sha256, one.number, told)
