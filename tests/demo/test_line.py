from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from lineside.demo.line import BLOCKED, EXECUTE, FAULT, SETUP, STARVED, Happened, Line
from lineside.demo.stations import BOTTLENECK, STATIONS

HOURS = 100
PLACES = range(len(STATIONS))
PACE = next(place for place in PLACES if STATIONS[place].id == BOTTLENECK)


def run_line(seed: int) -> list[Happened]:
    """What happens at each station in some hours, with a change of product every eight."""
    line = Line(STATIONS, seed, lambda working_s: "pump-b" if working_s // 28_800 % 2 else "pump-a")
    while line.known_until < HOURS * 3600:
        line.next_part()
    return line.take()


@pytest.fixture(scope="module")
def happened() -> list[Happened]:
    """One run of the line."""
    return run_line(1)


def parts_begun(station: Happened) -> NDArray[np.float64]:
    """When a part was taken up: at its set-up, or when work begins that does not go on after a fault."""
    states = [-1, *station.state]
    begun = [
        time
        for time, (before, state) in zip(station.state_time, pairwise(states), strict=True)
        if state == SETUP or (state == EXECUTE and before not in (SETUP, FAULT))
    ]
    return np.array(begun)


def good_parts_done(station: Happened) -> NDArray[np.float64]:
    """When a part was finished that goes on to the next station."""
    done: NDArray[np.float64] = np.array(station.unit_time)[np.array(station.unit_good)]
    return done


def between(happened: list[Happened], place: int) -> NDArray[np.int64]:
    """How many parts lie between two stations at every moment at which something happens there."""
    done, begun = good_parts_done(happened[place]), parts_begun(happened[place + 1])
    moments = np.union1d(done, begun)
    counts: NDArray[np.int64] = np.searchsorted(done, moments, "right") - np.searchsorted(begun, moments, "right")
    return counts


def seconds(station: Happened, *wanted: int) -> float:
    """Working seconds a station spends in some states."""
    return sum(
        end - start
        for (start, end), state in zip(pairwise(station.state_time), station.state, strict=False)
        if state in wanted
    )


def test_the_same_seed_gives_the_same_line(happened: list[Happened]) -> None:
    """Every state, part and value comes again, and another seed gives others."""
    assert run_line(1) == happened
    assert run_line(2) != happened


@pytest.mark.parametrize("place", PLACES[:-1], ids=[station.id for station in STATIONS[:-1]])
def test_no_part_comes_from_nowhere_and_buffers_are_finite(happened: list[Happened], place: int) -> None:
    """A station takes up only what the one before it finished, and its buffer holds no more than it can."""
    waiting = between(happened, place)

    assert waiting.min() == 0
    assert waiting.max() <= STATIONS[place + 1].buffer_before + 1  # and one that blocks the station before it


def test_no_more_parts_leave_than_entered(happened: list[Happened]) -> None:
    """Each station finishes what it took up, except the part in it."""
    for station in happened:
        begun, done = parts_begun(station), np.array(station.unit_time)
        assert 0 <= len(begun) - len(done) <= 1
        assert (begun[: len(done)] < done).all()


def test_the_weld_station_is_the_bottleneck(happened: list[Happened]) -> None:
    """It waits least of all; what lies before it is rather blocked, what lies behind it rather starved."""
    waiting = [seconds(station, STARVED, BLOCKED) for station in happened]
    starved = [seconds(station, STARVED) for station in happened]
    blocked = [seconds(station, BLOCKED) for station in happened]

    assert waiting[PACE] < 0.5 * min(waiting[:PACE] + waiting[PACE + 1 :])
    assert all(blocked[place] > starved[place] for place in PLACES[:PACE])
    assert all(starved[place] > blocked[place] for place in PLACES[PACE + 1 :])


def test_every_state_is_a_change(happened: list[Happened]) -> None:
    """Time goes forward at every station, and each has its faults and set-ups."""
    for station in happened:
        assert (np.diff(station.state_time) >= 0).all()
        assert {EXECUTE, FAULT, SETUP} <= set(station.state)


def test_rejects_are_as_many_as_planned(happened: list[Happened]) -> None:
    """The share of rejected parts is the station's, within four standard deviations of a fair draw."""
    for station, seen in zip(STATIONS, happened, strict=True):
        n, share = len(seen.unit_good), station.reject_share
        rejected = n - sum(seen.unit_good)
        assert abs(rejected - n * share) <= 4 * (n * share * (1 - share)) ** 0.5
