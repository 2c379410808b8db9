"""A fit, held against lines whose every parameter is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from lineside.demo.stations import STATIONS
from lineside.twin import Line, parse_line
from lineside.twin.distributions import mean_of
from lineside.twin.fit import Twin, fit
from tests.twin.known import DAY, Known, known, known_line
from tests.twin.past import Told, demo_record, record_of

RATE = 0.90
"""Of intervals of 95 %; a hundred and fifty of them fall below by chance once in two hundred times."""


def _told(line: Line, twin: Twin) -> list[Known]:
    return [one for one in known(line, twin) if one.parameter.what not in ("places", "servers")]


@pytest.mark.parametrize("rich", [False, True])
def test_parameters_lie_in_their_intervals_as_often_as_those_claim(rich: bool) -> None:
    """Laws, shares and set-ups of random lines are recovered within their 95 % intervals, stops by their reasons."""
    told = []
    for seed in range(100, 103):
        line = known_line(seed, rich=rich)
        told += _told(line, fit(record_of(line, 2 * DAY, seed)))
    covered = Counter(one.covered for one in told)
    assert len(told) > 45
    assert covered[True] >= RATE * len(told), [one for one in told if not one.covered]


@pytest.mark.parametrize("told", [Told(), Told(parts=False, begins=False, rounded=0.1), Told(states=False)])
def test_places_are_told_exactly_where_a_station_stood_blocked(told: Told) -> None:
    """Buffers are identified from states, counters or single parts, and one never seen full says at least."""
    for seed in (110, 112):
        line = known_line(seed)
        twin = fit(record_of(line, 2 * DAY, seed, told))
        for one in known(line, twin):
            if one.parameter.what == "places":
                exact = one.parameter.note != "at_least"
                assert one.covered, (seed, one)
                assert not exact or one.parameter.value == one.truth


def test_stops_that_no_state_told_are_split_out_of_the_work() -> None:
    """From begins and ends alone work is right to 1.5 %, within what it claims; blocked is not short of parts."""
    line = known_line(120)
    twin = fit(record_of(line, 2 * DAY, 120, Told(states=False)))
    for one in known(line, twin):
        if one.parameter.what == "work":
            assert one.parameter.value == pytest.approx(one.truth, rel=0.015)
            assert one.covered, one
    assert all(station.failures for station in twin.line.stations.values())
    assert all(source.interval is None for source in twin.line.sources.values())


def test_setups_that_no_state_told_are_no_stops() -> None:
    """What parts after a change of product took longer is a set-up, with the right mean, and not a breakdown more."""
    document = {
        "schema": "lineside.line/1",
        "products": {"a": {}, "b": {}},
        "sources": {"in": {"to": "saw", "plan": {"due": [[0, "a"], [5_000, "b"]], "period": 10_000}}},
        "stations": {
            "saw": {
                "work": {"type": "gamma", "shape": 9, "mean": 40},
                "buffer": 0,
                "setups": [{"time": {"type": "uniform", "low": 250, "high": 350}}],
                "to": "out",
            }
        },
    }
    line = parse_line(document)
    twin = fit(record_of(line, 400_000, 1, Told(states=False)))
    setups = [one for one in known(line, twin) if one.parameter.what == "setup"]
    assert setups
    assert all(one.parameter.value == pytest.approx(300, rel=0.05) for one in setups)
    assert not twin.line.stations["saw"].failures


def test_a_station_that_often_stands_does_not_slow_its_source() -> None:
    """Parts come as often as they came, though long stops leave gaps between their begins."""
    document = {
        "schema": "lineside.line/1",
        "sources": {"in": {"to": "saw", "interval": {"type": "exponential", "mean": 60}}},
        "stations": {
            "saw": {
                "work": 25,
                "buffer": None,
                "failures": {
                    "jam": {
                        "time_to_failure": {"type": "exponential", "mean": 3000},
                        "repair": 1500,
                        "clock": "calendar",
                    }
                },
                "to": "out",
            }
        },
    }
    twin = fit(record_of(parse_line(document), 400_000, 1))
    interval = next(one for one in twin.parameters if one.what == "interval")
    assert interval.value == pytest.approx(60, rel=0.03)


def test_a_line_of_another_simulator_is_recovered() -> None:
    """Places and cycles of the demo's line, which shares no code with the twin, are told from counters and states."""
    twin = fit(demo_record(STATIONS, 4 * DAY, 11))
    for place, one in enumerate(STATIONS):
        station = twin.line.stations[one.id]
        assert station.buffer is not None
        assert station.buffer.capacity == one.buffer_before or place == 0
        for product, cycle in one.ideal_s.items():
            law = station.work.get(product, next(iter(station.work.values())))
            assert mean_of(law) == pytest.approx(cycle * (1 + one.slower_by), rel=0.01)


