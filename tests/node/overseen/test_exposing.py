"""What the plant depends on: entered by people, power from signals, recoveries from the answers of twins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import Energy, Exposure, Input
from lineside.node import Depends, FromTwin, Node, recovery_of, submit_question
from lineside.node.overseen.power import mean_while, power_of
from lineside.twin import parse_line
from lineside.twin.answers import Shock, Study, shock_costs
from lineside.twin.fit import Twin, keep_twin
from tests.hub_peer import HubPeer
from tests.node.february import HEAD, MACHINE, at, put
from tests.node.test_member import Works

METERS = """\
[machine.m0.signals.power]
kind = "measure"
unit = "kW"
[machine.m0.signals.drive]
kind = "measure"
unit = "W"
"""
FASTER = {"name": "Weld faster", "set": {"/stations/weld/work": 50.0}}
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


def test_the_answer_of_a_twin_goes_with_it(member: Works, hub: HubPeer) -> None:
    """By the number of its job: what is told is what that answer says, beside what people entered."""
    node = member.node
    twin = Twin(two_stations(), {}, (), (), (), (), None, 0.0, 28_800.0, 480, 28_800.0)
    with node.books.session() as session:
        keep_twin(session, "l0", twin.plain(), {"verdict": "good"}, {}, made_us=2, start_us=0, end_us=1)
    shock = {"kind": "power", "name": "", "start": 7200.0, "duration": 3600.0, "less": 0.5}
    with node.jobs as jobs:
        asked = submit_question(jobs, node.plant, "l0", "shock", {"shock": shock, "changes": [FASTER]})
        job = jobs.wait(asked.id, 240)
    exposures = node.overseen.exposures
    depends = Depends((STEEL,), None, (FromTwin(job.id),))

    exposures.say(depends, exposures.look(depends).digest)
    member.speak()

    (said,) = [one for one in hub.said() if isinstance(one, Exposure)]
    assert [one.id for one in exposures.answers()] == [job.id]
    assert job.result is not None
    (told,) = said.recoveries
    assert told == recovery_of(job.result)
    assert (told.size, told.days) == (0.5, 3600 / DAY_S)
    assert 0 < told.output_lost[1] < 1


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


def test_the_power_of_a_machine_is_that_while_it_runs(tmp_path: Path) -> None:
    """What it takes while it stands is left out, watts are kilowatts, and of its parts the whole is told."""
    (tmp_path / "plant.toml").write_text(HEAD + MACHINE.format(n=0) + METERS, "utf-8")
    with Node.open(tmp_path) as node:
        put(node, "m0/mode", [(at(2, 2, 6), "ACTIVE"), (at(2, 2, 8), "READY"), (at(2, 2, 9), "ACTIVE")])
        put(node, "m0/drive", [(at(2, 2, 6), 1000.0)])
        put(node, "m0/power", [(at(2, 2, 6), 8.0), (at(2, 2, 8), 1.0), (at(2, 2, 9), 2.0)])
        node.history.hear("s", at(2, 2, 6), at(2, 2, 10))

        found = power_of(node.history, node.timeline, at(2, 2), at(2, 3))

    assert list(found.signals) == ["m0/power"]
    assert found.total_kw == pytest.approx((2 * 8 + 1 * 2) / 3)
    assert found.silent == ()


def test_machines_without_a_meter_are_named(member: Works) -> None:
    """No signal of that plant tells power: nothing is made up."""
    month, power = member.node.overseen.exposures.power()

    assert (month, power.total_kw) == ("2026-02", None)
    assert power.silent == tuple(member.node.plant.machines)
