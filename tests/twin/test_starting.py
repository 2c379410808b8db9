"""A forecast begins where the line was: parts in their order, work, set-ups and stops as far as they were."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from lineside.twin import Line, parse_line
from lineside.twin.compiled import Runner, row_size
from lineside.twin.fit import Parameter, Twin, fit
from lineside.twin.layout import names_of
from lineside.twin.tally import DOWN, SETUP
from lineside.twin.validate import Past, doubts, line_at, moment_of
from lineside.twin.validate.remaining import remaining
from tests.twin.past import Told, record_of

DAY = 86_400.0


def steady() -> Line:
    """A line without chance: two products in runs, set-ups, and queues that fill and empty with the product."""
    work = {"saw": {"a": 40, "b": 50}, "mill": {"a": 48, "b": 36}, "wash": {"a": 30, "b": 44}}
    places: dict[str, Any] = {"saw": 0, "mill": 3, "wash": 4}
    after = {"saw": "mill", "mill": "wash", "wash": "out"}
    stations = {name: {"work": work[name], "buffer": places[name], "to": after[name]} for name in work}
    stations["mill"]["setups"] = [{"time": 300}]
    due = [[0, "a"], [9_000, "b"], [16_000, "a"], [26_000, "b"]]
    plan = {"due": due, "period": 31_000}
    products: dict[str, Any] = {"a": {}, "b": {}}
    return parse_line(
        {
            "schema": "lineside.line/1",
            "products": products,
            "sources": {"in": {"to": "saw", "plan": plan}},
            "stations": stations,
        }
    )


def departures(line: Line, horizon: float, station: int) -> list[float]:
    """When parts leave a station in one run."""
    runner = Runner(line, horizon, 0.0, 1, 10_000)
    runner.run(0, np.zeros(row_size(names_of(line))), _nobody)
    return runner.departures()[station]


@pytest.mark.parametrize("told", [Told(), Told(parts=False, begins=False)])
def test_a_line_without_chance_goes_on_from_any_moment_as_it_did(told: Told) -> None:
    """Mid-cycle, blocked, in set-up, two products in the queues: every part leaves to the second when it did."""
    record = record_of(steady(), 1.2 * DAY, 1, told)
    twin, past = fit(record), Past(record)
    left = record.visits.finished[record.visits.station == 2]
    for start in np.random.default_rng(1).uniform(DAY / 2, DAY, 8).tolist():
        simulated = departures(line_at(twin, moment_of(past, start, start + 7_000)), 7_000, 2)
        real = left[(left > start) & (left < start + 7_000)] - start
        assert simulated == pytest.approx(real.tolist(), abs=1.0), start


def _nobody(share: float) -> None:
    del share


def worn() -> tuple[Twin, Past]:
    """A line that fails, fitted to its past."""
    jam = {
        "time_to_failure": {"type": "exponential", "mean": 4_000},
        "repair": {"type": "gamma", "shape": 9, "mean": 900},
    }
    stations: dict[str, Any] = {
        "saw": {"work": 40, "buffer": 0, "to": "mill"},
        "mill": {"work": 50, "buffer": 4, "failures": {"jam": jam}, "to": "wash"},
        "wash": {"work": 30, "buffer": 4, "to": "out"},
    }
    line = parse_line({"schema": "lineside.line/1", "sources": {"in": {"to": "saw"}}, "stations": stations})
    record = record_of(line, 2 * DAY, 1, Told(parts=False, begins=False))
    return fit(record), Past(record)


def test_a_machine_that_is_down_begins_down_with_what_is_left_of_its_repair() -> None:
    """After 600 of about 900 seconds some 300 are left, its part is kept, and who waits for it waits on."""
    twin, past = worn()
    spans = past.record.spans
    long = (spans.state == DOWN) & (spans.end - spans.start > 800)
    at = float(spans.start[long][5]) + 600

    line = line_at(twin, moment_of(past, at, at + 3_600))

    saw, mill, wash = ([entry.model_dump() for entry in one.start] for one in line.stations.values())
    assert mill[0]["state"] == "down"
    assert mill[0]["doing"]["state"] == "working"
    left = np.array(mill[0]["left"]["values"])
    repair = stats.gamma(9, scale=100)
    assert left.mean() == pytest.approx(repair.expect(lb=600, conditional=True) - 600, rel=0.1)
    assert [saw[0]["state"], wash[0]["state"]] == ["blocked", "idle"]
    assert line.stations["mill"].buffer is not None
    assert line.stations["mill"].buffer.initial == 4


def test_a_machine_set_up_for_what_it_made_before_begins_to_work() -> None:
    """A record may show such a set-up; the twin knows none from a product to itself."""
    record = record_of(steady(), DAY, 1)
    moment = moment_of(Past(record), DAY / 2, DAY)
    seen = replace(moment.doing["mill"][0], state=SETUP, part=SETUP, made="a", passed=1e6)
    moment = replace(moment, doing={**moment.doing, "mill": (seen,)}, queues={**moment.queues, "mill": ("a",)})

    assert line_at(fit(record), moment).stations["mill"].start[0].state == "working"


LAWS: list[tuple[dict[str, Any], Any]] = [
    ({"type": "exponential", "mean": 100, "shift": 10}, stats.expon(10, 100)),
    ({"type": "gamma", "shape": 3, "mean": 90}, stats.gamma(3, scale=30)),
    ({"type": "erlang", "shape": 2, "mean": 90}, stats.gamma(2, scale=45)),
    ({"type": "weibull", "shape": 2, "scale": 100}, stats.weibull_min(2, scale=100)),
    ({"type": "lognormal", "mean": 100, "sd": 60, "shift": 20}, stats.lognorm(0.5545, 20, 100 / np.sqrt(1.36))),
    ({"type": "uniform", "low": 50, "high": 150}, stats.uniform(50, 100)),
    ({"type": "triangular", "low": 0, "mode": 50, "high": 200}, stats.triang(0.25, 0, 200)),
]


@pytest.mark.parametrize(("plain", "law"), LAWS)
@pytest.mark.parametrize("passed", [5.0, 80.0])
def test_what_is_left_of_a_time_is_the_rest_of_longer_ones(plain: dict[str, Any], law: Any, passed: float) -> None:
    """The chance of a longer time and the quantiles of the rest are those of the law cut off at what has passed."""
    found = remaining(plain, passed)

    assert found is not None
    chance, left = found
    assert chance == pytest.approx(law.sf(passed), rel=1e-3)
    assert np.quantile(left, 0.5) == pytest.approx(law.isf(chance / 2) - passed, rel=0.02)


def test_of_values_as_recorded_the_longer_ones_are_left() -> None:
    """By their weights; and where hardly a time is as long nothing is told."""
    found = remaining({"type": "empirical", "values": [10, 20, 30], "weights": [0.5, 0.2, 0.3]}, 15)

    assert found is not None
    assert found[0] == pytest.approx(0.5)
    assert np.unique(found[1]).tolist() == [5, 15]
    assert (found[1] == 15).mean() == pytest.approx(0.6)
    assert remaining({"type": "constant", "value": 40}, 30) == (1.0, np.array([10.0]))
    assert remaining({"type": "constant", "value": 40}, 41) is None
    assert remaining({"type": "gamma", "shape": 9, "mean": 40}, 400) is None


def test_few_draws_of_a_doubt_lie_evenly_about_what_is_told() -> None:
    """Twenty of each parameter average to the value, and spread as its interval does; no two parameters go together."""
    parameters = [Parameter(f"/{i}", "life", "mill", "", 100.0, "s", 50, low=80.0, high=125.0) for i in range(40)]

    draws = doubts(parameters, 1, 20)

    logs = np.log([[draw[one.path] for one in parameters] for draw in draws])
    spread = math.log(125 / 80) / (2 * 1.96)
    assert np.abs(logs.mean(axis=0)).max() < 0.1 * spread
    assert logs.std(axis=0) == pytest.approx(spread, rel=0.2)
    assert np.corrcoef(logs.T)[0, 1:].mean() == pytest.approx(0, abs=0.1)
