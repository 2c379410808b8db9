from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError, UnusableData
from lineside.twin.schedule import (
    Plan,
    PlannedOperation,
    Problem,
    ProblemRefused,
    parse_problem,
    read_problem,
    violations,
)
from lineside.twin.schedule.planning import plan_of
from lineside.twin.schedule.search import random_order
from lineside.twin.schedule.shop import shop_of
from tests.twin.schedules import FLEXIBLE, FT06, problem

SHIFT = {"shift": {"on": [[0, 8]], "period": 24}}


def given() -> Problem:
    """Return a problem with all that a plan can break."""
    return problem(
        machines={
            "saw": {"calendar": "shift", "setups": [{"from": "A", "to": "B", "time": 2}], "made": "A"},
            "mill": {},
        },
        calendars=SHIFT,
        resources={"crew": {"count": 1}},
        jobs={
            "a": {"product": "A", "operations": [{"on": {"saw": 4}}, {"on": {"mill": 3}, "needs": {"crew": 1}}]},
            "b": {"product": "B", "release": 1, "operations": [{"on": {"saw": 5}, "interruptible": False}]},
            "c": {"product": "B", "due": 5, "operations": [{"on": {"saw": 9, "mill": 9}, "needs": {"crew": 1}}]},
        },
    )


def good_plan() -> Plan:
    """Return a plan that the checker allows."""
    shop, naming = shop_of(given())
    rng = np.random.default_rng(5)
    plan = plan_of(given(), shop, naming, random_order(shop, rng), bound=0, seed=1, history=())
    assert violations(given(), plan) == []
    return plan


def broken(job: str, operation: str, **changes: Any) -> set[str]:
    """Return what the checker finds when one operation of a good plan is changed."""
    plan = good_plan()

    def changed(o: PlannedOperation) -> PlannedOperation:
        return o.model_copy(update=changes) if (o.job, o.operation) == (job, operation) else o

    return {
        f.problem
        for f in violations(given(), plan.model_copy(update={"operations": tuple(map(changed, plan.operations))}))
    }


def test_the_checker_finds_what_is_missing_and_what_is_double() -> None:
    """Each operation is planned once."""
    plan = good_plan()

    missing = violations(given(), plan.model_copy(update={"operations": plan.operations[1:]}))
    double = violations(given(), plan.model_copy(update={"operations": (*plan.operations, plan.operations[0])}))

    assert [f.problem for f in missing] == [f.problem for f in double] == ["schedule.not_once"]


@pytest.mark.parametrize(
    ("job", "operation", "changes", "expected"),
    [
        ("b", "1", {"machine": "mill"}, "schedule.wrong_machine"),
        ("b", "1", {"start": 1, "end": 5}, "schedule.wrong_time"),
        ("b", "1", {"start": 5, "end": 26}, "schedule.wrong_time"),
        ("b", "1", {"start": 0, "end": 5}, "schedule.too_early"),
        ("a", "2", {"start": 0, "end": 3}, "schedule.too_early"),
        ("b", "1", {"setup": 1}, "schedule.no_setup"),
        ("c", "1", {"machine": "mill", "start": 0, "end": 9, "setup": 0}, "schedule.wrong_figures"),
    ],
)
def test_the_checker_finds_a_broken_plan(job: str, operation: str, changes: dict[str, Any], expected: str) -> None:
    """Wrong machine, too short, into a gap though not interruptible, too early, no set-up, wrong figures."""
    assert expected in broken(job, operation, **changes)


def test_the_checker_finds_overlaps_missing_setups_and_resources_held_twice() -> None:
    """Two operations at once on a machine or with one crew; a set-up that has no time."""
    plan = good_plan()
    at = {
        ("a", "1"): ("saw", 0, 4, 0),
        ("a", "2"): ("mill", 4, 7, 0),
        ("b", "1"): ("saw", 2, 7, 2),
        ("c", "1"): ("mill", 5, 14, 0),
    }

    def moved(o: PlannedOperation) -> PlannedOperation:
        machine, start, end, setup = at[o.job, o.operation]
        return o.model_copy(update={"machine": machine, "start": start, "end": end, "setup": setup})

    found = violations(given(), plan.model_copy(update={"operations": tuple(map(moved, plan.operations))}))

    assert {"schedule.overlap", "schedule.no_setup", "schedule.held"} <= {f.problem for f in found}


