from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.twin import LineRefused, parse_line, simulate
from lineside.twin.answers import (
    Change,
    ChangesRefused,
    Study,
    candidates,
    changed,
    parse_changes,
    read_changes,
    what_if,
)
from lineside.twin.answers.document import document_of
from lineside.twin.distributions import mean_of
from tests.twin.lines import random_line

JAM = {
    "time_to_failure": {"type": "exponential", "mean": 60.0},
    "repair": {"type": "gamma", "shape": 2.0, "mean": 9.0, "shift": 1.0},
}


def two(**more: Any) -> Any:
    """Saw and mill in a row, the mill the slower one."""
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "saw"}},
            "stations": {
                "saw": {"work": {"type": "uniform", "low": 0.5, "high": 1.5}, "buffer": 0, "to": "mill"},
                "mill": {
                    "work": {"type": "lognormal", "mean": 1.2, "sd": 0.3},
                    "buffer": 3,
                    "failures": {"jam": JAM},
                    "to": "out",
                },
            },
            **more,
        }
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_document_reads_back_as_the_same_line(seed: int) -> None:
    """With every key that the file left out; a queue that a station does not have stays away."""
    line = random_line(seed)

    assert parse_line(document_of(line)) == line


def test_a_change_sets_scales_and_removes() -> None:
    """Places are named by pointers; the key of all products may be left out of them."""
    change = Change.model_validate(
        {
            "name": "mend the mill",
            "set": {"/stations/mill/work/mean": 1.0, "/stations/mill/buffer": 7, "/stations/mill/failures/tool": JAM},
            "scale": {"/stations/saw/work": 2, "/stations/mill/failures/jam/repair": 0.5},
            "remove": ["/stations/mill/failures/tool"],
        }
    )

    line = changed(two(), change)

    mill = line.stations["mill"]
    assert mean_of(mill.work["*"]) == 1.0
    assert mill.buffer is not None
    assert mill.buffer.capacity == 7
    assert mean_of(mill.failures["jam"].repair) == 5.0
    assert set(mill.failures) == {"jam"}
    assert line.stations["saw"].work["*"].model_dump() == {"type": "uniform", "low": 1.0, "high": 3.0, "shift": 0.0}
    assert two().stations["mill"].buffer == parse_line(document_of(two())).stations["mill"].buffer


@pytest.mark.parametrize("seed", range(20))
def test_a_scaled_distribution_has_a_scaled_mean(seed: int) -> None:
    """Whatever it is: the mean of every work time follows the factor."""
    line = random_line(seed)
    slower = changed(line, Change(name="slower", scale={f"/stations/{name}/work": 1.5 for name in line.stations}))

    for name, station in line.stations.items():
        for product, law in station.work.items():
            assert mean_of(slower.stations[name].work[product]) == pytest.approx(1.5 * mean_of(law))


@pytest.mark.parametrize(
    ("what", "key", "known"),
    [
        ({"set": {"/stations/mlil/work": 1}}, "answers.nothing_there", "saw, mill"),
        ({"scale": {"/stations/mill/failures/jma/repair": 2}}, "answers.nothing_there", "jam"),
        ({"remove": ["/stations/mill/to/4"]}, "answers.nothing_there", "0"),
        ({"scale": {"/stations/mill/blocking": 2}}, "answers.no_number", '"after"'),
        ({"remove": ["/stations/mill/calender"]}, "answers.nothing_there", "calendar"),
    ],
)
def test_a_pointer_that_leads_nowhere_says_what_is_there(what: Any, key: str, known: str) -> None:
    """The pointer is named, and what stands at its last known place."""
    with pytest.raises(ConfigurationError) as refused:
        changed(two(), Change.model_validate({"name": "wrong", **what}))

    assert refused.value.key == key
    assert known in f"{refused.value.sentence()} {refused.value.cure()}"


def test_a_change_that_makes_no_line_is_refused() -> None:
    """Removing a station leaves a route without an end; the findings are those of the line model."""
    with pytest.raises(LineRefused, match=r"stations\.saw\.to"):
        changed(two(), Change.model_validate({"name": "no mill", "remove": ["/stations/mill"]}))


def test_a_file_of_changes_says_everything_that_is_wrong(tmp_path: Path) -> None:
    """Where and what, for each change; a name stands once."""
    path = tmp_path / "changes.json"
    path.write_text(
        json.dumps(
            {
                "schema": "lineside.changes/1",
                "changes": [{"name": "a", "sacle": {}}, {"name": "", "scale": {"/stations/mill/work": -1}}],
            }
        ),
        "utf-8",
    )

    with pytest.raises(ChangesRefused) as refused:
        read_changes(path)

    assert [f.path for f in refused.value.findings] == [
        "changes[1].sacle",
        "changes[2].name",
        "changes[2].scale./stations/mill/work",
    ]
    with pytest.raises(ChangesRefused, match="Two changes are named a"):
        parse_changes({"schema": "lineside.changes/1", "changes": [{"name": "a"}, {"name": "a"}]})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_changes(tmp_path / "none.json")


@pytest.mark.parametrize("seed", range(20))
def test_every_candidate_makes_a_line(seed: int) -> None:
    """Whatever a line has, what is proposed for it can be simulated, and no name stands twice."""
    line = random_line(seed)
    proposed = candidates(line)

    assert all(changed(line, change) != line for change in proposed)
    assert len({change.name for change in proposed}) == len(proposed)


