from __future__ import annotations

import pytest

from lineside.twin.schedule import EditRefused, Plan, Problem, retimed, violations
from tests.twin.schedules import problem, random_problem
from tests.twin.test_schedule_robust import some_plan


def sequences(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return what each machine does, in order."""
    rows: dict[str, list[tuple[str, str]]] = {machine: [] for machine in plan.machines}
    for o in plan.operations:
        rows[o.machine].append((o.job, o.operation))
    return rows


def two_jobs() -> Problem:
    """Return two jobs that go from the saw to one of two mills; the second is due early."""
    route = [{"on": {"saw": 10}}, {"on": {"mill": 20, "spare": 30}}]
    return problem(
        objective={"makespan": 1, "tardiness": 5},
        machines={"saw": {}, "mill": {}, "spare": {}},
        jobs={"a": {"operations": route}, "b": {"due": 30, "operations": route}},
    )


FIRST_A = {"saw": [("a", "1"), ("b", "1")], "mill": [("a", "2"), ("b", "2")], "spare": []}


def start_plan() -> Plan:
    """Return the plan in which a goes first everywhere."""
    return retimed(two_jobs(), FIRST_A, some_plan(two_jobs()))


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_whose_sequences_stay_is_the_same(seed: int) -> None:
    """Calendars, set-ups, resources and all: nothing moves when nothing was moved."""
    given = random_problem(seed, jobs=6)
    plan = some_plan(given, seed)

    again = retimed(given, sequences(plan), plan)

    assert again.cost <= plan.cost
    assert sequences(again) == sequences(plan)
    assert violations(given, again) == []


def test_an_operation_moved_ahead_is_timed_anew() -> None:
    """By hand: a first ends at 30 and 50, so b is 20 late; b first everywhere is on time."""
    plan = start_plan()
    assert (plan.makespan, plan.weighted_tardiness, plan.cost) == (50, 20, 150)

    moved = retimed(two_jobs(), {machine: row[::-1] for machine, row in FIRST_A.items()}, plan)

    assert (moved.makespan, moved.weighted_tardiness, moved.cost) == (50, 0, 50)


def test_an_operation_moved_to_another_machine_takes_its_time_there() -> None:
    """On the spare mill b takes 30 and begins at once."""
    moved = retimed(two_jobs(), {**FIRST_A, "mill": [("a", "2")], "spare": [("b", "2")]}, start_plan())

    last = next(o for o in moved.operations if (o.job, o.operation) == ("b", "2"))
    assert (last.machine, last.start, last.end) == ("spare", 20, 50)


def test_sequences_that_wait_for_each_other_are_refused_in_words() -> None:
    """A must cross m before n, b the other way round: each put first where it comes second, neither can begin."""
    cross = [{"name": "x", "on": {"m": 1}}, {"name": "y", "on": {"n": 1}}]
    back = [{"name": "y", "on": {"n": 1}}, {"name": "x", "on": {"m": 1}}]
    given = problem(machines={"m": {}, "n": {}}, jobs={"a": {"operations": cross}, "b": {"operations": back}})

    with pytest.raises(EditRefused) as refused:
        retimed(given, {"m": [("b", "x"), ("a", "x")], "n": [("a", "y"), ("b", "y")]}, some_plan(given))

    [finding] = refused.value.findings
    assert finding.problem == "schedule.edit_circle"
    assert {"a.x", "a.y", "b.x", "b.y"} <= set(finding.sentence().rstrip(".").replace(" → ", " ").split())


@pytest.mark.parametrize(
    ("rows", "key", "path"),
    [
        ({"saw": [("a", "1")]}, "schedule.not_once", "b.1"),
        ({"saw": [("a", "1"), ("b", "1"), ("b", "1")]}, "schedule.not_once", "b.1"),
        ({"saw": [("a", "1"), ("b", "1"), ("c", "1")]}, "schedule.not_once", "c.1"),
        ({"saw": [("a", "1"), ("b", "1"), ("a", "2")], "mill": [("b", "2")]}, "schedule.wrong_machine", "a.2"),
        ({"lathe": [("a", "1")], "saw": [("b", "1")]}, "schedule.wrong_machine", "a.1"),
    ],
)
def test_what_stands_in_the_wrong_place_is_named(rows: dict[str, list[tuple[str, str]]], key: str, path: str) -> None:
    """An operation that is missing, stands twice, is unknown, or is on a machine that cannot do it."""
    with pytest.raises(EditRefused) as refused:
        retimed(two_jobs(), {**FIRST_A, **rows}, start_plan())

    assert [(f.problem, f.path) for f in refused.value.findings] == [(key, path)]


def test_a_change_that_does_not_fit_before_the_end_is_refused() -> None:
    """On the slow machine the work would end after its calendar does."""
    given = problem(
        calendars={"short": {"on": [[0, 10]]}},
        machines={"slow": {"calendar": "short"}, "fast": {}},
        jobs={
            "a": {"operations": [{"on": {"slow": 8, "fast": 5}}]},
            "b": {"operations": [{"on": {"slow": 8, "fast": 5}}]},
        },
    )
    plan = retimed(given, {"slow": [("a", "1")], "fast": [("b", "1")]}, some_plan(given))

    with pytest.raises(EditRefused) as refused:
        retimed(given, {"slow": [("a", "1"), ("b", "1")], "fast": []}, plan)

    assert [f.problem for f in refused.value.findings] == ["schedule.impossible"]
