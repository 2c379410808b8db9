"""What is odd in a submission is told with its numbers, and what is not odd is left alone."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lineside.exchange import Value, catalogue, month_number
from lineside.hub.remarks import remarks
from lineside.texts import LANGUAGES, say

MONTH = month_number("2026-09")


def measured(indicator: str, value: float, coverage: float | None = 0.95, evidence: str | None = "a" * 64) -> Value:
    """A value that is measured, with everything that belongs to it."""
    return Value(indicator=indicator, value=value, coverage=coverage, evidence=evidence)


def found(*values: Value, before: dict[int, dict[str, float]] | None = None) -> list[tuple[str, str, dict[str, Any]]]:
    """The remarks on values of September 2026; `before` by months back."""
    earlier = {MONTH - back: said for back, said in (before or {}).items()}
    made = remarks(MONTH, values, catalogue(), lambda month: earlier.get(month, {}))
    for one in made:
        for language in LANGUAGES:  # every remark has its words, and the words take its fields
            assert "{" not in say(f"exchange.remark.{one.key}", language, **one.fields)
            assert not say(f"exchange.remark.{one.key}", language, **one.fields).startswith("exchange.")
    return [(one.indicator, one.key, one.fields) for one in made]


def test_a_sound_submission_has_none() -> None:
    """Values within their bounds, near those of the month before, covered, with evidence, and factors that fit."""
    values = (
        measured("availability", 0.9),
        measured("performance", 0.8),
        measured("quality", 0.99),
        measured("oee", 0.7128),
        measured("connected_share", 0.75),
        Value(indicator="lead_time", absent="no_orders"),
    )

    assert found(*values, before={1: {"oee": 0.70}}) == []


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_what_cannot_be_is_told(value: float) -> None:
    """A share below nothing or above all."""
    assert found(measured("oee", value)) == [("oee", "bounds", {"value": value, "low": 0.0, "high": 1.0})]


def test_an_oee_that_its_factors_do_not_allow_is_told() -> None:
    """Beyond what rounding does, only where all three are there; means over several lines need not make a product."""
    factors = (measured("availability", 0.9), measured("performance", 0.8), measured("quality", 0.99))

    ((indicator, key, fields),) = found(*factors, measured("oee", 0.82))

    assert (indicator, key, fields["value"]) == ("oee", "product", 0.82)
    assert (fields["least"], fields["most"]) == (pytest.approx(0.69), pytest.approx(0.8))
    assert [one[1] for one in found(*factors, measured("oee", 0.68))] == ["product"]
    for honest in (0.7128, 0.75, 0.803):
        assert found(*factors, measured("oee", honest)) == []
    assert found(*factors[:2], measured("oee", 0.85)) == []
    assert found(*factors[:2], Value(indicator="quality", absent="no_units"), measured("oee", 0.85)) == []


@given(some.lists(some.tuples(*[some.floats(0.01, 1)] * 4), min_size=1, max_size=5))
def test_no_honest_mean_over_lines_is_told(lines: list[tuple[float, ...]]) -> None:
    """However many lines there are, and however they differ, the site's four means are no remark."""
    weight = sum(line[3] for line in lines)

    def mean(of: Callable[[tuple[float, ...]], float]) -> float:
        return sum(of(line) * line[3] for line in lines) / weight

    odd = found(
        measured("availability", mean(itemgetter(0))),
        measured("performance", mean(itemgetter(1))),
        measured("quality", mean(itemgetter(2))),
        measured("oee", mean(lambda line: line[0] * line[1] * line[2])),
    )

    assert "product" not in [key for _, key, _ in odd]


def test_a_jump_is_told_against_the_month_before_alone() -> None:
    """As far as the catalogue lets an indicator move in a month."""
    ((_, key, fields),) = found(measured("oee", 0.9), before={1: {"oee": 0.6}, 2: {"oee": 0.9}})

    assert (key, fields) == ("jump", {"value": 0.9, "before": 0.6, "month": "2026-08", "jump": 0.25})
    assert found(measured("oee", 0.84), before={1: {"oee": 0.6}}) == []
    assert found(measured("oee", 0.9), before={2: {"oee": 0.6}}) == []


def test_what_lacks_its_proof_is_told() -> None:
    """Measured values say how much of the time they cover, enough of it, and the hash of what they rest on."""
    keys = [key for _, key, _ in found(measured("oee", 0.5, None, None), measured("quality", 0.9, 0.79))]

    assert keys == ["no_coverage", "no_evidence", "coverage"]
    assert found(Value(indicator="oee", value=0.5, origin="entered")) == []
    assert found(measured("connected_share", 0.5, 0.0)) == []


def test_what_never_moves_is_told() -> None:
    """A share of time that is the same to the last digit for six months; one that is all, or of machines, may be."""
    same = {back: {"oee": 0.6173, "availability": 1.0, "connected_share": 0.75} for back in range(1, 6)}

    assert [(i, k) for i, k, _ in found(measured("oee", 0.6173), before=same)] == [("oee", "still")]
    assert found(measured("availability", 1.0), measured("connected_share", 0.75), before=same) == []
    assert found(measured("oee", 0.6173), before={**same, 4: {"oee": 0.6174}}) == []
    assert found(measured("oee", 0.6173), before={back: same[back] for back in range(1, 5)}) == []
