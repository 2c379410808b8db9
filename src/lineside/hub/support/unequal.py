"""How unevenly money lies with members, before and after support: by the measures that the benchmarks have, too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lineside.exchange import Profile
from lineside.hub.compare.given import Floats
from lineside.hub.compare.indices import GINI, THEIL_T, Measure
from lineside.hub.laboratory import Inequality, Uneven
from lineside.rules import Programme, Timing

_REVENUE = {"CNY": "revenue_cny", "EUR": "turnover_eur"}
_FEWEST = 2


def per_head(programme: Programme, profiles: Sequence[Profile]) -> Uneven | None:
    """Revenue a head, to which the amount of a programme is added, shared by heads.

    None where that has no meaning: amounts that are only paid later or are no money, and where fewer than two members
    told both.
    """
    name = _REVENUE.get(str(programme.unit))
    if name is None or programme.timing is Timing.DEFERRED:
        return None
    told = [(getattr(one, name), one.employees) for one in profiles]
    revenue, heads = (np.array([np.nan if one is None else float(one) for one in of]) for of in zip(*told, strict=True))
    known = (revenue > 0) & (heads > 0)
    if known.sum() < _FEWEST:
        return None
    counted = heads[known]

    def resulting(outcome: Floats, amount: Floats) -> Floats:
        given: Floats = outcome + amount / counted
        return given

    outcome = np.full(len(profiles), np.nan)
    outcome[known] = revenue[known] / counted
    return Uneven(outcome, {"gini": _quiet(GINI), "theil_t": _quiet(THEIL_T)}, resulting)


def _quiet(measure: Measure) -> Inequality:
    """NaN, which is left out, for a drawn sample in which nobody has anything."""

    def of(values: Floats, weights: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return measure(values, weights)

    return of
