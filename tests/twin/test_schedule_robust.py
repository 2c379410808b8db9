from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.twin.schedule import Plan, Problem, evaluate, most_robust, solve
from lineside.twin.schedule.planning import plan_of
from lineside.twin.schedule.robust import completions
from lineside.twin.schedule.search import random_order
from lineside.twin.schedule.shop import shop_of
from tests.twin.schedules import problem, random_problem


def some_plan(given: Problem, seed: int = 1) -> Plan:
    """Return a plan of a random order."""
    shop, naming = shop_of(given)
    return plan_of(given, shop, naming, random_order(shop, np.random.default_rng(seed)), bound=0, seed=1, history=())


def one_machine(**machine: Any) -> Problem:
    """Return a problem of two jobs on one machine: 10 each, the second wanted by 25."""
    work = [{"on": {"saw": 10}}]
    jobs = {"a": {"operations": work}, "b": {"due": 25, "release": 10, "operations": work}}
    return problem(machines={"saw": machine}, jobs=jobs)


@pytest.mark.parametrize("seed", range(30))
def test_without_variation_a_plan_becomes_true(seed: int) -> None:
    """Calendars, set-ups and resources mean the same when a plan is made and when it is executed."""
    given = random_problem(seed, jobs=6)
    plan = some_plan(given, seed)

    completed = completions(given, plan, 2, 1)

    assert completed.tolist() == [[plan.jobs[job].completed for job in given.jobs]] * 2


def test_the_chance_to_be_on_time_is_the_exact_one() -> None:
    """Two exponential works of mean 10, one after the other: the second is done by 25 with an Erlang's chance."""
    given = one_machine(variation={"type": "exponential", "mean": 1})

    prospect = evaluate(given, some_plan(given), replications=20_000)

    # b begins at max(10, a): integrate over a, which is exponential.
    early = (1 - math.exp(-1)) * (1 - math.exp(-1.5))
    late = sum(math.exp(-x / 10) / 10 * (1 - math.exp(-(25 - x) / 10)) * 0.01 for x in np.arange(10.005, 25, 0.01))
    told = prospect.jobs["b"].on_time
    assert told is not None
    assert told.mean == pytest.approx(early + late, abs=0.015)
    assert prospect.jobs["a"].on_time is None


def test_failures_lengthen_work_by_their_exact_mean() -> None:
    """Working time wears the machine: 20 of work, lives of mean 50 and repairs of mean 5 add 20 / 50 * 5 = 2."""
    failures = {
        "jam": {"time_to_failure": {"type": "exponential", "mean": 50}, "repair": {"type": "exponential", "mean": 5}}
    }
    given = problem(machines={"saw": {"failures": failures}}, jobs={"a": {"operations": [{"on": {"saw": 20}}]}})

    completed = completions(given, some_plan(given), 40_000, 3)

    assert float(completed.mean()) == pytest.approx(22.0, abs=0.1)


def test_plans_meet_the_same_luck() -> None:
    """What an operation takes in a run does not depend on the plan, so plans are compared run by run."""
    variation = {"type": "lognormal", "mean": 1, "sd": 0.5}
    jobs = {name: {"operations": [{"on": {"m0": 10}}]} for name in "ab"}
    given = problem(machines={"m0": {"variation": variation}}, jobs=jobs)
    forth, back = (some_plan(given, seed) for seed in (1, 2))
    plans = {plan.operations[0].job: plan for plan in (forth, back, *(some_plan(given, s) for s in range(3, 9)))}

    first, second = (completions(given, plans[name], 50, 1) for name in "ab")

    assert np.allclose(first.max(axis=1), second.max(axis=1))
    assert np.allclose(first[:, 0], second[:, 0] - second[:, 1])


def test_the_more_robust_plan_is_picked() -> None:
    """Of two plans the one whose mean cost over the same runs is less is named."""
    draw = random.Random(4)
    variation = {"type": "lognormal", "mean": 1, "sd": 0.3}
    jobs = {
        f"j{i}": {"due": 40, "operations": [{"on": {f"m{k}": draw.randint(3, 9)}} for k in range(3)]} for i in range(6)
    }
    given = problem(
        machines={f"m{k}": {"variation": variation} for k in range(3)}, jobs=jobs, objective={"tardiness": 1}
    )
    plans = [some_plan(given), solve(given, seconds=10)]

    place, prospects = most_robust(given, plans, replications=500)

    assert place == 1
    assert prospects[1].cost.high < prospects[0].cost.low


def test_a_plan_of_another_problem_is_refused() -> None:
    """A plan is evaluated with its own problem only, and the first difference is told."""
    with pytest.raises(ConfigurationError, match="does not belong to this problem"):
        evaluate(random_problem(1, jobs=4), some_plan(one_machine()))
