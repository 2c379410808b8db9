from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.demo.plantfile import plant_file
from lineside.demo.recordings import RECORDED
from lineside.demo.shifts import DAY_US, HOUR_US, ORDERS_AHEAD_DAYS, LineClock, timetable
from lineside.demo.works import Works
from lineside.plant import microseconds, moment, parse_plant, shift_spans

PORTS = {machine.id: 40_000 + place for place, machine in enumerate((*RECORDED, *RECORDED[:1]))} | {"assembly": 41_000}
ZONES = {
    "clocks forward": datetime(2025, 4, 3, 10, 20, tzinfo=ZoneInfo("Europe/Berlin")),
    "clocks back": datetime(2025, 10, 27, 3, 5, tzinfo=ZoneInfo("Europe/Berlin")),
    "ambiguous hour": datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    "Shanghai": datetime(2025, 6, 12, 23, 59, tzinfo=ZoneInfo("Asia/Shanghai")),
    "UTC": datetime(2025, 6, 12, 0, 0, tzinfo=ZoneInfo("UTC")),
}
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.sampled_from([*map(ZoneInfo, (  # noqa: DTZ001 - the zone comes beside it
    "Europe/Berlin", "Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe",
))]))  # fmt: skip
CASES = pytest.mark.parametrize("opened", ZONES.values(), ids=ZONES.keys())


def zone_of(opened: datetime) -> ZoneInfo:
    """The zone of a moment."""
    assert isinstance(opened.tzinfo, ZoneInfo)
    return opened.tzinfo


@CASES
def test_the_history_begins_two_weeks_ago_with_a_production_day(opened: datetime) -> None:
    """In every zone it begins at six in the morning, fourteen days back."""
    zone = zone_of(opened)

    start = moment(timetable(microseconds(opened), zone).start, zone)

    assert (start.hour, start.minute) == (6, 0)
    assert start.date() == opened.date() - timedelta(days=14)


@CASES
def test_the_plant_file_says_what_the_line_does(opened: datetime) -> None:
    """Orders and shifts read from plant.toml are the very moments at which the line makes its products."""
    times = timetable(microseconds(opened), zone_of(opened))
    until = times.now + ORDERS_AHEAD_DAYS * DAY_US

    plant = parse_plant(plant_file(times, PORTS, Works()))

    calendar = plant.calendar_of(plant.machines["weld"])
    assert calendar is not None
    zone, day_starts = plant.site.zone, plant.site.production_day_starts
    read = [s for s in shift_spans(calendar, zone, day_starts, times.start, until) if s.start >= times.start]
    assert [(s.start, s.end, s.breaks) for s in read] == [(s.start, s.end, s.breaks) for s in times.spans(until)]
    orders = [
        (o.product, microseconds(o.start.replace(tzinfo=zone)), microseconds(o.end.replace(tzinfo=zone)))
        for o in plant.orders
    ]
    assert orders == [(run.product, run.start, run.end) for run in times.runs(until)]


@settings(max_examples=40)
@given(opened=MOMENTS)
def test_whoever_opens_the_demo_sees_it_work(opened: datetime) -> None:
    """Whenever it is set up, this shift and the one before have an order, and no break comes within the hour."""
    now, zone = microseconds(opened), zone_of(opened)
    times = timetable(now, zone)

    spans = [span for span in times.spans(now) if span.start <= now]
    ordered = [(run.start, run.end) for run in times.runs(now + DAY_US)]

    for span in spans[-2:]:
        assert any(start <= span.start and span.end <= end for start, end in ordered)
    breaks = [pause for span in times.spans(now + DAY_US) for pause in span.breaks]
    assert [pause for pause in breaks if pause[0] < now + HOUR_US and pause[1] > now] == []


CLOSURES = st.lists(st.integers(1, 10**6), min_size=2, max_size=12, unique=True).map(
    lambda edges: [(a * 1000, b * 1000) for a, b in zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True)]
)


@given(closures=CLOSURES, at=st.integers(0, 10**6))
def test_the_lines_clock_stands_in_closures(closures: list[tuple[int, int]], at: int) -> None:
    """Working time is wall time without closures; outside them the way back leads to the same moment."""
    wall = at * 1000
    clock = LineClock(0, closures)
    closed_us = sum(min(end, wall) - start for start, end in closures if start < wall)

    working = clock.working_s(wall)

    assert working == pytest.approx((wall - closed_us) / 1e6)
    inside = any(start <= wall < end for start, end in closures)
    back = int(clock.wall(np.array([working]))[0])
    assert back == wall if not inside else back == next(end for start, end in closures if start <= wall < end)
