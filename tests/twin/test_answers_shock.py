from __future__ import annotations

from typing import Any

import pytest

from lineside.errors import ConfigurationError
from lineside.twin import parse_line, simulate
from lineside.twin.answers import Shock, Study, candidates, shock_costs
from lineside.twin.answers.shocks import struck

LAST_FASTER, LAST_TWICE = "b: cycle 10 % shorter", "b: one more server"


def line(interval: Any = None, **more: Any) -> Any:
    """Two stations of a cycle of 1, four places between them, a part every `interval` where one is given."""
    source = {"to": "a"} if interval is None else {"to": "a", "interval": interval}
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": source},
            "stations": {
                "a": {"work": 1.0, "buffer": 0 if interval is None else None, "to": "b"},
                "b": {"work": 1.0, "buffer": 4, "to": "out"},
            },
            **more,
        }
    )


def test_what_a_lost_machine_costs_is_exact_without_chance() -> None:
    """The last of two equal machines stands still for 20 cycles: 20 parts are lost and never made up."""
    told = shock_costs(line(), Shock("station", 50.0, 20.0, "b"), Study(horizon=200.0), replications=2)

    assert told["lost"] == {"mean": 20.0, "half_width": 0.0, "replications": 2}
    assert told["caught_up"] is None
    assert 70.0 < told["throughput_back"] < 85.0
    assert told["course"][0]["mean"] == 0.0


def test_a_line_with_time_to_spare_catches_up() -> None:
    """A part every 2, a cycle of 1: what waited for 20 is worked off in another 20, and nothing is lost."""
    told = shock_costs(line(2.0), Shock("station", 51.0, 20.0, "b"), Study(horizon=200.0), replications=2)

    assert told["lost"]["mean"] == 0.0
    assert 9.0 <= told["worst"]["mean"] <= 10.0
    assert 80.0 < told["caught_up"] < 105.0


def test_what_a_late_source_brings_comes_at_the_end() -> None:
    """Ten parts that were to come in 20 are missing by then, and worked off after it."""
    told = shock_costs(line(2.0), Shock("source", 51.0, 20.0, "in"), Study(horizon=200.0), replications=2)

    assert 9.0 <= told["worst"]["mean"] <= 10.0
    assert told["lost"]["mean"] == 0.0
    calm, _ = struck(line(2.0), Shock("source", 51.0, 20.0, "in"), 200.0)
    made = [
        simulate(one, horizon=200.0, replications=1, warmup=0.0).plain()["out"]["mean"] for one in (line(2.0), calm)
    ]
    assert made[0] == made[1]


def test_a_power_cap_lets_only_so_many_work() -> None:
    """Half of the power of two machines for 40: they take turns, and make half as much."""
    told = shock_costs(line(), Shock("power", 50.0, 40.0, less=0.5), Study(horizon=200.0), replications=2)

    assert told["lost"]["mean"] == pytest.approx(20.0, abs=2.0)


def test_fewer_operators_slow_a_line() -> None:
    """One of two operators is away for 40: two stations that need one each take turns."""
    document = line(resources={"operator": {"count": 2}}).model_dump(mode="json", by_alias=True)
    for station in document["stations"].values():
        station["needs"] = {"operator": 1}

    told = shock_costs(
        parse_line(document), Shock("resource", 50.0, 40.0, "operator"), Study(horizon=200.0), replications=2
    )

    assert told["lost"]["mean"] == pytest.approx(20.0, abs=2.0)


def test_a_calendar_keeps_its_shifts_through_a_shock() -> None:
    """Only the hours on shift are lost: 10 of the 20."""
    shifts = {"day": {"on": [[0, 10]], "period": 20}}
    document = line(calendars=shifts).model_dump(mode="json", by_alias=True)
    for station in document["stations"].values():
        station["calendar"] = "day"

    told = shock_costs(parse_line(document), Shock("station", 40.0, 20.0, "b"), Study(horizon=200.0), replications=2)

    assert told["lost"]["mean"] == pytest.approx(10.0, abs=1.0)


def test_the_change_that_softens_most_is_told() -> None:
    """The first, faster machine is lost: of changes before the last one a larger buffer between bridges the most."""
    document = line().model_dump(mode="json", by_alias=True)
    document["stations"]["a"]["work"] = 0.5
    today = parse_line(document)
    others = [one for one in candidates(today, places=10) if one.name not in {LAST_FASTER, LAST_TWICE}]

    told = shock_costs(today, Shock("station", 50.0, 20.0, "a"), Study(horizon=200.0), changes=others, replications=2)

    first, *rest = told["softened"]["ranking"]
    assert first["name"] == told["softened"]["best"] == "b: buffer 10 larger"
    assert first["missing"]["mean"] == pytest.approx(told["lost"]["mean"] - 10.0, abs=1.0)
    assert {one["missing"]["mean"] for one in rest if one["name"] is None} == {told["lost"]["mean"]}


@pytest.mark.parametrize(
    ("shock", "key"),
    [
        (Shock("station", 0.0, 5.0, "b"), "answers.shock"),
        (Shock("station", 500.0, 5.0, "b"), "answers.shock"),
        (Shock("station", 5.0, 0.0, "b"), "answers.shock"),
        (Shock("source", 5.0, 5.0, "b"), "answers.not_there"),
        (Shock("resource", 5.0, 5.0, "crew"), "answers.not_there"),
    ],
)
def test_a_shock_of_nothing_is_refused(shock: Shock, key: str) -> None:
    """Out of time, or of something the line does not have."""
    with pytest.raises(ConfigurationError) as refused:
        shock_costs(line(), shock, Study(horizon=100.0), replications=2)

    assert refused.value.key == key
