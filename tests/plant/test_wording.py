from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import pytest

from lineside.plant.wording import Misworded, parse_break, parse_clock, parse_days, parse_moment, parse_zone


@pytest.mark.parametrize(
    ("raw", "clock"),
    [("06:00", time(6)), ("6:30", time(6, 30)), ("23:59:59", time(23, 59, 59)), ("24:00", time()), (time(7), time(7))],
)
def test_a_clock_is_written_as_people_write_it(raw: object, clock: time) -> None:
    """One digit or two, with seconds or without; 24:00 is midnight."""
    assert parse_clock(raw) == clock


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Monday - Wednesday, sat", {0, 1, 2, 5}),
        ("daily", set(range(7))),
        (["tue", "thu"], {1, 3}),
    ],
)
def test_weekdays_are_ranges_or_lists(raw: object, days: set[int]) -> None:
    """Ranges run over the weekend where they say so."""
    assert parse_days(raw) == days


def test_a_break_runs_from_one_clock_to_another() -> None:
    """With hyphen or dash, with or without spaces."""
    assert parse_break("09:00 – 09:15") == (time(9), time(9, 15))


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        (None, None),
        (date(2026, 3, 1), date(2026, 3, 1)),
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T06:00", datetime(2026, 3, 1, 6)),  # noqa: DTZ001
    ],
)
def test_a_moment_may_stand_in_quotes(raw: object, moment: date | None) -> None:
    """TOML dates and the same in quotes mean the same."""
    assert parse_moment(raw) == moment


@pytest.mark.parametrize(
    ("parse", "raw", "key"),
    [
        (parse_clock, "6", "plant.clock"),
        (parse_clock, "24:01", "plant.clock"),
        (parse_clock, 6, "plant.clock"),
        (parse_break, "09:00", "plant.break"),
        (parse_break, 9, "plant.break"),
        (parse_days, "", "plant.days"),
        (parse_days, "mon-", "plant.days"),
        (parse_days, "mon-tue-wed", "plant.days"),
        (parse_days, 1, "plant.days"),
        (parse_moment, "soon", "plant.moment"),
        (parse_moment, 3, "plant.moment"),
        (parse_zone, "Berlin", "plant.zone"),
        (parse_zone, "", "plant.zone"),
        (parse_zone, "../../etc/passwd", "plant.zone"),
        (parse_zone, "Europe", "plant.zone"),
    ],
)
def test_what_nobody_can_read_says_what_was_expected(parse: Callable[[object], object], raw: object, key: str) -> None:
    """Each kind of value has a sentence of its own."""
    with pytest.raises(Misworded) as raised:
        parse(raw)

    assert raised.value.key == key
