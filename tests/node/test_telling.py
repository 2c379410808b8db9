"""What differs from what a hub was told: also where the catalogue has more indicators than it had then."""

from __future__ import annotations

from lineside.exchange import Absence, Value
from lineside.node.member.telling import differing, reason


def absent(indicator: str, why: Absence) -> Value:
    """A value that is not there."""
    return Value(indicator=indicator, absent=why)


def test_an_indicator_of_a_newer_edition_is_told_of_old_months_where_there_is_something_to_tell() -> None:
    """Its value, or why there is none; not that it is not released, or not computed: a hub never got it."""
    before = {"oee": Value(indicator="oee", value=0.5, coverage=1.0)}
    machines = Value(indicator="machines_connected", value=3.0, coverage=1.0)
    twin = absent("twin_in_use", "no_model")
    now = [before["oee"], machines, twin, absent("ai_in_use", "not_computed"), absent("output_value", "not_released")]

    changed = list(differing(before, now))

    assert changed == [machines, twin]
    assert reason(before, changed) == "told for the first time: machines_connected, twin_in_use"


def test_what_is_released_no_more_stays_as_it_was_said() -> None:
    """And what is released since then is told as such."""
    before = {"oee": Value(indicator="oee", value=0.5), "quality": absent("quality", "not_released")}
    quality = Value(indicator="quality", value=0.9, coverage=1.0)

    changed = list(differing(before, [absent("oee", "not_released"), quality]))

    assert changed == [quality]
    assert reason(before, changed) == "released since: quality"