def _rework() -> Line:
    """A station from which one part in ten goes back, another in fifty out of the line as scrap."""
    ways = [
        {"to": "out", "probability": 0.88},
        {"to": "wash", "probability": 0.1},
        {"to": "scrap", "probability": 0.02},
    ]
    document = {
        "schema": "lineside.line/1",
        "sources": {"in": {"to": "saw", "interval": {"type": "exponential", "mean": 60}}},
        "stations": {
            "saw": {"work": 40, "buffer": None, "to": "wash"},
            "wash": {"work": {"type": "gamma", "shape": 4, "mean": 40}, "buffer": None, "to": "test"},
            "test": {"work": {"type": "gamma", "shape": 4, "mean": 70}, "servers": 2, "buffer": 2, "to": ways},
        },
    }
    return parse_line(document)


def _filling() -> Line:
    """A fast station that scraps one part in twenty, before a slow one whose queue has no end."""
    ways = [{"to": "wash", "probability": 0.95}, {"to": "scrap", "probability": 0.05}]
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "saw"}},
            "stations": {
                "saw": {"work": 40, "buffer": 0, "to": ways},
                "wash": {"work": 55, "buffer": None, "to": "out"},
            },
        }
    )


def test_shares_are_not_bent_by_parts_still_on_their_way() -> None:
    """Rework and scrap are told without bias though queues are long for the record, and no other way is made up."""
    missed = 0
    for seed in range(4):
        for line, ways in ((_rework(), {"out", "wash", "scrap"}), (_filling(), {"wash", "scrap"})):
            shares = [one for one in known(line, fit(record_of(line, 200_000, seed))) if one.parameter.what == "share"]
            assert {one.parameter.about for one in shares} == ways
            missed += any(not one.covered for one in shares)
    assert missed <= 2


def test_a_station_that_blocks_for_one_way_tells_nothing_of_the_places_on_the_other() -> None:
    """Two machines alike behind a buffer of two: it is told; the endless one before `wash` is at least as large."""
    line = _rework()
    twin = fit(record_of(line, 150_000, 1))
    places = {one.station: one for one in twin.parameters if one.what == "places"}
    assert places["test"].value == 2
    assert places["test"].note == ""
    assert places["wash"].note == "at_least"


def test_a_station_without_breaks_beside_one_with_shifts_has_no_calendar() -> None:
    """Only the station that was off at times gets the calendar of its shifts."""
    document = {
        "schema": "lineside.line/1",
        "calendars": {"day": {"on": [[0, 600]], "period": 1_000}},
        "sources": {"in": {"to": "saw"}},
        "stations": {
            "saw": {"work": 20, "buffer": 0, "calendar": "day", "to": "mill"},
            "mill": {"work": 10, "buffer": 3, "to": "out"},
        },
    }
    record = record_of(parse_line(document), 20_000, 1)
    day = np.array([[start, start + 600.0] for start in range(0, 20_000, 1_000)])
    shifts = {"saw": day, "mill": np.array([[0.0, 20_000.0]])}

    line = fit(replace(record, shifts=shifts)).line

    assert {name: station.calendar for name, station in line.stations.items()} == {"saw": "shifts", "mill": None}
