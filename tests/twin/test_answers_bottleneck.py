from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.twin import parse_line, simulate
from lineside.twin.answers import Study, active_shares, bottleneck, turning_points
from lineside.twin.answers.periods import feeds_of
from lineside.twin.answers.watching import watched
from lineside.twin.fit.record import Spans
from lineside.twin.tally import DOWN, STARVED, WORKING
from tests.twin.lines import random_line


def row(*means: float, places: int = 3, source: dict[str, Any] | None = None) -> Any:
    """Stations in a row of these exponential cycles."""
    names = [f"s{i}" for i in range(len(means))]
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "s0", **(source or {})}},
            "stations": {
                name: {
                    "work": {"type": "exponential", "mean": mean},
                    "buffer": places if i else 0,
                    "to": names[i + 1] if i + 1 < len(names) else "out",
                }
                for i, (name, mean) in enumerate(zip(names, means, strict=True))
            },
        }
    )


def spans(*rows: tuple[int, int, float, float]) -> Spans:
    """Spans of one machine a station: station, state, start, end."""
    station, state, start, end = zip(*rows, strict=True)
    codes = np.zeros(len(rows), np.int32)
    return Spans(np.array(station, np.int32), codes, np.array(state, np.int32), np.array(start), np.array(end), codes)


@pytest.mark.parametrize("seed", range(25))
def test_what_is_watched_is_what_is_counted(seed: int) -> None:
    """The spans of a random line sum up to the times in each state, and those of a server follow each other."""
    line = random_line(seed)
    found, end = watched(line, horizon=200.0, seed=3, replication=1)
    counted = next(iter(simulate(line, horizon=200.0, replications=1, first=1, warmup=0.0, seed=3).tallies()))

    summed = np.zeros_like(counted.station_time)
    np.add.at(summed, (found.station, found.state), found.end - found.start)

    assert end == 200.0
    np.testing.assert_allclose(summed, counted.station_time, atol=1e-9)
    same = (np.diff(found.station) == 0) & (np.diff(found.server) == 0)
    np.testing.assert_allclose(found.start[1:][same], found.end[:-1][same])


def test_the_longest_active_period_is_the_bottleneck() -> None:
    """Work and repair are one period; while it is followed by the next the bottleneck shifts."""
    seen = spans(
        (0, WORKING, 0.0, 4.0),
        (0, DOWN, 4.0, 6.0),
        (0, STARVED, 6.0, 20.0),
        (1, WORKING, 1.0, 3.0),
        (1, WORKING, 5.0, 15.0),
        (1, STARVED, 15.0, 20.0),
    )

    alone, shifting = active_shares(seen, 2, 0.0, 20.0)

    assert alone * 20 == pytest.approx([5.0, 9.0])  # 0-5 and 6-15
    assert shifting * 20 == pytest.approx([1.0, 1.0])  # 5-6
    cut, _ = active_shares(seen, 2, 10.0, 20.0)
    assert cut * 10 == pytest.approx([0.0, 5.0])


@pytest.mark.parametrize("seed", range(20))
def test_no_moment_has_more_than_one_bottleneck_alone(seed: int) -> None:
    """Whatever the line: shares are never negative, and those alone sum to one at most."""
    line = random_line(seed)
    found, end = watched(line, horizon=300.0, seed=1)

    alone, shifting = active_shares(found, len(line.stations), 0.0, end)

    assert (alone >= 0).all()
    assert (shifting >= -1e-12).all()
    assert alone.sum() <= 1.0 + 1e-9


def test_blocked_turns_into_starved_at_the_bottleneck() -> None:
    """In a row of four, and where two lines meet."""
    in_a_row = {0: [1], 1: [2], 2: [3], 3: []}
    blocked, starved = np.array([0.4, 0.3, 0.02, 0.0]), np.array([0.0, 0.05, 0.05, 0.5])

    assert turning_points(blocked, starved, in_a_row) == [2]
    assert turning_points(blocked, starved, {0: [2], 1: [2], 2: [3], 3: []}) == [2]
    assert turning_points(np.full(4, 0.1), np.full(4, 0.1), in_a_row) == []


def test_ways_back_do_not_feed() -> None:
    """Rework goes back to a station that is already on the way; a store that two take from feeds both."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "a"}},
            "buffers": {"store": 5},
            "stations": {
                "c": {"work": 1, "takes": {"store": 1}, "to": "out"},
                "b": {
                    "work": 1,
                    "takes": {"store": 1},
                    "to": [{"to": "out", "probability": 0.9}, {"to": "a", "probability": 0.1}],
                },
                "a": {"work": 1, "buffer": 0, "to": "store"},
            },
        }
    )

    assert feeds_of(line) == {0: [], 1: [], 2: [0, 1]}


def test_the_slowest_station_is_the_bottleneck() -> None:
    """All three views agree where one station is clearly the slowest."""
    answer = bottleneck(row(0.8, 0.8, 1.1, 0.8), Study(horizon=400.0, warmup=50.0))

    first = answer["stations"][0]
    assert (answer["bottleneck"], answer["alike"], answer["decided"]) == ("s2", [], True)
    assert first["name"] == "s2"
    assert first["turning_point"]
    assert first["active_alone"]["mean"] == max(one["active_alone"]["mean"] for one in answer["stations"])
    assert first["p_best"] > 0.99
    assert first["gain"]["relative"]["mean"] > first["gain"]["relative"]["half_width"] > 0
    assert first["repair_gain"] is None


def test_more_idle_does_not_make_a_lesser_bottleneck() -> None:
    """Simulation decides: a station that is down often can be it though its cycle is the shortest."""
    line = row(1.0, 0.6, 1.0, places=2)
    document = line.model_dump(mode="json", by_alias=True)
    jam = {"time_to_failure": {"type": "exponential", "mean": 20}, "repair": {"type": "exponential", "mean": 20}}
    document["stations"]["s1"]["failures"] = {"jam": jam}

    answer = bottleneck(parse_line(document), Study(horizon=500.0, warmup=50.0))

    assert answer["bottleneck"] == "s1"
    assert answer["stations"][0]["repair_gain"]["mean"] > 0


def test_equal_stations_are_not_told_apart() -> None:
    """Two equal exponential stations: by symmetry a cut of either gives the same."""
    answer = bottleneck(row(1.0, 1.0), Study(horizon=300.0, warmup=50.0), most=200)

    assert answer["bottleneck"] in {"s0", "s1"}
    assert len(answer["alike"]) == 1


def test_a_line_that_waits_for_parts_has_no_bottleneck() -> None:
    """Every station is quick enough for what comes in."""
    answer = bottleneck(row(0.2, 0.2, source={"interval": 1.0}), Study(horizon=200.0, warmup=20.0))

    assert answer["bottleneck"] is None
    assert answer["alike"] == []


def test_a_cut_that_cuts_nothing_is_refused() -> None:
    """Or everything."""
    for cut in (0.0, 1.0):
        with pytest.raises(ConfigurationError, match="find no bottleneck"):
            bottleneck(row(1.0), Study(horizon=10.0, warmup=0.0), cut=cut)
