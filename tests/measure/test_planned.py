from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.measure import Planned, planned_time, shifts_of
from lineside.plant import microseconds, parse_plant, seconds

Change = Callable[..., str]

HOUR = 3_600_000_000
MONDAY = microseconds(datetime(2026, 3, 2, tzinfo=UTC))
NO_CALENDAR = ('calendar = "early"\n', "")


def order(first: str, last: str, where: str = 'line = "press"', id_: str = "1") -> str:
    """An order for lids."""
    return (
        f'[[order]]\nid = "{id_}"\nproduct = "lid"\n{where}\nquantity = 10\n'
        f"start = 2026-03-02T{first}:00\nend = 2026-03-02T{last}:00\n"
    )


def plan(text: str, first: float = 0, last: float = 24) -> Planned:
    """What is planned on the press between two hours of Monday, 2 March 2026."""
    plant = parse_plant(text)
    return planned_time(plant, plant.machines["press"], MONDAY + int(first * HOUR), MONDAY + int(last * HOUR))


def hours(planned: Planned) -> list[tuple[float, float]]:
    """Planned hours of the day."""
    assert planned.spans is not None
    return [((a - MONDAY) / HOUR, (b - MONDAY) / HOUR) for a, b in planned.spans]


def excluded(planned: Planned) -> list[tuple[float, float, str]]:
    """Hours left out and why, in order."""
    return sorted(((e.start - MONDAY) / HOUR, (e.end - MONDAY) / HOUR, e.reason) for e in planned.excluded)


def test_the_calendar_plans_where_there_are_no_orders(plant_text: str) -> None:
    """Shift time without breaks is planned; the break and the time outside shifts are left out with their reason."""
    planned = plan(plant_text)

    assert (planned.basis, hours(planned)) == ("calendar", [(6, 9), (9.5, 14)])
    assert excluded(planned) == [(0, 6, "no_shift"), (9, 9.5, "break"), (14, 24, "no_shift")]


def test_planned_and_excluded_time_make_up_the_window(plant_text: str) -> None:
    """Nothing of the window is forgotten: what is not planned is excluded for some reason."""
    planned = plan(plant_text + order("07:00", "10:00"), 5, 13)

    left_out = seconds([(e.start, e.end) for e in planned.excluded])
    assert seconds(planned.spans or ()) + left_out == 8 * 3600


def test_orders_plan_where_there_are_any(plant_text: str) -> None:
    """Inside shifts only the time of orders is planned; a break inside an order stays a break."""
    planned = plan(plant_text + order("07:00", "10:00") + order("13:00", "16:00", 'machine = "press"', "2"))

    assert (planned.basis, hours(planned)) == ("orders", [(7, 9), (9.5, 10), (13, 14)])
    assert excluded(planned) == [
        (0, 6, "no_shift"),
        (6, 7, "no_order"),
        (9, 9.5, "break"),
        (10, 13, "no_order"),
        (14, 24, "no_shift"),
    ]


def test_overlapping_orders_plan_their_time_once(plant_text: str) -> None:
    """Two orders at one time do not make two hours of one."""
    planned = plan(plant_text + order("06:00", "08:00") + order("07:00", "08:30", id_="2"))

    assert hours(planned) == [(6, 8.5)]


def test_orders_alone_plan_without_a_calendar(plant_text: str, change: Change) -> None:
    """Without a calendar orders are planned as they stand, and nothing is known of breaks."""
    planned = plan(change(plant_text, NO_CALENDAR) + order("04:00", "10:00"))

    assert (planned.basis, hours(planned)) == ("orders", [(4, 10)])
    assert excluded(planned) == [(0, 4, "no_order"), (10, 24, "no_order")]


def test_with_neither_calendar_nor_orders_nothing_is_assumed(plant_text: str, change: Change) -> None:
    """No calendar does not mean around the clock, and not nothing either: it is unknown."""
    assert plan(change(plant_text, NO_CALENDAR)) == Planned(None, None)


