from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.plant import (
    Calendar,
    Span,
    clip,
    intersect,
    microseconds,
    moment,
    parse_plant,
    production_day_of,
    production_day_span,
    production_days,
    seconds,
    shift_spans,
    subtract,
    union,
)

BERLIN = ZoneInfo("Europe/Berlin")
SIX = time(6)
HOUR = 3_600_000_000
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(microseconds)  # noqa: DTZ001
SHIFTS = """
[[calendar.c.shift]]
name = "early"
days = "mon-fri"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:15", "12:00-12:30"]
[[calendar.c.shift]]
name = "night"
days = "mon-fri"
start = "22:00"
end = "06:00"
breaks = ["01:00-01:30"]
"""


def calendar(text: str = "") -> Calendar:
    """A calendar of an early and a night shift; `text` follows its table."""
    site = '[site]\nid = "a"\ntimezone = "Europe/Berlin"\nproduction_day_starts = "06:00"\n'
    return parse_plant(site + "[calendar.c]\n" + text + SHIFTS).calendars["c"]


def local(day: int, hour: int, minute: int = 0, month: int = 6) -> int:
    """A moment of 2026 by the clock in Berlin."""
    return microseconds(datetime(2026, month, day, hour, minute, tzinfo=BERLIN))


def covered(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    """All moments inside the spans."""
    return {at for start, end in spans for at in range(start, end)}


def tidy(spans: tuple[Span, ...]) -> bool:
    """Whether spans are disjoint, apart, in order and none is empty."""
    return all(a < b for a, b in spans) and all(one[1] < two[0] for one, two in pairwise(spans))


@given(spans=SPANS)
def test_a_union_covers_the_same_time_once(spans: list[Span]) -> None:
    """Nothing is lost and nothing is there twice."""
    merged = union(spans)

    assert covered(merged) == covered(spans)
    assert tidy(merged)
    assert union(merged) == merged


@given(left=SPANS, right=SPANS)
def test_what_is_taken_away_is_gone_and_nothing_else(left: list[Span], right: list[Span]) -> None:
    """Subtraction is that of the moments covered."""
    rest = subtract(left, right)

    assert covered(rest) == covered(left) - covered(right)
    assert tidy(rest)


@given(left=SPANS, right=SPANS)
def test_an_intersection_is_what_both_cover(left: list[Span], right: list[Span]) -> None:
    """Intersection is that of the moments covered, in either order."""
    both = intersect(left, right)

    assert covered(both) == covered(left) & covered(right)
    assert intersect(right, left) == both
    assert tidy(both)


@given(left=SPANS, right=SPANS)
def test_the_parts_make_the_whole(left: list[Span], right: list[Span]) -> None:
    """What two share and what only one has add up to that one, to the second."""
    whole = union(left)

    assert union([*intersect(left, right), *subtract(left, right)]) == whole
    assert seconds(intersect(left, right)) + seconds(subtract(left, right)) == pytest.approx(seconds(whole))


@given(spans=SPANS, start=st.integers(0, 30), length=st.integers(0, 30))
def test_clipping_keeps_what_is_inside_a_window(spans: list[Span], start: int, length: int) -> None:
    """Nothing outside the window is left, nothing inside is lost."""
    inside = clip(union(spans), start, start + length)

    assert covered(inside) == {at for at in covered(spans) if start <= at < start + length}


@given(us=st.integers(-(10**16), 10**17))
def test_a_moment_keeps_its_microseconds(us: int) -> None:
    """Turning microseconds into a time and back loses nothing."""
    assert microseconds(moment(us, BERLIN)) == us


def test_a_shift_is_planned_without_its_breaks() -> None:
    """Eight hours with breaks of 15 and 30 minutes are seven hours and a quarter."""
    (early,) = shift_spans(calendar(), BERLIN, SIX, local(3, 7), local(3, 8))

    assert (early.name, early.start, early.end) == ("early", local(3, 6), local(3, 14))
    assert seconds(early.planned) == 7.25 * 3600
    assert early.planned[0] == (local(3, 6), local(3, 9))


def test_a_night_shift_runs_over_midnight_with_its_breaks() -> None:
    """The night from Tuesday belongs to Tuesday's production day, its break to the morning after."""
    (night,) = shift_spans(calendar(), BERLIN, SIX, local(3, 3), local(3, 4))

    assert (night.name, night.start, night.end) == ("night", local(2, 22), local(3, 6))
    assert night.breaks == ((local(3, 1), local(3, 1, 30)),)
    assert night.production_day == date(2026, 6, 2)


def test_the_night_from_friday_is_worked_on_saturday() -> None:
    """Weekdays are those on which a shift starts."""
    spans = shift_spans(calendar(), BERLIN, SIX, local(6, 0), local(8, 0))

    assert [(span.name, span.start) for span in spans] == [("night", local(5, 22))]


@pytest.mark.parametrize(
    ("start_day", "month", "hours"),
    [(28, 3, 7), (24, 10, 9), (3, 6, 8)],
    ids=["clocks go forward", "clocks go back", "any night"],
)
def test_a_night_is_as_long_as_it_is(start_day: int, month: int, hours: int) -> None:
    """The night in which clocks change has seven or nine hours."""
    daily = calendar().model_copy(
        update={"shift": tuple(s.model_copy(update={"days": frozenset(range(7))}) for s in calendar().shift)}
    )
    start = local(start_day, 23, month=month)

    (night,) = shift_spans(daily, BERLIN, SIX, start, start + HOUR)

    assert night.end - night.start == hours * HOUR


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 3), 24)])
def test_a_production_day_is_as_long_as_it_is(day: date, hours: int) -> None:
    """From midnight to midnight the days on which clocks change have 23 and 25 hours."""
    start, end = production_day_span(day, BERLIN, None)

    assert end - start == hours * HOUR


