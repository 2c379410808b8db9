"""Industries and size classes: what they are taken from, and what an enterprise is by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.rules import industries, size_schemes

CN, EU = size_schemes()["cn-industry-2017"], size_schemes()["eu-2003"]
FIGURES = st.integers(0, 2_000_000_000)


def test_every_rule_says_what_it_is_taken_from() -> None:
    """An edition names its document, its source, its confidence and its first day."""
    editions = [industries().edition, *(scheme.edition for scheme in size_schemes().values())]

    assert all(one.id and one.document and one.source and one.since.year > 2000 for one in editions)
    assert {one.confidence.value for one in editions} == {"found", "own"}


def test_manufacturing_has_thirty_one_divisions() -> None:
    """Codes 13 to 43, each with a name in both languages and a division of ISIC."""
    found = industries().divisions

    assert sorted(found) == [str(code) for code in range(13, 44)]
    assert all(set(one.names) == {"en", "zh"} and one.isic4.isdigit() for one in found.values())
    assert {one.kind for one in found.values()} == {"discrete", "process", "mixed"}


@pytest.mark.parametrize("code", ["34", "C34", " c3421 ", "342"])
def test_a_code_of_more_digits_lies_in_its_division(code: str) -> None:
    """Groups and classes are found by their first two digits."""
    assert industries().of(code).code == "34"


@pytest.mark.parametrize("code", ["", "3", "06", "44", "34215", "34x", "D34", "٣٤"])
def test_another_code_is_refused(code: str) -> None:
    """What is no code of manufacturing is named, with the cure."""
    with pytest.raises(ConfigurationError) as raised:
        industries().of(code)

    assert raised.value.key == "rules.no_division"
    assert "13" in str(raised.value.cure("en"))


@pytest.mark.parametrize(
    ("employees", "millions", "is_"),
    [
        (1000, 400, "large"),
        (999, 400, "medium"),
        (1000, 399.9, "medium"),
        (300, 20, "medium"),
        (5000, 19.9, "small"),
        (299, 9000, "small"),
        (20, 3, "small"),
        (19, 9000, "micro"),
        (9000, 2.9, "micro"),
        (0, 0, "micro"),
    ],
)
def test_in_china_both_figures_must_be_reached(employees: int, millions: float, is_: str) -> None:
    """The bounds of MIIT-joint-enterprise [2011] 300 for industry: who misses one is a class further down."""
    found = CN.of({"employees": employees, "revenue_cny": millions * 1_000_000}).known

    assert found is not None
    assert found.id == is_


@pytest.mark.parametrize(
    ("employees", "turnover", "balance", "is_"),
    [
        (9, 2, 50, "micro"),
        (9, 50, 2, "micro"),
        (9, 2.1, 2.1, "small"),
        (49, 11, 10, "small"),
        (10, 1, 1, "small"),
        (249, 50, 99, "medium"),
        (249, 51, 44, "large"),
        (250, 1, 1, "large"),
    ],
)
def test_in_the_union_either_sum_may_be_kept(employees: int, turnover: float, balance: float, is_: str) -> None:
    """The ceilings of Recommendation 2003/361/EC: staff always, and turnover or balance sheet."""
    known = {"employees": employees, "turnover_eur": turnover * 1e6, "balance_eur": balance * 1e6}

    found = EU.of(known).known

    assert found is not None
    assert found.id == is_


def test_what_is_not_known_leaves_several_possible() -> None:
    """The figures that would say more are named; where they cannot matter the class is known without them."""
    half, enough = CN.of({"employees": 500}), CN.of({"employees": 12})

    assert ([one.id for one in half.possible], half.known) == (["medium", "small", "micro"], None)
    assert half.missing == ("revenue_cny",)
    assert enough.known is not None
    assert (enough.known.id, enough.missing) == ("micro", ())
    assert [one.id for one in EU.of({"employees": 30}).possible] == ["small", "medium", "large"]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*CN.figures, *EU.figures), FIGURES)), FIGURES)
def test_knowing_more_never_makes_more_possible(known: dict[str, int], last: int) -> None:
    """A figure more leaves some of the classes that were possible, at least one, and all figures leave just one."""
    for scheme in size_schemes().values():
        before = {one.id for one in scheme.of(known).possible}
        for figure in scheme.figures:
            after = {one.id for one in scheme.of({figure: last, **known}).possible}
            assert after
            assert after <= before
        assert scheme.of(dict.fromkeys(scheme.figures, last) | known).known is not None


def test_a_figure_below_zero_is_refused() -> None:
    """So is one that is no number."""
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ConfigurationError) as raised:
            CN.of({"employees": wrong})
        assert raised.value.key == "rules.no_figure"
