"""What the public is told: the quarters that are ripe, the newest first, each indicator once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from sqlalchemy.orm import Session

from lineside.errors import NotPermitted
from lineside.exchange import month_name
from lineside.hub.compare import (
    BUDGET,
    Cell,
    Compared,
    Fineness,
    Period,
    PublicFigure,
    Told,
    publish,
    told_bytes,
    told_months,
)
from lineside.hub.tiers.now import Now
from lineside.hub.tiers.ripe import quarters
from lineside.hub.tiers.sources import Sources
from lineside.jobs import JobContext
from lineside.trust import HUB, Kind
from lineside.valve import grant


def publish_quarters(sources: Sources, now: Now, context: JobContext) -> int:
    """Tells what is clear enough and can be paid; gives how many figures the public knows of these quarters.

    Once the budget is spent nothing more is told. Raises ConfigurationError where the budget is set below what is spent
    of it, or what makes noise is not installed.
    """
    rules = now.settings.observatory
    if rules is None:
        return 0
    with sources.books.session() as session:
        grant(session, BUDGET, rules.budget)
    by_id = {one.indicator.id: one for those in now.families.values() for one in those}
    told = 0
    for name, first in reversed(quarters(now.first, now.last)):
        for indicator in rules.indicators:
            context.check()
            try:
                told += _publish(sources, now, by_id[indicator], name, first, rules.epsilon)
            except NotPermitted:  # the budget is spent
                return told
    return told


def _publish(sources: Sources, now: Now, series: Compared, name: str, first: int, epsilon: float) -> int:
    lost = first + 2 < now.since
    signal = _spread(sources, series, month_name(first + 2), lost=lost)
    if signal is None:
        return 0
    begin = first - now.first

    def kept(session: Session, figures: list[PublicFigure]) -> None:
        facts = {"indicator": series.indicator.id, "period": name}
        sources.ledger.write(session, Kind.FIGURES_PUBLISHED, who=HUB, about=HUB, **facts, sha256=_hash(figures))

    found = publish(
        sources.books,
        now.members,
        series,
        Period(name, slice(begin, begin + 3), lost),
        Fineness(epsilon, signal),
        generated=now.rules.generated,
        now_us=now.time_us,
        kept=kept,
    )
    return len(found)


def _spread(sources: Sources, series: Compared, month: str, *, lost: bool) -> float | None:
    """The interquartile range of all as it was told, a place of the grid at least; None where it was not.

    Of a month that was told by books that are `lost` that of the last one before it.
    """
    scale = series.indicator
    with sources.books.reading() as session:
        if lost:
            month = max((one for one in told_months(session, scale.id) if one <= month), default=month)
        content = told_bytes(session, scale.id, month)
    whole = None if content is None else Told.read(content).by_cell.get(Cell())
    if whole is None or not {25, 75} <= whole.places.keys():
        return None
    return max(scale.at(whole.places[75]) - scale.at(whole.places[25]), scale.step)


def _hash(figures: Sequence[PublicFigure]) -> str:
    """SHA-256 of what the public is told, in the order of cells."""
    told = [[one.period, one.indicator, one.cell.path, one.value, one.error, one.epsilon] for one in figures]
    return sha256(msgspec.json.encode(told)).hexdigest()
