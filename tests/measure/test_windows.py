from __future__ import annotations

from collections.abc import Callable

import pytest

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure import By, parse_moment, parse_window, window_of
from lineside.plant import Plant, parse_plant

HOUR = 3_600_000_000
DAY = 24 * HOUR
MIDNIGHT = 20_000 * DAY  # 2024-10-04T00:00Z


@pytest.fixture
def plant(plant_text: str, change: Callable[..., str]) -> Plant:
    """The press, in Berlin."""
    return parse_plant(change(plant_text, ('"UTC"', '"Europe/Berlin"')))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-10-04T02:00", MIDNIGHT),
        ("2024-10-04 02:00", MIDNIGHT),
        ("2024-10-04", MIDNIGHT - 2 * HOUR),
        ("2024-10-04T00:00:00Z", MIDNIGHT),
        ("2024-10-04T08:00:00+08:00", MIDNIGHT),
        ("2024-10-04T08:00:00 08:00", MIDNIGHT),
        ("1728000000000", MIDNIGHT),
        ("-86400000000", -1000 * DAY),
    ],
)
def test_a_moment_is_iso_8601_or_epoch_milliseconds(plant: Plant, text: str, moment: int) -> None:
    """Without an offset it is local to the plant; a plus sign lost on the way in an address is found again."""
    assert parse_moment(text, plant) == moment


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2024-13-01", "²²²²²²²²²²", "0001-01-01", "9999-12-31T23:59", "99999999999999999999"],
)
def test_what_is_no_moment_is_refused(plant: Plant, text: str) -> None:
    """Neither a word nor a time no calendar can be worked out for gets any further."""
    with pytest.raises(ConfigurationError) as refused:
        parse_moment(text, plant)

    assert (refused.value.key, refused.value.fields) == ("measure.moment", {"value": text})


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        ("2024-10-04", "2024-10-04", "measure.window_empty"),
        ("2024-10-05", "2024-10-04", "measure.window_empty"),
        ("2010-01-01", "2024-10-04", "measure.window_long"),
    ],
)
def test_a_window_is_neither_empty_nor_backwards_nor_endless(plant: Plant, start: str, end: str, key: str) -> None:
    """Such a window is refused before anything is read."""
    with pytest.raises(ConfigurationError) as refused:
        parse_window(start, end, plant)

    assert refused.value.key == key


def test_a_window_left_out_is_the_last_month_heard(history: History, plant: Plant) -> None:
    """From 31 days before the last thing heard; not before the first thing heard, nor after now."""
    history.hear("press", MIDNIGHT, MIDNIGHT + 10 * DAY)
    history.hear("press", MIDNIGHT + 50 * DAY, MIDNIGHT + 60 * DAY)
    now = MIDNIGHT + 55 * DAY

    assert window_of(history, plant, None, None, now) == (MIDNIGHT + 24 * DAY, now)
    assert window_of(history, plant, None, "2024-10-06T02:00", now) == (MIDNIGHT, MIDNIGHT + 2 * DAY)
    assert window_of(history, plant, "2024-10-06T02:00", None, now) == (MIDNIGHT + 2 * DAY, now)
    assert window_of(history, plant, "2024-10-06T02:00", "2024-10-07T02:00", now) == (
        MIDNIGHT + 2 * DAY,
        MIDNIGHT + 3 * DAY,
    )


DAY_STARTS = MIDNIGHT + 4 * HOUR  # 06:00 in Berlin


@pytest.mark.parametrize("by", ["shift", "day"])
def test_in_pieces_a_date_is_the_start_of_its_production_day(history: History, plant: Plant, by: By) -> None:
    """From 4 October to 6 October means two whole production days; a time of day is taken as it is written."""
    history.hear("press", MIDNIGHT, MIDNIGHT + 10 * DAY)
    now = MIDNIGHT + 10 * DAY

    assert parse_window("2024-10-04", "2024-10-06", plant, by) == (DAY_STARTS, DAY_STARTS + 2 * DAY)
    assert parse_window("2024-10-04T00:00", "2024-10-06T02:00", plant, by) == (MIDNIGHT - 2 * HOUR, MIDNIGHT + 2 * DAY)
    assert parse_window("2024-10-04", "2024-10-06", plant, "product")[0] == MIDNIGHT - 2 * HOUR
    assert window_of(history, plant, "2024-10-05", None, now, by)[0] == DAY_STARTS + DAY


@pytest.mark.parametrize("by", ["shift", "day"])
def test_in_pieces_a_month_left_out_begins_with_a_whole_day(history: History, plant: Plant, by: By) -> None:
    """31 days before the last thing heard lie in the middle of a day: the next one is the first told."""
    history.hear("press", MIDNIGHT, MIDNIGHT + 10 * DAY)
    history.hear("press", MIDNIGHT + 20 * DAY, MIDNIGHT + 40 * DAY)

    summer = window_of(history, plant, None, None, MIDNIGHT + 40 * DAY, by)
    assert summer == (DAY_STARTS + 9 * DAY, MIDNIGHT + 40 * DAY)
    assert window_of(history, plant, None, "2024-10-14", MIDNIGHT + 40 * DAY, by) == (MIDNIGHT, DAY_STARTS + 10 * DAY)


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        ("2030-01-01", None, "measure.window_empty"),
        (None, "2020-01-01", "measure.window_empty"),
        ("2010-01-01", None, "measure.window_long"),
    ],
)
def test_half_a_window_is_held_to_the_same_rules(
    history: History, plant: Plant, start: str | None, end: str | None, key: str
) -> None:
    """A start after all that was heard, an end before it, or a start decades ago is refused."""
    history.hear("press", MIDNIGHT, MIDNIGHT + DAY)

    with pytest.raises(ConfigurationError) as refused:
        window_of(history, plant, start, end, MIDNIGHT + 2 * DAY)

    assert refused.value.key == key


def test_without_anything_heard_a_window_must_be_named(history: History, plant: Plant) -> None:
    """An empty history has no last month; both ends named need none."""
    with pytest.raises(ConfigurationError) as refused:
        window_of(history, plant, "2024-10-04", None, MIDNIGHT)

    assert refused.value.key == "measure.no_history"
    assert window_of(history, plant, "2024-10-04", "2024-10-05", MIDNIGHT)[1] == MIDNIGHT + DAY - 2 * HOUR


def test_what_people_counted_was_heard_too(
    history: History, plant_text: str, bench_text: str, tell: Callable[..., None]
) -> None:
    """A plant that is only counted by hand has a last month, and the newest tally is in it."""
    bench = parse_plant(plant_text + bench_text)
    tell("bench/made", (MIDNIGHT, 5.0), (MIDNIGHT + HOUR, 7.0))

    assert window_of(history, bench, None, None, MIDNIGHT + DAY) == (MIDNIGHT, MIDNIGHT + HOUR + 1)
