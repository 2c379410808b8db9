"""What a question comes to over the indicators of a month, and whether a month keeps to a limit."""

from __future__ import annotations

import itertools
from typing import Any, cast

import pytest

from lineside.errors import UnusableData
from lineside.exchange import (
    Answered,
    Limit,
    Question,
    Value,
    answered,
    band_of,
    catalogue,
    kept_to,
    rule_of,
)
from tests.exchange.questions import question

OEE, AVAILABILITY = "oee", "availability"


def value(name: str, number: float | None, coverage: float = 0.9, **more: Any) -> Value:
    """A value of a month."""
    told = {"absent": "no_source"} if number is None else {"value": number}
    return Value(indicator=name, coverage=coverage, **cast("Any", told | more))


def said(asked: Question, *values: Value) -> Answered:
    """What these answer."""
    return answered(asked, {one.indicator: one for one in values}, catalogue())


@pytest.mark.parametrize(
    ("availability", "oee", "yes"),
    [(0.9, 0.7, True), (0.9, 0.5, False), (0.7, 0.7, False), (0.9, None, None), (0.7, None, False), (None, None, None)],
)
def test_what_is_not_known_is_no_no(availability: float | None, oee: float | None, yes: bool | None) -> None:
    """A rule holds or not where that is certain whatever is unknown; else the answer is absent, with the reason."""
    asked = question(kind="yes_no", indicators=(AVAILABILITY, OEE), rule="availability >= 0.8 and oee >= 0.6")

    found = said(asked, value(AVAILABILITY, availability), value(OEE, oee))

    assert found.yes is yes
    assert found.absent == ("no_source" if yes is None else None)


def test_too_few_facts_are_no_answer() -> None:
    """Below the coverage that the catalogue asks for nothing is judged, and that is the reason."""
    asked = question(kind="yes_no", indicators=(OEE,), rule="oee >= 0.6")

    assert said(asked, value(OEE, 0.7, 0.79)).absent == "too_little_coverage"
    assert said(asked, value(OEE, 0.7, 0.8)) == Answered(yes=True, coverage=0.8)


def test_one_value_that_was_entered_makes_the_answer_entered() -> None:
    """What people typed looks different, also where the rest was measured."""
    asked = question(kind="yes_no", indicators=(AVAILABILITY, OEE), rule="availability >= 0.8 and oee >= 0.6")

    assert said(asked, value(AVAILABILITY, 0.9), value(OEE, 0.7, origin="entered")).origin == "entered"
    assert said(asked, value(AVAILABILITY, 0.9), value(OEE, 0.7)).origin == "measured"


def test_a_band_holds_its_lower_edge() -> None:
    """Bands tile the line: every number lies in one, which begins where the one before ends."""
    edges = (0.2, 0.4, 0.6)

    assert [band_of(number, edges) for number in (0.0, 0.2, 0.39, 0.4, 0.6, 2.0)] == [0, 1, 1, 2, 3, 3]
    assert said(question(kind="band", indicators=(OEE,), edges=edges), value(OEE, 0.45)).band == 2
    for number in itertools.islice(itertools.count(0.0, 0.05), 30):
        direct = sum(number >= edge for edge in edges)
        assert band_of(number, edges) == direct


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ("luck >= 1", "rules.expression.no_name"),
        ("__import__('os')", "rules.expression.no_truth"),
        ("oee", "rules.expression.no_truth"),
    ],
)
def test_a_rule_is_read_and_never_run(rule: str, key: str) -> None:
    """What is no condition over the named indicators is refused."""
    asked = question(kind="yes_no", indicators=(OEE, "lead_time"), rule=rule)

    with pytest.raises(UnusableData) as refused:
        rule_of(asked, catalogue())

    assert refused.value.key == key


def test_what_people_are_asked_is_not_computed() -> None:
    """A question without indicators, and a proof, are not worked out."""
    for asked in (question(kind="yes_no"), question(kind="proof", indicators=(OEE,))):
        with pytest.raises(UnusableData) as refused:
            said(asked, value(OEE, 0.5))
        assert refused.value.key == "exchange.not_computable"


@pytest.mark.parametrize(
    ("number", "coverage", "state"),
    [(0.6, 0.9, "kept"), (0.59, 0.9, "beyond"), (0.9, 0.9, "kept"), (0.91, 0.9, "beyond"), (0.7, 0.5, "untold")],
)
def test_a_limit_is_kept_up_to_its_ends(number: float, coverage: float, state: str) -> None:
    """Both ends are within; what rests on too few facts was not told."""
    limit = Limit(indicator=OEE, least=0.6, most=0.9)

    assert kept_to(limit, value(OEE, number, coverage), catalogue()) == state
    assert kept_to(limit, None, catalogue()) == "untold"
    assert kept_to(Limit(indicator="luck", least=0.6), value("luck", number, coverage), catalogue()) == "untold"
    assert kept_to(limit, Value(indicator=OEE, value=number, origin="entered"), catalogue()) == "untold"
