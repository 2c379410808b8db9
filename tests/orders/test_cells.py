"""Single values, as people and ERPs write them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.orders.cells import Wrong, decimal_mark, read_value
from lineside.orders.entries import Reading
from lineside.orders.fields import FieldType, state_of
from lineside.plant import moment, parse_plant
from lineside.texts import has
from tests.orders.office import BERLIN, PLANT

PLANT_READ = parse_plant(PLANT)
PLAIN = Reading()


def clock(value: Any, reading: Reading = PLAIN, *, ends: bool = False) -> str:
    """Return what a moment is read as, in the plant's clock."""
    told = read_value(value, "finish" if ends else "begin", reading, PLANT_READ)
    assert isinstance(told, int)
    return f"{moment(told, BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-12-01 07:30", "2026-12-01 07:30"),
        ("2026-12-01T07:30:00+01:00", "2026-12-01 07:30"),
        ("2026-12-01T06:30:00Z", "2026-12-01 07:30"),
        ("01.12.2026 07:30", "2026-12-01 07:30"),
        ("13/12/2026 7:30 AM", "2026-12-13 07:30"),
        ("12/13/2026 7:30 PM", "2026-12-13 19:30"),
        ("2026年12月1日 07:30", "2026-12-01 07:30"),
        ("20261201", "2026-12-01 06:00"),
        (20261201, "2026-12-01 06:00"),
        (46357, "2026-12-01 06:00"),
        ("46357.3125", "2026-12-01 07:30"),
        (datetime(2026, 12, 1, 7, 30), "2026-12-01 07:30"),  # noqa: DTZ001 local to the plant
        ("2026-12-01 24:00", "2026-12-02 00:00"),
    ],
)
def test_a_moment_is_read_in_the_ways_it_is_written(value: Any, read: str) -> None:
    """ISO, German, Chinese, American, SAP's eight digits and Excel's serial numbers are the plant's clock."""
    assert clock(value) == read


def test_a_date_alone_is_its_production_day() -> None:
    """A plan from the 1st to the 2nd begins where the first production day does and ends where the second does."""
    assert clock("2026-12-01") == "2026-12-01 06:00"
    assert clock(date(2026, 12, 2), ends=True) == "2026-12-03 06:00"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("3/4/2026", "orders.day_month"),
        ("soon", "orders.moment"),
        ("2026-13-01", "orders.moment"),
        ("2026-12-01 25:00", "orders.moment"),
        ("17", "orders.moment"),
        (True, "orders.moment"),
    ],
)
def test_a_moment_that_cannot_be_told_is_no_guess(value: Any, key: str) -> None:
    """Where day and month could be swapped, or there is no date, the row is wrong."""
    with pytest.raises(Wrong) as wrong:
        clock(value)

    assert wrong.value.key == key


def test_a_mapping_settles_day_and_month() -> None:
    """What is ambiguous is read as the mapping says."""
    assert clock("3/4/2026", Reading(day_first=True)) == "2026-04-03 06:00"
    assert clock("3/4/2026", Reading(day_first=False)) == "2026-03-04 06:00"


@pytest.mark.parametrize(
    ("value", "decimal", "read"),
    [
        ("500", None, 500),
        (500.0, None, 500),
        ("1,234,567", None, 1_234_567),
        ("1.234,00", None, 1234),
        ("1'500", None, 1500),
        ("1 500", None, 1500),
        ("500,000", ",", 500),
        ("500,000", ".", 500_000),
    ],
)
def test_a_quantity_is_whole_pieces(value: Any, decimal: str | None, read: int) -> None:
    """Marks between thousands are read, and three decimals as SAP writes them where the mapping says so."""
    assert read_value(value, "whole", Reading(decimal=decimal), PLANT_READ) == read


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("500 pcs", "orders.unit"),
        ("500,000", "orders.thousands"),
        ("1,5,00", "orders.decimal"),
        ("many", "orders.number"),
        ("12.5", "orders.whole"),
        (0, "orders.whole"),
        (-3, "orders.whole"),
        (float("nan"), "orders.number"),
    ],
)
def test_a_quantity_that_is_none_is_named(value: Any, key: str) -> None:
    """A unit, an ambiguous mark, a fraction and a negative one are each told for what they are."""
    with pytest.raises(Wrong) as wrong:
        read_value(value, "whole", Reading(), PLANT_READ)

    assert wrong.value.key == key


@pytest.mark.parametrize(
    ("text", "mark"), [("1.5", "."), ("1,5", ","), ("1.234,5", ","), ("1.234", None), ("12", None), ("1.234.567", ",")]
)
def test_what_a_number_proves_of_its_decimal_mark(text: str, mark: str | None) -> None:
    """Only numbers that can be read in one way prove anything."""
    assert decimal_mark(text) == mark


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("REL PCNF MSPT", "running"),
        ("TECO", "done"),
        ("已下达", "released"),
        ("Freigegeben", "released"),
        ("Cancelled", "withdrawn"),
        ("In Progress", "running"),
        ("purple", None),
    ],
)
def test_states_of_erps_are_understood(word: str, state: str | None) -> None:
    """SAP's status lines, Chinese, German and B2MML's words are the six states."""
    assert state_of(word) == state


ANYTHING = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[-+]?[0-9.,' ]{1,20}( ?pcs)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}([T ][0-9:]{1,8}( ?PM|Z|[+-][0-9]{4})?)?", fullmatch=True),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
)


@given(value=ANYTHING, type=st.sampled_from(get_args(FieldType)), day_first=st.sampled_from([None, True, False]))
def test_whatever_a_cell_holds_is_a_value_or_named(value: Any, type: FieldType, day_first: bool | None) -> None:
    """No cell ends an import: it is read, or told with what is wrong in both languages."""
    told = "null"
    try:
        told = json.dumps(read_value(value, type, Reading(day_first, ","), PLANT_READ), allow_nan=False)
    except Wrong as wrong:
        told = wrong.key

    assert has(f"{told}.cure") or json.loads(told) is not None
