"""What a question lets be known of a value: on which side of some cuts it lies.

Cuts of several questions on one indicator and month add up to one grid, whatever the questions are called. It may
nowhere be finer than the public grid of the catalogue, or many harmless questions would tell a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, log1p

from lineside.errors import ConfigurationError
from lineside.exchange import Catalogue, Indicator, Question
from lineside.rules import Misread
from lineside.rules.expressions import (
    PURE,
    Comparison,
    Junction,
    Kleene,
    Named,
    Negation,
    Number,
    NumberName,
    Range,
    Ranges,
    Truth,
    Working,
    names_in,
    parse_truth,
)

_NEAR = 1e-9
"""So much nearer than the grid two cuts may lie, as a part of its step: the dust of binary fractions."""


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A value of an indicator at which an answer turns; `above` says whether the value itself lies above it."""

    indicator: str
    at: float
    above: bool


def cuts_of(question: Question) -> frozenset[Cut]:
    """All cuts that the answer to a question tells of; a proof has none, as it tells the value itself.

    Raises ConfigurationError for a rule that cannot be read, or of which nobody could say where it cuts.
    """
    if question.kind == "band" and question.indicators:
        return frozenset(Cut(question.indicators[0], edge, above=True) for edge in question.edges)
    if question.kind == "yes_no" and question.indicators:
        return frozenset(_of_truth(parsed(question)))
    return frozenset()


def parsed(question: Question) -> Truth:
    """The rule of a question. Raises ConfigurationError."""
    return _parsed(question.rule, question.indicators)


@lru_cache(maxsize=1000)
def _parsed(rule: str, indicators: tuple[str, ...]) -> Truth:
    try:
        found = parse_truth(rule, {name: NumberName(PURE) for name in indicators})
    except Misread as error:
        raise ConfigurationError(error.key, **error.fields) from error
    if missing := sorted(set(indicators) - names_in(found)):
        raise ConfigurationError("oversight.rule_without", indicator=missing[0])
    return found


def told_by(question: Question, values: Mapping[str, float]) -> bool | int | None:
    """What a question comes to by values of its indicators: its yes or no, or the place of the band.

    None where a value is missing without which it cannot be said.
    """
    if question.kind == "band" and question.indicators:
        value = values.get(question.indicators[0])
        return None if value is None else sum(value >= edge for edge in question.edges)
    if question.kind == "yes_no" and question.indicators:
        return Working(Ranges(), _Known(values), {}).truth(parsed(question))
    return None


def require_coarse(cuts: frozenset[Cut], before: Iterable[Cut], catalogue: Catalogue) -> None:
    """Raises ConfigurationError where cuts lie nearer to each other, to those before or to a bound than the grid."""
    grown = dict.fromkeys(before, True) | dict.fromkeys(cuts, False)
    for name in {cut.indicator for cut in cuts}:
        indicator = catalogue.of(name)
        known = sorted(cut for cut in grown if cut.indicator == name)
        for cut in (one for one in known if one in cuts):
            if not indicator.low <= cut.at <= indicator.high or _bounded(cut, indicator):
                raise ConfigurationError("oversight.edge_at_end", indicator=name, at=cut.at, **_grid(indicator))
        for first, second in pairwise(known):
            if (first in cuts or second in cuts) and _nearer(first.at, second.at, indicator):
                near = {"indicator": name, "at": second.at, "other": first.at}
                raise ConfigurationError("oversight.edges_near", **near, **_grid(indicator))


def _bounded(cut: Cut, indicator: Indicator) -> bool:
    return _nearer(indicator.low, cut.at, indicator) or _nearer(cut.at, indicator.high, indicator)


def _nearer(low: float, high: float, indicator: Indicator) -> bool:
    """Whether two values are less than a step of the public grid apart."""
    if indicator.ratio:
        return log(high / low) < log1p(indicator.step) * (1 - _NEAR)
    return high - low < indicator.step * (1 - _NEAR)


def _grid(indicator: Indicator) -> dict[str, float | str]:
    return {"step": indicator.step, "unit": f"x {indicator.unit}" if indicator.ratio else indicator.unit}


def _of_truth(tree: Truth) -> Iterator[Cut]:
    match tree:
        case Junction(_, of):
            for one in of:
                yield from _of_truth(one)
        case Negation(one):
            yield from _of_truth(one)
        case Comparison("<" | "<=" as order, Named(name), right) if not names_in(right):
            yield Cut(name, _constant(right), above=order == "<")
        case Comparison("<" | "<=" as order, left, Named(name)) if not names_in(left):
            yield Cut(name, _constant(left), above=order == "<=")
        case _:
            raise ConfigurationError("oversight.rule_unweighed")


def _constant(tree: Number) -> float:
    found = Working(Ranges(), _Known({}), {}).number(tree).known
    if found is None:
        raise ConfigurationError("oversight.rule_unweighed")
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """Values of indicators, of which some may be missing."""

    values: Mapping[str, float]

    def number(self, name: str) -> Range:
        found = self.values.get(name)
        return Range.made(float("nan"), float("nan")) if found is None else Range.only(found)

    def flag(self, name: str) -> Kleene:
        raise KeyError(name)

    def among(self, name: str, _: tuple[str, ...]) -> Kleene:
        raise KeyError(name)
