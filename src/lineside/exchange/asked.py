"""What a published question comes to over indicators: one computation, for who answers and for who checks.

A yes or no is an expression of the rules' own language; what is not known makes it open, never a no.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lineside.errors import UnusableData
from lineside.exchange.catalogue import Catalogue
from lineside.exchange.overseeing import Question
from lineside.exchange.words import Absence, Origin, Value
from lineside.rules import ANYWHERE, PURE, Kleene, Misread, NumberName, Range, Ranges, Truth, Working, parse_truth


@dataclass(frozen=True, slots=True)
class Answered:
    """What indicators answer: `yes`, or the place of a `band`, or why neither can be said."""

    yes: bool | None = None
    band: int | None = None
    absent: Absence | None = None
    coverage: float | None = None
    """The least of the values that it was computed of."""
    origin: Origin = "measured"


def rule_of(question: Question, catalogue: Catalogue) -> Truth:
    """The rule of a question of the kind "yes_no", over its indicators as plain numbers in the catalogue's units.

    Raises UnusableData for what is no rule, ConfigurationError for an indicator that there is not.
    """
    names = {catalogue.of(name).id: NumberName(PURE) for name in question.indicators}
    try:
        return parse_truth(question.rule, names)
    except Misread as error:
        raise UnusableData(error.key, **error.fields) from error


def counting(value: Value, catalogue: Catalogue) -> float | None:
    """The number of a value that may be judged by: None where it is absent, or rests on too few facts."""
    return None if lacking(value, catalogue) is not None else value.value


def lacking(value: Value, catalogue: Catalogue) -> Absence | None:
    """Why a value cannot be judged by; None: it can."""
    if value.value is None:
        return value.absent or "not_computed"
    least = catalogue.of(value.indicator).coverage
    too_little = value.coverage is not None and value.coverage < least
    return "too_little_coverage" if too_little else None


def answered(question: Question, values: Mapping[str, Value], catalogue: Catalogue) -> Answered:
    """What values of a month, by indicator, answer to a question of the kind "yes_no" or "band".

    Raises UnusableData for a question that cannot be computed: without indicators, or of another kind.
    """
    if (
        not question.indicators
        or question.kind == "proof"
        or (question.kind == "band" and len(question.indicators) > 1)
    ):
        raise UnusableData("exchange.not_computable", number=question.number)
    known = [values.get(name) or Value(indicator=name, absent="not_computed") for name in question.indicators]
    coverage = min((one.coverage for one in known if one.coverage is not None), default=None)
    origin = _origin(known)
    numbers = {one.indicator: counting(one, catalogue) for one in known}
    if question.kind == "yes_no":
        yes = _worked_out(rule_of(question, catalogue), numbers)
        if yes is not None:
            return Answered(yes=yes, coverage=coverage, origin=origin)
    elif (number := numbers[question.indicators[0]]) is not None:
        return Answered(band=band_of(number, question.edges), coverage=coverage, origin=origin)
    reasons = [found for one in known if (found := lacking(one, catalogue)) is not None]
    why: Absence = reasons[0] if reasons else "not_computed"
    return Answered(absent=why, coverage=coverage, origin=origin)


def band_of(number: float, edges: tuple[float, ...]) -> int:
    """The place of the band that a number lies in, from 0: a band holds its lower edge, and not its upper one."""
    return bisect_right(edges, number)


def _origin(values: Iterable[Value]) -> Origin:
    """What an answer is that rests on these: made up, or typed in, as soon as one of them is."""
    told = {one.origin for one in values if one.value is not None}
    return "generated" if "generated" in told else "entered" if "entered" in told else "measured"


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Indicators for the walk over an expression; one that is not known may lie anywhere."""

    known: Mapping[str, float | None]

    def number(self, name: str) -> Range:
        found = self.known.get(name)
        return ANYWHERE if found is None else Range.only(found)

    def flag(self, name: str) -> Kleene:
        del name
        return None

    def among(self, name: str, choices: tuple[str, ...]) -> Kleene:
        del name, choices
        return None


def _worked_out(rule: Truth, numbers: Mapping[str, float | None]) -> Kleene:
    return Working(Ranges(), _Numbers(numbers), {}).truth(rule)
