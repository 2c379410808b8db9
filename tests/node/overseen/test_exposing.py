"""What the plant depends on: entered by people, power from signals, recoveries from the answers of twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import Energy, Exposure, Input
from lineside.node import Depends, FromTwin, recovery_of
from lineside.node.overseen.power import mean_while
from lineside.twin import parse_line
from lineside.twin.answers import Shock, Study, shock_costs
from tests.hub_peer import HubPeer
from tests.node.test_member import Works

STEEL = Input(what="steel", share=0.8, stock_days=5.0, replaced_days=20.0)
DAY_S = 86_400.0


def two_stations() -> Any:
    """A line that makes a part in a minute, with nothing to spare."""
    return parse_line(
        {
            "schema": "lineside.line/1",
            "name": "cell",
            "time_unit": "s",
            "sources": {"in": {"to": "cut"}},
            "stations": {
                "cut": {"work": 60.0, "buffer": 3, "to": "weld"},
                "weld": {"work": 60.0, "buffer": 3, "to": "out"},
            },
        }
    )


def shocked(shock: Shock, days: float = 10.0) -> dict[str, Any]:
    """What a twin answers."""
    return shock_costs(two_stations(), shock, Study(horizon=days * DAY_S, threads=1), replications=3)


def test_what_is_said_takes_the_place_of_what_was(member: Works, hub: HubPeer) -> None:
    """Entered, and told as that; it needs no twin."""
    exposures = member.node.overseen.exposures
    for depends in (Depends((STEEL,)), Depends((), Energy(power_kw=120.0, cost_share=0.1))):
        exposures.say(depends, exposures.look(depends).digest)
    member.speak()

    said = [one for one in hub.said() if isinstance(one, Exposure)]

    assert [(one.inputs, one.origin, one.month) for one in said] == [
        ((STEEL,), "entered", "2026-02"),
        ((), "entered", "2026-02"),
    ]
    last = exposures.last()
    assert last is not None
    assert last.statement == said[-1]


@pytest.mark.parametrize(
    ("depends", "key"),
    [
        (Depends(), "overseen.nothing_said"),
        (Depends((STEEL, STEEL)), "overseen.twice"),
    ],
)
def test_what_says_nothing_is_refused(member: Works, depends: Depends, key: str) -> None:
    """And what says the same twice."""
    with pytest.raises(ConfigurationError) as refused:
        member.node.overseen.exposures.look(depends)

    assert refused.value.key == key


def test_only_answers_of_twins_to_shocks_go_with_it(member: Works) -> None:
    """Another job holds none."""
    jobs = member.node.jobs
    job = jobs.submit("member", "Speak to the hub")

    with pytest.raises(ConfigurationError) as refused:
        member.node.overseen.exposures.look(Depends((STEEL,), None, (FromTwin(job.id),)))

    assert refused.value.key == "overseen.no_answer"
    assert member.node.overseen.exposures.answers() == []


def test_a_lost_day_is_a_day_of_output() -> None:
    """A line without any reserve that gets nothing for a day makes a day less; then it works as before."""
    answer = shocked(Shock("source", 2 * DAY_S, DAY_S, "in"))

    told = recovery_of(answer, "steel")

    low, high = told.recovery_days
    made = 60 * 24 * (1 + high)
    assert (told.shock, told.what, told.size, told.days) == ("supplier", "steel", 1.0, 1.0)
    assert told.output_lost[0] <= 60 * 24 / made <= told.output_lost[1] + 0.01
    assert 0 <= low < high <= 1
    assert answer["course"][0]["planned"] == pytest.approx(2 * 24 * 60, abs=5)


def test_half_of_the_power_is_said_as_such() -> None:
    """With its size; the same answer gives the same words."""
    answer = shocked(Shock("power", 2 * DAY_S, DAY_S, less=0.5))

    told = recovery_of(answer)

    assert (told.shock, told.what, told.size) == ("power", "", 0.5)
    assert 0 < told.output_lost[0] <= told.output_lost[1] < 1
    assert told == recovery_of(answer)


def test_what_is_no_answer_for_a_hub_is_refused() -> None:
    """A shock inside of the plant, an input without a name, and a line that has not recovered."""
    station = shocked(Shock("station", 2 * DAY_S, DAY_S, "cut"))
    source = shocked(Shock("source", 2 * DAY_S, DAY_S, "in"))
    late = shocked(Shock("source", 2 * DAY_S, 8 * DAY_S, "in"))
    keys = []
    for answer, what in ((station, ""), (source, " "), (late, "steel")):
        with pytest.raises(ConfigurationError) as refused:
            recovery_of(answer, what)
        keys.append(refused.value.key)

    assert keys == ["overseen.other_answer", "overseen.no_supplier", "overseen.not_recovered"]


def test_the_mean_of_a_value_over_spans_is_that_of_its_steps() -> None:
    """As a sum over every microsecond has it; what nobody told is left out."""
    rng = np.random.default_rng(7)
    times = np.sort(rng.choice(np.arange(1000), 20, replace=False))
    values = np.where(rng.random(20) < 0.2, np.nan, rng.random(20))
    spans = [(50, 300), (310, 320), (700, 990)]

    found = mean_while(times, values, spans)

    held = np.full(1000, np.nan)
    for begin, end, value in zip(times, [*times[1:], times[-1]], values, strict=True):
        held[begin:end] = value
    direct = np.nanmean(np.concatenate([held[a:b] for a, b in spans]))
    assert found == pytest.approx(direct)
    assert mean_while(times, np.full(20, np.nan), spans) is None
    assert mean_while(times, values, []) is None


def test_machines_without_a_meter_are_named(member: Works) -> None:
    """No signal of that plant tells power: nothing is made up."""
    month, power = member.node.overseen.exposures.power()

    assert (month, power.total_kw) == ("2026-02", None)
    assert power.silent == tuple(member.node.plant.machines)
