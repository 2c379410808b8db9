from __future__ import annotations

import pytest

from lineside.plant import Condition
from lineside.plant.conditions import parse_condition
from lineside.plant.wording import Misworded


@pytest.mark.parametrize(
    ("raw", "condition"),
    [
        ("ACTIVE", Condition(("ACTIVE",))),
        (3, Condition(("3",))),
        (3.0, Condition(("3",))),
        (1234567.25, Condition(("1234567.25",))),
        (True, Condition(("true",))),
        (["A", 1, False], Condition(("A", "1", "false"))),
        ("> 2.5", Condition(comparison=">", number=2.5)),
        (">=2", Condition(comparison=">=", number=2.0)),
        ("<-1", Condition(comparison="<", number=-1.0)),
        ("!= READY", Condition(("READY",), "!=")),
        ("!= 3", Condition(("3",), "!=", 3.0)),
        ("== 3", Condition(("3",), number=3.0)),
        ("== > 1", Condition(("> 1",))),
    ],
)
def test_a_condition_is_a_value_a_list_or_a_comparison(raw: object, condition: Condition) -> None:
    """Each way of writing a condition says the same thing in the same form."""
    assert parse_condition(raw) == condition


@pytest.mark.parametrize(
    ("raw", "key"),
    [([], "plant.condition_empty"), ("> fast", "plant.condition_number"), ({}, "plant.condition")],
)
def test_what_is_no_condition_says_why(raw: object, key: str) -> None:
    """An empty list, a comparison with a word and a table each have their sentence."""
    with pytest.raises(Misworded) as raised:
        parse_condition(raw)

    assert raised.value.key == key


@pytest.mark.parametrize(("raw", "numeric"), [("> 1", True), ("<= 1", True), ("!= 1", False), ("1", False)])
def test_only_larger_and_smaller_need_numbers(raw: str, numeric: bool) -> None:
    """Equal and unequal can be judged on words as well."""
    assert parse_condition(raw).numeric is numeric
