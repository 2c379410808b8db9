from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.timestamps import AHEAD, EARLIEST, Timestamps, plausible, to_microseconds

AWARE = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001
    datetime(2199, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moment=AWARE)
def test_what_python_writes_is_read_to_the_microsecond(moment: datetime) -> None:
    """Any moment with any offset keeps its place on the time line."""
    assert Timestamps().read(moment.isoformat()) == to_microseconds(moment)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:01,25Z", 1_250_000),
        ("1970-01-01T00:00:01.541Z", 1_541_000),
        ("1970-01-01T00:00:01.115633Z", 1_115_633),
        ("1970-01-01T00:00:01.7167146Z", 1_716_714),
        ("1970-01-01T01:00:01+0100", 1_000_000),
        ("1970-01-01T00:00:01Z@100.5", 1_000_000),
    ],
)
def test_every_form_machines_write_is_read(text: str, microseconds: int) -> None:
    """Any number of digits, point or comma, no offset, and the duration of a time series behind it."""
    assert Timestamps().read(text) == microseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2019-02-30T00:00:00Z",
        "2019-04-09T25:00:00Z",
        "2019-04-09 10:00:00",
        "0000-01-01T00:00:00Z",
        "١٩٧٠-01-01T00:00:00Z",
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    """Days that do not exist, other formats and other digits are no moments."""
    stamps = Timestamps()

    assert stamps.read(text) is None
    assert stamps.read(text) is None


def test_milliseconds_and_microseconds_compare_as_moments() -> None:
    """Compared as text, .9 would come after .115633."""
    stamps = Timestamps()

    assert stamps.read("2019-04-09T10:39:25.09Z") < stamps.read("2019-04-09T10:39:25.115633Z")  # type: ignore[operator]


def test_a_clock_is_believed_from_1990_to_a_day_ahead() -> None:
    """What lies outside was never set or is broken."""
    now = to_microseconds(datetime(2024, 1, 1, tzinfo=UTC))

    believed = [plausible(time, now) for time in (0, EARLIEST - 1, EARLIEST, now, now + AHEAD, now + AHEAD + 1)]

    assert believed == [False, False, True, True, True, False]


def test_a_moment_without_offset_is_utc() -> None:
    """MTConnect and OPC UA speak UTC."""
    assert to_microseconds(datetime(1970, 1, 1, 0, 0, 2)) == 2_000_000  # noqa: DTZ001