@pytest.mark.parametrize(
    ("parts", "path", "key"),
    [
        ({"jobs": {"a": {"operations": [{"on": {"saw": 0}}]}}}, "jobs.a.operations[1].on.saw", "twin.at_least"),
        ({"jobs": {"a": {"operations": [{"on": {}}]}}}, "jobs.a.operations[1].on", "twin.too_few"),
        ({"jobs": {"a": {"operations": [{"on": {"lathe": 1}}]}}}, "jobs.a.operations[1].on.lathe", "twin.unknown"),
        ({"jobs": {"a": {"operations": [{"on": {"saw": 1.5}}]}}}, "jobs.a.operations[1].on.saw", "twin.whole"),
        (
            {"jobs": {"a": {"operations": [{"on": {"saw": 1}, "after": ["2"]}, {"on": {"saw": 1}}]}}},
            "jobs.a.operations",
            "schedule.circle",
        ),
        (
            {"jobs": {"a": {"operations": [{"on": {"saw": 9}, "interruptible": False}]}}},
            "jobs.a.operations[1]",
            "schedule.never_fits",
        ),
        (
            {"calendars": {"shift": {"on": [[0, 8]]}}, "jobs": {"a": {"operations": [{"on": {"saw": 9}}]}}},
            "jobs.a.operations[1]",
            "schedule.never_over",
        ),
        (
            {"calendars": {"shift": {"on": [[0, 8]]}}, "jobs": {"a": {"operations": [{"on": {"saw": 5}}] * 2}}},
            "machines.saw",
            "schedule.too_much",
        ),
        ({"calendars": {"shift": {"on": [[4, 2]]}}}, "calendars.shift", "twin.spans"),
        (
            {
                "jobs": {"a": {"operations": [{"on": {"saw": 1}, "needs": {"crew": 2}}]}},
                "resources": {"crew": {"count": 1}},
            },
            "jobs.a.operations[1].needs.crew",
            "schedule.too_many_needed",
        ),
        (
            {"jobs": {"a": {"operations": [{"on": {"saw": 1}, "name": "x"}] * 2}}},
            "jobs.a.operations[2]",
            "schedule.name_taken",
        ),
        ({"objective": {"makespan": 0}}, "objective", "twin.value"),
    ],
)
def test_what_could_never_be_done_is_a_finding_with_its_place(parts: dict[str, Any], path: str, key: str) -> None:
    """Nothing is searched for in vain: the job, the machine or the calendar is named, with a cure in both languages."""
    whole = {
        "machines": {"saw": {"calendar": "shift"}},
        "calendars": SHIFT,
        "jobs": {"a": {"operations": [{"on": {"saw": 1}}]}},
    }

    with pytest.raises(ProblemRefused) as refused:
        problem(**{**whole, **parts})

    assert [(f.path, f.problem) for f in refused.value.findings] == [(path, key)]
    assert all(f.sentence(language) for f in refused.value.findings for language in ("en", "zh"))


def test_spans_that_touch_over_the_period_end_are_one() -> None:
    """A night shift written as two spans has room for work over midnight that may not be interrupted."""
    night = {"night": {"on": [[0, 4], [20, 24]], "period": 24}}
    jobs = {"a": {"operations": [{"on": {"saw": 8}, "interruptible": False}]}}

    shop, naming = shop_of(problem(machines={"saw": {"calendar": "night"}}, calendars=night, jobs=jobs))
    plan = plan_of(
        problem(machines={"saw": {"calendar": "night"}}, calendars=night, jobs=jobs),
        shop,
        naming,
        random_order(shop, np.random.default_rng(1)),
        bound=0,
        seed=1,
        history=(),
    )

    assert (plan.operations[0].start, plan.operations[0].end) == (20, 28)


def test_the_formats_of_the_literature_are_read(tmp_path: Path) -> None:
    """A job shop and a flexible one, told apart by themselves; comments, and operations of no time, are passed over."""
    (tmp_path / "ft06.txt").write_text(f"# Fisher and Thompson\n{FT06}", "utf-8")
    (tmp_path / "mk.fjs").write_text(FLEXIBLE, "utf-8")

    serial, flexible = read_problem(tmp_path / "ft06.txt"), read_problem(tmp_path / "mk.fjs")

    (tmp_path / "zero.txt").write_text("2 2\n0 3 1 0\n1 2 0 4\n", "utf-8")

    assert len(read_problem(tmp_path / "zero.txt").jobs["j1"].operations) == 1
    assert dict(serial.jobs["j1"].operations[0].on) == {"m2": 1}
    assert [len(job.operations) for job in serial.jobs.values()] == [6] * 6
    assert dict(flexible.jobs["j1"].operations[0].on) == {"m0": 4, "m1": 5}
    assert [len(job.operations) for job in flexible.jobs.values()] == [3, 2, 3, 2]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "schedule.no_numbers"),
        ("a b\n", "schedule.no_numbers"),
        ("3 2\n0 1 1 2\n", "schedule.few_jobs"),
        ("1 2\n2 1 0\n", "schedule.short_line"),
    ],
)
def test_a_file_without_the_right_numbers_is_told(tmp_path: Path, text: str, key: str) -> None:
    """Empty, words, too few jobs, a line that ends too soon."""
    (tmp_path / "shop.txt").write_text(text, "utf-8")

    with pytest.raises(UnusableData) as error:
        read_problem(tmp_path / "shop.txt")

    assert error.value.key == key


def test_other_documents_are_refused(tmp_path: Path) -> None:
    """A missing file, no JSON, and JSON of another form."""
    (tmp_path / "bad.json").write_text("{", "utf-8")

    for name in ("none.json", "bad.json"):
        with pytest.raises(ConfigurationError):
            read_problem(tmp_path / name)
    with pytest.raises(ProblemRefused, match="schema"):
        parse_problem({"schema": "lineside.line/1"})
