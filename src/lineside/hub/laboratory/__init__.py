"""The rule laboratory: what a change of a support rule would do, before it is law, and how sure that is."""

from lineside.hub.laboratory.counting import Inequality, Uneven
from lineside.hub.laboratory.effect import Bounds, Budget, Effect, Estimate, Movement, Note, Spread, Unevenness
from lineside.hub.laboratory.imputing import Gaps
from lineside.hub.laboratory.judging import Judgements, judge
from lineside.hub.laboratory.laboratory import Trials, try_change
from lineside.hub.laboratory.population import Population

__all__ = [
    "Bounds",
    "Budget",
    "Effect",
    "Estimate",
    "Gaps",
    "Inequality",
    "Judgements",
    "Movement",
    "Note",
    "Population",
    "Spread",
    "Trials",
    "Uneven",
    "Unevenness",
    "judge",
    "try_change",
]
