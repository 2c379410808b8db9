"""The observatory: what the public is told by quarter, what the noise means, and what is left of the budget."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lineside.hub.compare import BUDGET, PublicFigure, PublicRecord, public
from lineside.hub.tiers.joined import secrecy_of
from lineside.hub.tiers.plain import Plain
from lineside.hub.tiers.surface import cover
from lineside.hub.tiers.tiers import Tiers
from lineside.texts import say
from lineside.valve import budget_left


def observatory(tiers: Tiers, period: str | None, language: str) -> Plain:
    """What the public was told of a period, or of the last one; anybody may read it.

    How many stand behind a figure is not told: the number would have no noise.
    """
    with tiers.sources.books.reading() as session:
        periods = list(session.scalars(select(PublicRecord.period).distinct().order_by(PublicRecord.period)))
        named = period or next(reversed(periods), None)
        found = [] if named is None else _figures(tiers, session, named)
        left = budget_left(session, BUDGET)
    rules = tiers.settings.observatory
    return {
        "period": named,
        "periods": periods,
        "figures": [_figure(tiers, one, language) for one in found],
        "budget": None if rules is None else {"spent": round(rules.budget - left, 6), "of": rules.budget},
        "words": [say(f"tiers.public.{what}", language) for what in ("means", "noise", "nothing", "budget")],
        "coverage": cover(tiers, language, secrecy_of(tiers.settings.protection).group),
    }


def _figures(tiers: Tiers, session: Session, period: str) -> list[PublicFigure]:
    """What was told; what was paid for when the hub ended is not drawn again, so there is nothing to tell of it."""
    told = (one for indicator in tiers.compared for one in public(session, period, indicator.id))
    return [one for one in told if one.value is not None]


def _figure(tiers: Tiers, one: PublicFigure, language: str) -> Plain:
    indicator = tiers.indicator(one.indicator)
    return {
        "indicator": one.indicator,
        "name": indicator.names[language],
        "unit": indicator.unit,
        "cell": one.cell.words(language),
        "path": one.cell.path,
        "value": one.value,
        "error": one.error,
        "epsilon": one.epsilon,
        "n": None,
        "generated": one.generated,
        "words": one.guarantee(language),
    }
