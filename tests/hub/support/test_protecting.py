"""What of an effect people see who see no figures: no single firm, in no class and not by what a whole leaves over."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lineside.hub.compare import Secrecy
from lineside.hub.laboratory import Effect, Population, Trials, try_change
from lineside.hub.support import protected
from lineside.hub.support.protecting import COUNTS, told
from lineside.rules import changed, read_programmes
from tests.hub.support.shelves import CONNECTED
from tests.hub.support.test_support import TODAY

SECRECY = Secrecy(5, 2, 0.5)
RULE = read_programmes([("park.toml", CONNECTED)]).usable[0]


def effect(shares: list[float], classes: list[str]) -> Effect:
    """Raising the least share of firms of these shares."""
    known = [{"connected_share": one, "employees": 50, "spend": 1e5, "no_other_money": True} for one in shares]
    population = Population.of([RULE], known, classes)
    after_ = changed(RULE, {"least_share": 0.7})
    trials = Trials(fillings=2, samples=20)
    return try_change(RULE, after_, population, TODAY, np.random.default_rng(1), trials=trials)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6))
def test_a_part_that_is_told_holds_a_group_and_leaves_one(parts: list[tuple[int, int]]) -> None:
    """And what is not told is no single part, and no small group, that the whole would give away."""
    counts, others = [one for one, _ in parts], [other for _, other in parts]

    shown = told(counts, [a + b for a, b in parts], SECRECY)

    group = SECRECY.group
    hidden = [count for count, is_told in zip(counts, shown, strict=True) if not is_told]
    assert all(min(a, b) >= group for a, b, is_told in zip(counts, others, shown, strict=True) if is_told)
    assert not hidden or not any(shown) or (len(hidden) >= 2 and sum(hidden) >= group)


@given(st.data())
def test_no_count_of_a_few_is_told(data: st.DataObject) -> None:
    """Of any members in any classes; money of the whole alone, in two digits, and only of a group that receives it."""
    size = data.draw(st.integers(1, 60))
    shares = data.draw(st.lists(st.sampled_from([0.4, 0.6, 0.8]), min_size=size, max_size=size))
    classes = data.draw(st.lists(st.sampled_from("abc"), min_size=size, max_size=size))
    found = effect(shares, classes)

    seen = protected(found, found, SECRECY)

    for row, was in zip([seen.whole, *seen.classes], [found.whole, *found.classes], strict=True):
        for name in COUNTS:
            value = getattr(row, name).value
            assert math.isnan(value) or SECRECY.group <= value <= was.members - SECRECY.group
    assert all(math.isnan(one.cost_before.value) for one in seen.classes)
    assert all(
        math.isnan(one) for one in (seen.cost_before.low, seen.eligible_after.high, seen.spread_after.median.value)
    )
    money = seen.whole.cost_after.value
    assert math.isnan(money) or found.spread_after.receivers.value >= SECRECY.group
    assert math.isnan(money) or float(f"{money:.1e}") == money


def test_of_many_something_is_told() -> None:
    """Protection leaves the figures that people come for."""
    found = effect([0.4, 0.6, 0.8] * 20, ["a", "b"] * 30)

    seen = protected(found, found, SECRECY)

    assert seen.whole.drops_out.value == 20
    assert [one.drops_out.value for one in seen.classes] == [10, 10]
    assert seen.whole.cost_after.value == 600_000