def test_orders_of_another_machine_do_not_plan_this_one(plant_text: str) -> None:
    """An order on a neighbour leaves this machine to its calendar."""
    text = plant_text + '[machine.saw]\nline = "press"\n' + order("07:00", "08:00", 'machine = "saw"')

    assert plan(text).basis == "calendar"


def test_on_a_holiday_no_shift_is_planned(plant_text: str, change: Change) -> None:
    """A holiday takes all of its shifts out and says so; an override plans in spite of it."""
    holiday = change(plant_text, ("[calendar.early]\n", "[calendar.early]\nholidays = [2026-03-02]\n"))
    extra = (
        "[[calendar.early.override]]\ndate = 2026-03-02\n"
        '[[calendar.early.override.shifts]]\nname = "extra"\nstart = "08:00"\nend = "10:00"\n[area.hall]\n'
    )

    assert (plan(holiday).spans, excluded(plan(holiday))) == ((), [(0, 24, "no_shift")])
    assert hours(plan(change(holiday, ("[area.hall]\n", extra)))) == [(8, 10)]


def test_the_nearest_calendar_plans(plant_text: str, change: Change) -> None:
    """A machine's own calendar goes before that of its line, its area and the site."""
    night = (
        '[area.hall]\n[calendar.own]\n[[calendar.own.shift]]\nname = "own"\nstart = "01:00"\nend = "02:00"\n',
        ('name = "Press"\n', 'name = "Press"\ncalendar = "own"\n'),
    )

    assert hours(plan(change(plant_text, ("[area.hall]\n", night[0]), night[1]))) == [(1, 2)]


def test_a_night_shift_belongs_to_the_day_on_which_it_starts(plant_text: str, change: Change) -> None:
    """The night from Monday to Tuesday is Monday's, also the part after midnight."""
    text = change(plant_text, ('start = "06:00"\nend = "14:00"\nbreaks = ["09:00-09:30"]', _NIGHT))
    plant = parse_plant(text)

    (shift,) = shifts_of(plant, plant.machines["press"], MONDAY + 25 * HOUR, MONDAY + 26 * HOUR)

    assert (shift.start, shift.end) == (MONDAY + 22 * HOUR, MONDAY + 30 * HOUR)
    assert shift.production_day == date(2026, 3, 2)
    assert shift.breaks == ((MONDAY + 26 * HOUR, MONDAY + 26 * HOUR + HOUR // 2),)


_NIGHT = 'start = "22:00"\nend = "06:00"\nbreaks = ["02:00-02:30"]'


@pytest.mark.parametrize(
    ("day", "length"),
    [(datetime(2026, 10, 24, tzinfo=UTC), 9), (datetime(2026, 3, 28, tzinfo=UTC), 7)],
    ids=["clocks go back", "clocks go forward"],
)
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(
    plant_text: str, change: Change, day: datetime, length: int
) -> None:
    """A night shift from 22:00 to 06:00 lasts nine hours in October and seven in March."""
    text = change(
        plant_text,
        ('start = "06:00"\nend = "14:00"\nbreaks = ["09:00-09:30"]', 'start = "22:00"\nend = "06:00"'),
        ('"UTC"', '"Europe/Berlin"'),
    )
    plant = parse_plant(text)
    midnight = microseconds(day)

    planned = planned_time(plant, plant.machines["press"], midnight + 12 * HOUR, midnight + 36 * HOUR)

    assert seconds(planned.spans or ()) == length * 3600


@given(
    edges=st.sets(st.integers(0, 60), max_size=20),
    start=st.integers(-5, 60),
    length=st.integers(1, 30),
)
def test_the_spans_near_a_window_are_all_that_touch_it(edges: set[int], start: int, length: int) -> None:
    """A shift of a long window looks at its own planned time alone, and misses none of it."""
    ordered = sorted(edges)
    spans = tuple(zip(ordered[::2], ordered[1::2], strict=False))
    end = start + length

    near = Planned(spans, "calendar").near(start, end)

    assert near == tuple(span for span in spans if span[0] < end and span[1] > start)