def test_candidates_are_what_a_plant_would_try() -> None:
    """At each station cycle, repair, failures and servers, then buffers and shared resources.

    The place before the saw, where there is always a part, would change nothing.
    """
    line = two(resources={"crew": {"count": 1}})

    assert [change.name for change in candidates(line)] == [
        "saw: cycle 10 % shorter",
        "saw: one more server",
        "mill: cycle 10 % shorter",
        "mill: repairs half as long",
        "mill: half as many failures",
        "mill: one more server",
        "mill: buffer 1 larger",
        "crew: one more",
    ]


def test_candidates_bear_the_names_people_use() -> None:
    """Two stations of one name are told apart by what the model calls them."""
    named = [change.name for change in candidates(two(), names={"saw": "Band saw", "other": "Mill", "mill": "Mill"})]

    assert named[0] == "Band saw: cycle 10 % shorter"
    assert "Mill (mill): repairs half as long" in named


def test_a_comparison_tells_the_gain_with_its_interval() -> None:
    """Paired by replication: far narrower than two runs of different luck, and right about the true gain."""
    line, change = two(), Change(name="faster mill", scale={"/stations/mill/work": 0.9})
    study = Study(horizon=600.0, warmup=100.0)

    told = what_if(line, [change], study, replications=60)["changes"][0]["measures"]

    gap = told["throughput"]["difference"]
    true = what_if(line, [change], Study(horizon=600.0, warmup=100.0, seed=7), replications=500)["changes"][0]
    assert told["throughput"]["verdict"] == "better"
    assert abs(true["measures"]["throughput"]["difference"]["mean"] - gap["mean"]) < 1.5 * gap["half_width"]
    assert gap["half_width"] < 0.5 * told["throughput"]["today"]["half_width"]
    assert gap["relative"]["mean"] == pytest.approx(gap["mean"] / told["throughput"]["today"]["mean"])
    assert told["lead_time"]["verdict"] == "better"


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 100 studies with other seeds about 95 intervals cover the gain found by a very large one."""
    line, change = two(), Change(name="faster mill", scale={"/stations/mill/work": 0.9})

    def gap(seed: int, replications: int) -> Any:
        study = Study(horizon=150.0, warmup=0.0, seed=seed, threads=1)
        told = what_if(line, [change], study, replications=replications)
        return told["changes"][0]["measures"]["throughput"]["difference"]

    true = gap(10_000, 5_000)["mean"]
    found = [gap(seed, 20) for seed in range(100)]

    assert 88 <= sum(abs(one["mean"] - true) <= one["half_width"] for one in found) <= 100


def test_nothing_is_told_of_a_change_that_changes_nothing() -> None:
    """The same line under the same luck: every difference is zero, and no verdict is given."""
    told = what_if(two(), [Change(name="none")], Study(horizon=200.0, warmup=0.0), replications=5)["changes"][0]

    assert {pair["verdict"] for pair in told["measures"].values()} == {"open"}
    assert told["measures"]["throughput"]["difference"]["mean"] == 0.0


def test_orders_are_compared_one_by_one() -> None:
    """Each order's chance to be on time, and the share of all that are due."""
    orders = [
        {"id": "o1", "quantity": 10, "due": 13.0, "to": "saw"},
        {"id": "o2", "quantity": 10, "due": 27.0, "to": "saw"},
        {"id": "o3", "quantity": 10, "to": "saw"},
    ]
    change = Change(name="faster mill", scale={"/stations/mill/work": 0.8})

    told = what_if(two(sources={}, orders=orders), [change], Study(horizon=500.0), replications=100)

    assert told["warmup"] == 0.0
    assert set(told["changes"][0]["orders"]) == {"o1", "o2"}
    assert told["changes"][0]["orders"]["o2"]["verdict"] == "better"
    assert told["changes"][0]["measures"]["on_time"]["verdict"] == "better"


def test_all_lines_are_measured_from_the_longest_warm_up() -> None:
    """A change that makes a line settle later moves the start for both."""
    change = Change(name="far", set={"/stations/saw/to/0/transfer": 100.0, "/stations/mill/buffer": None})

    study = Study(horizon=1000.0).settled([two()])
    told = what_if(two(), [change], Study(horizon=1000.0), replications=2)

    assert study.warmup is not None
    assert told["warmup"] >= max(study.warmup, 100.0)


def test_a_study_can_be_gone_on_with() -> None:
    """Replications from 3 on are those of a longer run, with each engine."""
    for engine in ("events", "python"):
        study = Study(horizon=100.0, warmup=10.0, engine=engine)
        whole = simulate(two(), horizon=100.0, replications=5, warmup=10.0, engine=engine).rows

        np.testing.assert_array_equal(study.run(two(), 2, first=3).rows, whole[3:])


def test_an_answer_that_cannot_be_given_is_refused() -> None:
    """One replication, or a confidence of nothing."""
    with pytest.raises(ConfigurationError, match="no interval"):
        what_if(two(), [], Study(horizon=10.0), replications=1)
    with pytest.raises(ConfigurationError, match="make no sense"):
        Study(horizon=10.0, confidence=1.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_manual_s_examples_run(language: str) -> None:
    """The page on answers: its changes are read, its Python holds what it says."""
    page = (Path(__file__).parents[2] / "docs" / language / "what-if.md").read_text("utf-8")

    for document in re.findall(r"```json\n(.*?)```", page, re.DOTALL):
        assert parse_changes(json.loads(document))
    programs = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert programs
    spoken: dict[str, Any] = {}
    for program in programs:
        exec(program, spoken)  # noqa: S102 - it is our own manual
