from __future__ import annotations

import math
import random
from typing import Any

import pytest

from lineside.errors import ConfigurationError
from lineside.twin.distributions import Law, mean_of
from lineside.twin.model import Line
from lineside.twin.reading import parse_line
from lineside.twin.schedule import evaluate, judged, measured
from lineside.twin.schedule.measured import factor, relative_sd, scaled
from tests.twin.schedules import problem
from tests.twin.test_schedule_robust import one_machine, some_plan

WORK = {"type": "exponential", "mean": 60.0}


def line(**station: Any) -> Line:
    """Return a line, in seconds, of one station called saw."""
    saw = {"work": WORK, "buffer": 1, "to": "out", **station}
    return parse_line(
        {
            "schema": "lineside.line/1",
            "products": {"bolt": {}, "nut": {}},
            "stations": {"saw": saw},
            "sources": {"in": {"to": "saw"}},
        }
    )


LAWS = [
    {"type": "exponential", "mean": 3, "shift": 1},
    {"type": "gamma", "shape": 2.5, "mean": 4},
    {"type": "weibull", "shape": 1.7, "scale": 5, "shift": 2},
    {"type": "lognormal", "mean": 3, "sd": 2},
    {"type": "triangular", "low": 1, "mode": 2, "high": 6},
    {"type": "uniform", "low": 1, "high": 5},
    {"type": "empirical", "values": [1, 2, 7], "weights": [2, 1, 1], "shift": 1},
    {"type": "recorded", "values": [1, 2, 7]},
    {"type": "constant", "value": 4},
]


def law(told: dict[str, Any]) -> Law:
    """Return the law of a station's work."""
    return next(iter(line(work=told).stations["saw"].work.values()))


def drawn(told: dict[str, Any], n: int) -> list[float]:
    """Return values of a law by the standard library."""
    draw, shift = random.Random(1), told.get("shift", 0)
    ways: dict[str, Any] = {
        "exponential": lambda: draw.expovariate(1 / told["mean"]),
        "gamma": lambda: draw.gammavariate(told["shape"], told["mean"] / told["shape"]),
        "weibull": lambda: draw.weibullvariate(told["scale"], told["shape"]),
        "lognormal": lambda: draw.lognormvariate(
            math.log(told["mean"] ** 2 / math.hypot(told["mean"], told["sd"])),
            math.sqrt(math.log(1 + (told["sd"] / told["mean"]) ** 2)),
        ),
        "triangular": lambda: draw.triangular(told["low"], told["high"], told["mode"]),
        "uniform": lambda: draw.uniform(told["low"], told["high"]),
        "empirical": lambda: draw.choices(told["values"], told["weights"])[0],
        "recorded": lambda: draw.choice(told["values"]),
        "constant": lambda: told["value"],
    }
    return [shift + ways[told["type"]]() for _ in range(n)]


@pytest.mark.parametrize("told", LAWS, ids=lambda told: str(told["type"]))
def test_the_spread_of_every_law_is_that_of_its_values(told: dict[str, Any]) -> None:
    """Standard deviation over mean, beside a hundred thousand values drawn by the standard library."""
    values = drawn(told, 100_000)
    mean = sum(values) / len(values)
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))

    assert relative_sd(law(told)) == pytest.approx(sd / mean, rel=0.03)
    assert relative_sd(scaled(law(told), 7.0)) == pytest.approx(relative_sd(law(told)))
    assert mean_of(scaled(law(told), 7.0)) == pytest.approx(7 * mean_of(law(told)))


def test_an_operation_of_many_parts_varies_less() -> None:
    """One part has the law itself over its mean; sixteen parts have a quarter of its spread. The mean stays 1."""
    one, many = factor(law(WORK), 60.0), factor(law(WORK), 16 * 60.0)

    assert one is not None
    assert many is not None
    assert (mean_of(one), relative_sd(one)) == (1.0, 1.0)
    assert mean_of(many) == 1.0
    assert relative_sd(many) == pytest.approx(0.25)
    assert factor(law({"type": "constant", "value": 60.0}), 60.0) is None


def test_measured_laws_give_the_chance_they_would_give_when_written_by_hand() -> None:
    """One part of a minute, exponential: as if the problem had said so; the planned time stays the plan's."""
    by_hand = one_machine(variation={"type": "exponential", "mean": 1})
    plan = some_plan(by_hand)
    told, laws = measured(one_machine(), plan, line(work={"type": "exponential", "mean": 600.0}))

    found, wanted = evaluate(told, plan).jobs["b"].on_time, evaluate(by_hand, plan).jobs["b"].on_time

    assert laws == {"saw": "measured"}
    assert found == wanted


def test_measured_failures_come_in_the_problems_unit() -> None:
    """A life of 3000 s and a repair of 300 s are 50 and 5 minutes; what the problem said of failures gives way."""
    failures = {"jam": {"time_to_failure": 3000, "repair": 300}}
    given = one_machine(failures={"old": {"time_to_failure": 1, "repair": 1}})

    told, _ = measured(given, some_plan(given), line(failures=failures))

    [(name, jam)] = told.machines["saw"].failures.items()
    assert (name, mean_of(jam.time_to_failure), mean_of(jam.repair)) == ("jam", 50, 5)


def test_what_an_operation_says_of_itself_stays() -> None:
    """Its own variation is more exact than the machine's."""
    own = {"type": "uniform", "low": 0.9, "high": 1.1}
    given = problem(machines={"saw": {}}, jobs={"a": {"operations": [{"on": {"saw": 10}, "variation": own}]}})

    told, _ = measured(given, some_plan(given), line())

    assert told.jobs["a"].operations == given.jobs["a"].operations


def test_whose_laws_each_machine_followed_is_told() -> None:
    """Measured, the problem's own, or none; without a twin nothing is measured."""
    jobs = {"a": {"operations": [{"on": {"saw": 10}}]}}
    machines: dict[str, Any] = {"saw": {}, "mill": {"variation": WORK}, "oven": {}}
    given = problem(machines=machines, jobs=jobs)
    plan = some_plan(given)

    assert judged(given, plan, line())["laws"] == {"saw": "measured", "mill": "problem", "oven": "none"}
    assert judged(given, plan)["laws"] == {"saw": "none", "mill": "problem", "oven": "none"}


def test_the_law_is_the_products_or_the_widest() -> None:
    """Of a product the station never made, the law that varies most."""
    work = {"bolt": {"type": "constant", "value": 60}, "nut": WORK}
    for product, spread in (("bolt", None), ("nut", 1.0), ("screw", 1.0)):
        jobs = {"a": {"product": product, "operations": [{"on": {"saw": 1}}]}}
        given = problem(machines={"saw": {}}, jobs=jobs)

        told, _ = measured(given, some_plan(given), line(work=work))

        law = told.jobs["a"].operations[0].variation
        assert (law and relative_sd(law)) == spread


def test_a_unit_nobody_knows_is_refused() -> None:
    """Measured seconds cannot be set beside ticks."""
    given = problem(time_unit="tick", machines={"saw": {}}, jobs={"a": {"operations": [{"on": {"saw": 10}}]}})

    with pytest.raises(ConfigurationError, match="tick"):
        measured(given, some_plan(given), line())
