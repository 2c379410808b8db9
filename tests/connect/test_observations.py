from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect import OBSERVATIONS, Observation
from lineside.connect.memory import rows
from lineside.connect.observations import known_address, observe_number, observe_text, to_batch
from lineside.history import Quality
from lineside.plant import Kind


@pytest.mark.parametrize(
    ("kind", "value", "number", "text", "quality"),
    [
        ("measure", "12.5", 12.5, None, Quality.GOOD),
        ("counter", "-3e2", -300.0, None, Quality.GOOD),
        ("measure", "Unavailable", None, None, Quality.NO_DATA),
        ("measure", "", None, None, Quality.NO_DATA),
        ("measure", "twelve", None, None, Quality.BAD),
        ("measure", "1,5", None, None, Quality.BAD),
        ("measure", "nan", None, None, Quality.BAD),
        ("measure", "1e999", None, None, Quality.BAD),
        ("state", "ACTIVE", None, "ACTIVE", Quality.GOOD),
        ("state", "UNAVAILABLE", None, None, Quality.NO_DATA),
        ("text", "O1234.NC", None, "O1234.NC", Quality.GOOD),
        ("condition", "Fault", None, "FAULT", Quality.GOOD),
        ("condition", "Unavailable", None, None, Quality.NO_DATA),
    ],
)
def test_a_text_becomes_what_its_kind_wants(
    kind: Kind, value: str, number: float | None, text: str | None, quality: Quality
) -> None:
    """No value is never a zero, and what is no number is kept as a bad value, not thrown away."""
    assert observe_text("a", kind, 1, value) == Observation("a", 1, number, text, quality)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_gets_through_as_a_number(number: float) -> None:
    """Infinity would poison every sum behind it."""
    assert observe_number("a", 1, number) == Observation("a", 1, None, None, Quality.BAD)


@given(
    st.lists(
        st.builds(
            Observation,
            st.sampled_from(["a", "主轴"]),
            st.integers(0, 2**53),
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            st.one_of(st.none(), st.text()),
            st.sampled_from(Quality),
        )
    )
)
def test_a_batch_holds_what_was_put_in(observations: list[Observation]) -> None:
    """To columns and back, in order, in the schema everybody knows."""
    batch = to_batch(observations)

    assert batch.schema == OBSERVATIONS
    assert rows(batch) == observations


@pytest.mark.parametrize(
    ("name", "device", "address"),
    [
        ("exec", None, "exec"),
        ("mazak:exec", None, "exec"),
        ("mazak:exec", "mazak", "exec"),
        ("okuma:exec", "mazak", "okuma:exec"),
        ("full:name", "mazak", "full:name"),
        ("mazak:other", None, "mazak:other"),
    ],
)
def test_a_device_before_a_name_is_understood(name: str, device: str | None, address: str) -> None:
    """An adapter may say `device:item`; with a chosen device another's item stays unknown."""
    assert known_address({"exec": "state", "full:name": "text"}, name, device) == address
