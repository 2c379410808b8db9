"""Real durations through the twin's line: the departures come out again where its structure is right, and else not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from lineside.twin import Line, parse_line
from lineside.twin.answers import Change, changed
from lineside.twin.fit import NOBODY, Record, Twin, fit
from lineside.twin.validate import Past, Replay, replay
from tests.twin.known import DAY, known_line
from tests.twin.past import Told, record_of

UNTOLD = Told(parts=False, begins=False)


def net() -> Line:
    """Parts go one of two ways, one of them long, meet again before two machines side by side, and some come back."""
    stations: dict[str, Any] = {
        "saw": {"work": {"type": "gamma", "shape": 30, "mean": 40}, "buffer": 0},
        "mill": {"work": {"type": "gamma", "shape": 10, "mean": 70}, "buffer": 2, "to": "wash"},
        "lathe": {"work": {"type": "gamma", "shape": 10, "mean": 95}, "buffer": 3},
        "wash": {"work": {"type": "gamma", "shape": 20, "mean": 80}, "buffer": 5, "servers": 2},
    }
    stations["saw"]["to"] = [{"to": "mill", "probability": 0.6}, {"to": "lathe", "probability": 0.4}]
    stations["lathe"]["to"] = [{"to": "wash", "transfer": 25}]
    stations["wash"]["to"] = [
        {"to": "out", "probability": 0.9},
        {"to": "lathe", "probability": 0.06},
        {"to": "scrap", "probability": 0.04},
    ]
    for name, clock in (("mill", "operating"), ("lathe", "calendar"), ("wash", "calendar")):
        life, repair = {"type": "exponential", "mean": 3_000}, {"type": "gamma", "shape": 3, "mean": 200}
        stations[name]["failures"] = {"jam": {"time_to_failure": life, "repair": repair, "clock": clock}}
    return parse_line({"schema": "lineside.line/1", "sources": {"in": {"to": "saw"}}, "stations": stations})


LINES: dict[str, Callable[[], Line]] = {
    "net": net,
    "rich": lambda: known_line(1_003, rich=True),
    "row": lambda: known_line(1_006),
}


@cache
def seen(name: str, told: Told) -> tuple[Record, Twin]:
    """What was written down of a line, and the twin of its first days."""
    record = record_of(LINES[name](), 3 * DAY, 5, told)
    return record, fit(record.between(0.0, 2 * DAY))


def replayed(twin: Twin, record: Record) -> Replay | str:
    """How the last day came out."""
    return replay(twin, Past(record), 2 * DAY, 3 * DAY)


@pytest.mark.parametrize(
    ("name", "told", "within"),
    [
        ("net", Told(), 0.001),
        ("rich", Told(), 0.001),
        ("row", Told(), 0.001),
        ("row", UNTOLD, 0.001),
        ("rich", Told(begins=False), 0.5),
        ("net", Told(rounded=1.0), 0.5),
    ],
)
def test_real_durations_give_the_real_departures(name: str, told: Told, within: float) -> None:
    """Through splits, merges, rework, machines side by side and idle stops; `within` is a share of a cycle."""
    record, twin = seen(name, told)

    found = replayed(twin, record)

    assert isinstance(found, Replay)
    assert found.departures > 4_000
    assert found.high <= within * found.cycle


@pytest.mark.parametrize(
    "wrong",
    [
        Change(name="no limit", set={"/stations/wash/buffer": None, "/stations/lathe/buffer": None}),
        Change(name="no places", set={"/stations/wash/buffer": 0}),
        Change(name="one machine", remove=("/stations/wash/servers",)),
        Change(name="a long way", set={"/stations/saw/to/0/transfer": 200}),
    ],
    ids=lambda change: change.name,
)
def test_a_wrong_structure_is_found(wrong: Change) -> None:
    """With the same real durations the departures do not come out."""
    record, _ = seen("net", Told())
    line = changed(net(), wrong)

    found = replayed(replace(seen("net", Told())[1], line=line), record)

    assert isinstance(found, Replay)
    assert not found.holds


def test_what_cannot_be_replayed_says_why() -> None:
    """Times no state tells, parts nobody can tell apart, and what a record does not show."""
    record, twin = seen("net", Told())
    visits = record.visits
    some = replace(record, visits=replace(visits, part=visits.part.copy()))
    some.visits.part[::7] = NOBODY
    shared = replace(twin, line=changed(net(), Change(name="x", set={"/stations/wash/blocking": "before"})))

    assert replayed(twin, replace(record, spans=seen("net", Told(states=False))[0].spans)) == "replay_no_states"
    assert replayed(twin, some) == "replay_no_parts"
    elsewhere = replace(
        record, stations=(*record.stations, "annex"), visits=replace(visits, station=visits.station.copy())
    )
    elsewhere.visits.station[::7] = len(record.stations)
    assert replayed(shared, record) == "replay_shared"
    assert replayed(twin, elsewhere) == "replay_new_station"


def test_a_station_that_waits_for_room_is_no_long_way() -> None:
    """Parts begun when a blocked station got rid of its own were not under way: a row without ways has none."""
    _, twin = seen("row", Told())
    _, other = seen("net", Told())

    assert not [one for one in twin.parameters if one.what == "transfer"]
    assert [(one.station, one.about) for one in other.parameters if one.what == "transfer"] == [("lathe", "wash")]
