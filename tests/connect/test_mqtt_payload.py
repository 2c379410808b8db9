from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.mqtt_payload import MISSING, Place, look_up, observe_json, read_address, read_path, read_time
from lineside.connect.observations import Observation
from lineside.connect.timestamps import Timestamps
from lineside.plant import Kind

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("plant/press/state", Place("plant/press/state", None)),
        ("t#", Place("t", ())),
        ("t#temperature", Place("t", ("temperature",))),
        ("t#a.b[0].c", Place("t", ("a", "b", 0, "c"))),
        ("t#[2][1]", Place("t", (2, 1))),
        ('t#["a.b"]["]"].x', Place("t", ("a.b", "]", "x"))),
        ("t#a b", Place("t", ("a b",))),
    ],
)
def test_an_address_is_a_topic_and_a_path(address: str, place: Place) -> None:
    """Names are joined by dots, places stand in brackets, names with other signs in brackets and quotes."""
    assert read_address(address) == place


@pytest.mark.parametrize(
    "address", ["", "#a", "p/+/x", "t#a..b", "t#.a", "t#a.", "t#a[", "t#a[x]", "t#a[-1]", 't#["a]']
)
def test_an_address_that_can_mean_nothing_says_so(address: str) -> None:
    """Wildcards are none: an address is one signal."""
    with pytest.raises(ValueError, match=r"topic|wildcard|path"):
        read_address(address)


@given(JSON, st.lists(st.text(min_size=1) | st.integers(0, 3), max_size=3))
def test_a_path_leads_to_what_stands_there_or_nowhere(document: object, steps: list[str | int]) -> None:
    """Written down and read again, it leads as indexing does."""
    text = "".join(f"[{json.dumps(step)}]" for step in steps)
    expected: object = document
    for step in steps:
        try:
            expected = expected[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            expected = MISSING
            break
        if isinstance(step, int) is isinstance(expected, str) and isinstance(document, str):
            return

    assert read_path(text) == tuple(steps)
    if not isinstance(document, str):
        found = look_up(document, tuple(steps))
        assert found is expected or isinstance(expected, str)


@given(JSON, st.sampled_from(["state", "measure", "counter", "count", "text", "condition"]))
def test_whatever_json_holds_makes_an_observation(value: object, kind: Kind) -> None:
    """No value is too large, too deep or of a type that ends the source."""
    row = observe_json("a", kind, 1, value)

    assert isinstance(row, Observation)
    assert row.number is None or row.number == float(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (1_767_225_600, 1_767_225_600_000_000),
        (1_767_225_600.25, 1_767_225_600_250_000),
        (1_767_225_600_250, 1_767_225_600_250_000),
        (1_767_225_600_250_001, 1_767_225_600_250_001),
        (1_767_225_600_250_001_999, 1_767_225_600_250_001),
        ("1767225600250", 1_767_225_600_250_000),
        ("1767225600.25", 1_767_225_600_250_000),
        ("2026-01-01T01:00:00.25+01:00", 1_767_225_600_250_000),
        ("2026-01-01 00:00:00", 1_767_225_600_000_000),
        ("today", None),
        (True, None),
        (None, None),
        (-5, None),
        (10**30, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_a_time_is_iso_or_a_number_of_any_usual_unit(value: object, time: int | None) -> None:
    """Seconds, milli-, micro- and nanoseconds since 1970 cannot be taken for one another."""
    assert read_time(value, Timestamps()) == time


@given(JSON)
def test_no_value_breaks_the_reading_of_a_time(value: object) -> None:
    """It is a moment or none."""
    assert isinstance(read_time(value, Timestamps()), int | None)
