"""What is odd in a submission is told with its numbers, and what is not odd is left alone."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lineside.exchange import Value, catalogue, month_number, remark_words
from lineside.hub.remarks import remarks
from lineside.texts import LANGUAGES

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
            assert not {"{", "="} & set(remark_words(one, language))
            assert remark_words(one, language) != one.key
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
    """Beyond what rounding does; means over several lines need not make a product."""
    factors = (measured("availability", 0.9), measured("performance", 0.8), measured("quality", 0.99))

    ((indicator, key, fields),) = found(*factors, measured("oee", 0.82))

    assert (indicator, key, fields["value"]) == ("oee", "product", 0.82)
    assert (fields["least"], fields["most"]) == (pytest.approx(0.69), pytest.approx(0.8))
    assert [one[1] for one in found(*factors, measured("oee", 0.68))] == ["product"]
    for honest in (0.7128, 0.75, 0.803):
        assert found(*factors, measured("oee", honest)) == []


def test_a_factor_that_is_left_out_hides_no_impossible_oee() -> None:
    """What is told of the others bounds it already, whatever the third is."""
    told = measured("availability", 0.9), measured("performance", 0.8), Value(indicator="quality", absent="no_units")

    ((indicator, key, fields),) = found(*told, measured("oee", 0.85))

    assert (indicator, key, fields["most"]) == ("oee", "product", 0.8)
    assert found(*told, measured("oee", 0.8)) == []
    assert [one[1] for one in found(measured("oee", 0.85), before={0: {"performance": 0.8}})] == ["product"]


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


def test_a_jump_is_told_against_the_last_month_that_was_told() -> None:
    """As far as the catalogue lets an indicator move; leaving months out, or telling them backwards, hides none."""
    ((_, key, fields),) = found(measured("oee", 0.9), before={1: {"oee": 0.6}, 2: {"oee": 0.9}})

    assert (key, fields) == ("jump", {"value": 0.9, "before": 0.6, "month": "2026-08", "jump": 0.25})
    assert found(measured("oee", 0.84), before={1: {"oee": 0.6}}) == []
    for back in (-1, 2, 3):
        assert [one[1] for one in found(measured("oee", 0.9), before={back: {"oee": 0.6}})] == ["jump"]
    assert found(measured("oee", 0.9), before={4: {"oee": 0.6}}) == []


def test_a_correction_that_goes_far_is_told() -> None:
    """Against what was told of the month before."""
    ((_, key, fields),) = found(measured("oee", 0.9), before={0: {"oee": 0.6}})

    assert (key, fields) == ("corrected", {"value": 0.9, "before": 0.6, "month": "2026-09", "jump": 0.25})
    assert found(measured("oee", 0.7), before={0: {"oee": 0.6}}) == []


@pytest.mark.parametrize(("value", "odd"), [(1.9, []), (2.1, ["jump_times"]), (0.51, []), (0.49, ["jump_times"])])
def test_what_differs_by_powers_of_ten_jumps_by_a_quotient(value: float, odd: list[str]) -> None:
    """Energy per unit that doubles, or falls to a half, as if the units had become others."""
    assert [one[1] for one in found(measured("energy_per_unit", value), before={1: {"energy_per_unit": 1.0}})] == odd


def test_what_takes_no_time_or_is_no_whole_number_is_told() -> None:
    """A lead time of nothing, half a machine, a twin that runs a little."""
    values = measured("lead_time", 0.0), measured("machines_connected", 2.5), measured("twin_in_use", 0.4)

    assert [(one, key) for one, key, _ in found(*values)] == [
        ("lead_time", "nothing"),
        ("machines_connected", "whole"),
        ("twin_in_use", "whole"),
    ]
    assert found(measured("carbon_per_unit", 0.0), measured("twin_in_use", 1.0)) == []


def test_values_that_cannot_all_be_true_are_told() -> None:
    """Of rejects, of machines, and of what the site emits for each kWh."""
    rejects = measured("first_pass_yield", 1.0), measured("quality", 0.9)
    machines = measured("connected_share", 0.37), measured("machines_connected", 3.0)
    heard = measured("connected_share", 0.0), measured("machines_connected", 0.0), measured("online_share", 0.5)
    energy = measured("energy_per_unit", 2.0), measured("carbon_per_unit", 1.0)
    value = measured("energy_per_value", 50.0), measured("carbon_per_value", 10.0)

    assert [(one, key) for one, key, _ in found(*rejects)] == [("first_pass_yield", "rejects")]
    assert [(one, key) for one, key, _ in found(*machines)] == [("connected_share", "machines")]
    assert [(one, key) for one, key, _ in found(*heard)] == [("online_share", "unconnected")]
    assert [(one, key) for one, key, _ in found(*energy, *value)] == [("carbon_per_value", "carbon")]


def test_values_that_can_all_be_true_are_left_alone() -> None:
    """Shares of whole numbers of machines to three digits, and one factor of emission."""
    for share, number in ((0.375, 3.0), (0.333, 1.0), (1.0, 7.0), (0.0, 0.0), (0.9985, 666.0)):
        assert found(measured("connected_share", share), measured("machines_connected", number)) == []
    energy = measured("energy_per_unit", 2.0), measured("carbon_per_unit", 1.06)
    assert found(*energy, measured("energy_per_value", 50.0), measured("carbon_per_value", 26.5)) == []
    assert found(measured("first_pass_yield", 1.0), measured("quality", 1.0)) == []


def test_a_contradiction_is_told_with_what_makes_it_and_not_again() -> None:
    """A later statement of the month that says none of its values does not repeat it."""
    told = {0: {"connected_share": 0.37, "machines_connected": 3.0}}

    assert found(measured("lead_time", 20.0), before=told) == []
    assert [one[1] for one in found(measured("machines_connected", 3.0), before=told)] == ["machines"]


def test_what_lacks_its_proof_is_told() -> None:
    """Measured values say how much of the time they cover, enough of it, and the hash of what they rest on."""
    keys = [key for _, key, _ in found(measured("oee", 0.5, None, None), measured("quality", 0.9, 0.79))]

    assert keys == ["no_coverage", "no_evidence", "coverage"]
    assert found(Value(indicator="oee", value=0.5, origin="entered")) == []
    assert found(measured("connected_share", 0.5, 0.0)) == []


def test_what_never_moves_is_told() -> None:
    """A share of time that is the same to the last digit for six months; shares of machines and orders may be."""
    same = {back: {"oee": 0.6173, "schedule_adherence": 1.0, "connected_share": 0.75} for back in range(1, 6)}

    assert [(i, k) for i, k, _ in found(measured("oee", 0.6173), before=same)] == [("oee", "still")]
    assert found(measured("schedule_adherence", 1.0), measured("connected_share", 0.75), before=same) == []
    assert found(measured("oee", 0.6173), before={**same, 4: {"oee": 0.6174}}) == []
    assert found(measured("oee", 0.6173), before={back: same[back] for back in range(1, 5)}) == []


@pytest.mark.parametrize("indicator", ["availability", "quality", "first_pass_yield"])
def test_what_never_loses_anything_for_months_is_told(indicator: str) -> None:
    """A month without any loss can be; six of them say that losses are not counted."""
    perfect = {back: {indicator: 1.0} for back in range(1, 6)}

    assert [one[1] for one in found(measured(indicator, 1.0), before=perfect)] == ["lossless"]
    assert found(measured(indicator, 1.0), before={back: perfect[back] for back in range(1, 5)}) == []
