"""The language of rules: what is read, what is refused, and what comes of things that are not known."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.rules import Misread, Range, Ranges
from lineside.rules.expressions import (
    ANYWHERE,
    ChoiceName,
    Kleene,
    Names,
    NumberName,
    TruthName,
    Unit,
    Working,
    parse_number,
    parse_truth,
)

NAMES: Names = {
    "spend": NumberName(Unit.parse("CNY")),
    "basis": NumberName(Unit.parse("CNY")),
    "staff": NumberName(Unit.parse("persons")),
    "years": NumberName(Unit.parse("year")),
    "rate": NumberName(Unit.parse("1/year")),
    "share": NumberName(Unit.parse("1")),
    "a": NumberName(Unit.parse("1")),
    "b": NumberName(Unit.parse("1")),
    "listed": TruthName(),
    "business": ChoiceName(frozenset({"steel", "food", "trade"})),
}


class Knowing:
    """What is known of somebody, for an expression."""

    def __init__(self, numbers: dict[str, Range], *, listed: Kleene = None, business: str | None = None) -> None:
        self._numbers, self._listed, self._business = numbers, listed, business

    def number(self, name: str) -> Range:
        """A number, or anywhere."""
        return self._numbers.get(name, ANYWHERE)

    def flag(self, _: str) -> Kleene:
        """The one truth there is."""
        return self._listed

    def among(self, _: str, choices: tuple[str, ...]) -> Kleene:
        """The one choice there is."""
        return None if self._business is None else self._business in choices


def number(text: str, **known: float | Range) -> Range:
    """What a formula gives for these numbers."""
    ranges = {name: one if isinstance(one, Range) else Range.only(one) for name, one in known.items()}
    return Working(Ranges(), Knowing(ranges), {}).number(parse_number(text, NAMES)[0])


def truth(text: str, *, listed: Kleene = None, business: str | None = None, **known: float) -> Kleene:
    """Whether a condition holds for these."""
    ranges = {name: Range.only(one) for name, one in known.items()}
    knowing = Knowing(ranges, listed=listed, business=business)
    return Working(Ranges(), knowing, {}).truth(parse_truth(text, NAMES))


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("0.10 * min(spend, 0.50 * basis)", 50.0),
        ("spend - basis - 1", -401.0),
        ("-spend / 3", -200.0),
        ("spend if staff >= 300 else basis", 1000.0),
        ("max(spend, basis, 2000)", 2000.0),
        ("spend * (rate * min(years, 2))", 18.0),
    ],
)
def test_a_formula_is_worked_out_as_it_reads(text: str, is_: float) -> None:
    """Signs, precedence, min, max and choices are those of ordinary arithmetic."""
    assert number(text, spend=600, basis=1000, staff=299, years=5, rate=0.015).known == pytest.approx(is_)


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("20 <= staff < 300", True),
        ("staff != 299", False),
        ("not staff > 300 and listed", True),
        ("business in ['steel', 'food']", True),
        ("business not in ['steel', 'food'] or business == 'trade'", False),
        ("business != 'trade'", True),
    ],
)
def test_a_condition_is_worked_out_as_it_reads(text: str, is_: bool) -> None:
    """Comparisons may be chained; choices are compared with what can be chosen."""
    assert truth(text, staff=299, listed=True, business="steel") is is_


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("staff > 300", None),
        ("staff > 300 and share > 0.5", False),
        ("staff > 300 or share < 0.5", True),
        ("not listed", None),
        ("listed or share < 0.5", True),
        ("business == 'steel'", None),
    ],
)
def test_what_is_not_known_matters_only_where_it_decides(text: str, is_: Kleene) -> None:
    """Kleene's logic: something false ends an and, something true an or, whatever else is unknown."""
    assert truth(text, share=0.4) is is_


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("__import__('os').system('true')", "no_number"),
        ("spend.real", "no_number"),
        ("(lambda: spend)()", "no_number"),
        ("[spend for spend in (1, 2)]", "no_number"),
        ("spend ** 2", "no_number"),
        ("spend // 2", "no_number"),
        ("abs(spend)", "no_number"),
        ("min(spend)", "no_number"),
        ("min(*spend)", "no_number"),
        ("min(spend, basis, key=spend)", "no_number"),
        ("f'{spend}'", "no_number"),
        ("'text'", "no_number"),
        ("True", "no_number"),
        ("listed", "no_number"),
        ("business", "no_number"),
        ("(spend := 3)", "no_number"),
        ("1j", "no_number"),
        ("nobody + 1", "no_name"),
        ("spend + staff", "units"),
        ("min(spend, years)", "units"),
        ("spend if staff > spend else 0", "units"),
        ("spend; basis", "syntax"),
        ("spend = 3", "syntax"),
        ("", "syntax"),
        ("spend\x00", "syntax"),
        ("1e400", "large"),
        ("9" * 30, "large"),
        ("-" * 60 + "1", "deep"),
        ("(" * 300 + "1" + ")" * 300, "syntax"),
        ("1" + " + 1" * 400, "long"),
    ],
)
def test_everything_else_is_refused(text: str, key: str) -> None:
    """No attribute, call, name or operator beyond the few is read; nothing of an expression ever runs."""
    with pytest.raises(Misread) as raised:
        parse_number(text, NAMES)

    assert raised.value.key == f"rules.expression.{key}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("spend", "no_truth"),
        ("spend is basis", "no_truth"),
        ("spend < basis if listed else listed", "no_truth"),
        ("listed == True", "no_number"),
        ("business == spend", "no_choice"),
        ("business in 'steel'", "no_choice"),
        ("business < 'steel'", "no_choice"),
        ("business == 'stele'", "other_choice"),
    ],
)
def test_a_condition_of_another_form_is_refused(text: str, key: str) -> None:
    """A number is no condition, and a choice is compared with what can be chosen only."""
    with pytest.raises(Misread) as raised:
        parse_truth(text, NAMES)

    assert raised.value.key == f"rules.expression.{key}"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("spend * rate * min(years, 2)", "CNY"),
        ("spend / staff", "CNY/persons"),
        ("2 * share", "1"),
        ("3", None),
        ("spend / spend", "1"),
        ("1 / years + rate", "1/year"),
    ],
)
def test_the_unit_of_a_formula_follows_from_its_parts(text: str, unit: str | None) -> None:
    """Products and quotients multiply units; a number that stands in the rule takes the one of the other side."""
    found = parse_number(text, NAMES)[1]

    assert (None if found is None else str(found)) == unit