@given(us=MOMENTS, starts=st.sampled_from([None, SIX, time(2, 30), time(23, 59)]))
def test_a_moment_lies_in_the_production_day_it_belongs_to(us: int, starts: time | None) -> None:
    """Days tile time: every moment is in exactly one, also when clocks change."""
    day = production_day_of(us, BERLIN, starts)
    start, end = production_day_span(day, BERLIN, starts)

    assert start <= us < end


@given(start=MOMENTS, length=st.integers(1, 400 * HOUR), starts=st.sampled_from([None, SIX, time(2, 30)]))
def test_production_days_tile_a_window(start: int, length: int, starts: time | None) -> None:
    """Each ends where the next begins, and together they hold the window."""
    days = list(production_days(start, start + length, BERLIN, starts))

    assert all(one[2] == two[1] for one, two in pairwise(days))
    assert days[0][1] <= start < days[0][2]
    assert days[-1][1] < start + length <= days[-1][2]


def test_before_the_day_starts_it_is_still_yesterday() -> None:
    """At five in the morning the production day is that of the night shift."""
    assert production_day_of(local(3, 5, 59), BERLIN, SIX) == date(2026, 6, 2)
    assert production_day_of(local(3, 6), BERLIN, SIX) == date(2026, 6, 3)


def test_no_shift_starts_on_a_holiday() -> None:
    """The night before still ends in its morning."""
    spans = shift_spans(calendar("holidays = [2026-06-03]\n"), BERLIN, SIX, local(3, 0), local(4, 0))

    assert [(span.name, span.start) for span in spans] == [("night", local(2, 22))]


def test_an_override_wins_over_weekday_and_holiday() -> None:
    """A special day has its own shifts, also on a holiday or a Sunday; an empty list closes the plant."""
    text = (
        "holidays = [2026-06-07]\n"
        'override = [{date = 2026-06-07, shifts = [{name = "extra", start = "08:00", end = "12:00"}]},'
        ' {date = 2026-06-08, shifts = [], reason = "move"}]\n'
    )

    spans = shift_spans(calendar(text), BERLIN, SIX, local(7, 0), local(9, 0))

    assert [(span.name, span.start, span.end) for span in spans] == [("extra", local(7, 8), local(7, 12))]


@given(start=MOMENTS, length=st.integers(1, 100 * HOUR))
def test_a_window_finds_every_shift_that_touches_it(start: int, length: int) -> None:
    """A small window finds what a large one finds there, whole and in order."""
    wide = shift_spans(calendar(), BERLIN, SIX, start - 200 * HOUR, start + length + 200 * HOUR)

    found = shift_spans(calendar(), BERLIN, SIX, start, start + length)

    assert found == [span for span in wide if span.start < start + length and span.end > start]