@pytest.mark.parametrize("text", ["", "/", "CNY//year", "C NY*", "kg^2", "1/", "元"])
def test_what_is_no_unit_is_refused(text: str) -> None:
    """A unit is made of names, * and / alone."""
    with pytest.raises(ValueError):  # noqa: PT011 - the reader words it
        Unit.parse(text)


def test_a_quotient_by_what_may_be_nothing_may_be_anything() -> None:
    """So a rule that divides by an unknown never gives a number that looks sure."""
    assert number("spend / staff", spend=1, staff=Range(0, 5)) == ANYWHERE
    assert number("spend / staff", spend=1, staff=0) == ANYWHERE
    assert number("spend / staff", spend=6, staff=Range(2, 3)) == Range(2, 3)
    assert number("spend / staff", spend=6, staff=Range(2, math.inf)) == Range(0, 3)


LEAF = st.sampled_from(["a", "b", "0", "7", "2.5"])
FORMULA = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["({} + {})", "({} - {})", "min({}, {})", "max({}, {})"]), inner, inner).map(
            lambda t: t[0].format(t[1], t[2])
        ),
        st.tuples(st.sampled_from(["({} * 0.25)", "({} / 4)", "({} * share)"]), inner).map(lambda t: t[0].format(t[1])),
        st.tuples(inner, inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} <= {t[2]} else {t[3]})"),
    ),
    max_leaves=8,
)
FIGURE = st.integers(-1000, 1000).map(float)


@given(FORMULA, FIGURE, FIGURE, FIGURE, st.lists(st.integers(0, 500), min_size=6, max_size=6))
def test_knowing_more_stays_within_what_was_said_before(
    text: str, a: float, b: float, share: float, slack: list[int]
) -> None:
    """The figure lies in the range that was given while the inputs were only bounded, whatever they turn out to be."""
    wide = {
        name: Range(value - slack[2 * at], value + slack[2 * at + 1])
        for at, (name, value) in enumerate({"a": a, "b": b, "share": share}.items())
    }

    before = number(text, **wide)
    after = number(text, a=a, b=b, share=share)

    margin = 1e-9 * (1 + abs(after.low))
    assert before.low - margin <= after.low <= after.high <= before.high + margin


@given(FORMULA, FIGURE, FIGURE, st.integers(-8, 8).map(float))
def test_a_formula_gives_what_python_gives(text: str, a: float, b: float, share: float) -> None:
    """An independent answer: the same text in fractions. These figures are exact as floats, so nothing differs."""
    names = {"a": Fraction(a), "b": Fraction(b), "share": Fraction(share), "min": min, "max": max}
    found = number(text, a=a, b=b, share=share).known

    exact = eval(text.replace("0.25", "Q").replace("2.5", "H"), {"Q": Fraction(1, 4), "H": Fraction(5, 2)}, names)  # noqa: S307

    assert found is not None
    assert Fraction(found) == exact


def test_a_day_is_no_part_of_the_language() -> None:
    """Dates are those of the rule, so that an expression never depends on when it is looked at."""
    with pytest.raises(Misread):
        parse_truth(f"spend < {date(2026, 1, 1)}" + " and today", NAMES)
