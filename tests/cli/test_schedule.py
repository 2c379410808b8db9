from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lineside.cli.schedule import interruptible
from lineside.twin.schedule import Plan

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
SHOP = "2 2\n0 3 1 2\n1 4 0 1\n"


def blocks(language: str) -> list[str]:
    """Return the blocks of code of the manual's page."""
    page = (ROOT / "docs" / language / "schedule.md").read_text("utf-8")
    return re.findall(r"```\w+\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize(("language", "locale"), [("en", "en_US.UTF-8"), ("zh", "zh_CN.UTF-8")])
def test_the_manuals_example_gives_what_the_manual_says(run: Run, language: str, locale: str, tmp_path: Path) -> None:
    """The page's problem is planned to the proven optimum that the page shows, in its language."""
    _, problem, told, *_ = blocks(language)
    (tmp_path / "week.json").write_text(problem, "utf-8")

    ran = run("schedule", tmp_path / "week.json", "--seconds", "30", lang=locale)

    def without_seconds(text: str) -> list[str]:
        return [re.sub(r"[\d.]+( s\.| 秒。)$", "", line) for line in text.splitlines()[:3]]

    assert ran.exit_code == 0
    assert without_seconds(ran.stdout) == without_seconds(told)
    assert len(ran.stdout.splitlines()) == len(told.splitlines())


def test_the_plan_comes_as_json_that_can_be_read_back(run: Run, tmp_path: Path) -> None:
    """With --json a plan of the published form; a problem without variation has no prospect."""
    (tmp_path / "shop.txt").write_text(SHOP, "utf-8")

    told = json.loads(run("schedule", tmp_path / "shop.txt", "--seconds", "20", "--json").stdout)

    assert told.pop("prospect") is None
    assert told.pop("laws") == {"m0": "none", "m1": "none"}
    plan = Plan.model_validate(told)
    assert (plan.makespan, plan.optimal) == (6, True)


def test_a_twin_gives_its_machines_their_measured_laws(run: Run, tmp_path: Path) -> None:
    """--twin: the chance comes from what was measured, and whose laws each machine followed is told."""
    jobs = {"a": {"due": 20, "operations": [{"on": {"saw": 10}}, {"on": {"mill": 5}}]}}
    problem = {"schema": "lineside.schedule/1", "machines": {"saw": {}, "mill": {}}, "jobs": jobs}
    saw = {"work": {"type": "exponential", "mean": 600}, "buffer": 1, "to": "out"}
    line = {"schema": "lineside.line/1", "stations": {"saw": saw}, "sources": {"in": {"to": "saw"}}}
    (tmp_path / "week.json").write_text(json.dumps(problem), "utf-8")
    (tmp_path / "twin.json").write_text(json.dumps(line), "utf-8")

    ran = run("schedule", tmp_path / "week.json", "--seconds", "20", "--twin", tmp_path / "twin.json")

    assert "By the measured laws of the twin: saw." in ran.stdout
    assert "by the problem's own laws or none: mill." in ran.stdout
    chance = re.search(r"a +20 +15 +- +(\d+)%", ran.stdout)
    assert chance is not None
    assert 74 <= int(chance[1]) <= 82  # 1 - exp(-15 / 10)


def test_the_schema_names_every_key(run: Run) -> None:
    """--schema prints a JSON Schema and needs no problem."""
    told = json.loads(run("schedule", "--schema").stdout)

    assert {"machines", "jobs", "calendars", "resources", "objective"} <= told["properties"].keys()


def test_a_problem_that_cannot_be_is_refused_with_cures(run: Run, tmp_path: Path) -> None:
    """Each finding with its place and what to write instead; the exit status is 1."""
    jobs = {"a": {"operations": [{"on": {"mill": 3}}]}}
    document = {"schema": "lineside.schedule/1", "machines": {"saw": {}}, "jobs": jobs}
    (tmp_path / "bad.json").write_text(json.dumps(document), "utf-8")

    ran = run("schedule", tmp_path / "bad.json")

    assert ran.exit_code == 1
    assert "jobs.a.operations[1].on.mill: There is no mill." in ran.stderr
    assert "Known here: saw." in ran.stderr


def test_without_ortools_the_extra_is_named(tmp_path: Path) -> None:
    """One sentence and the command that mends it, no traceback."""
    (tmp_path / "shop.txt").write_text(SHOP, "utf-8")
    code = "import sys; sys.modules['ortools'] = None; from lineside.cli import main; main()"

    asked = [sys.executable, "-c", code, "schedule", str(tmp_path / "shop.txt")]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})

    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "Scheduling needs OR-Tools, which is not installed.",
        'Install the extra that brings it: pip install "lineside[scheduling]".',
    ]


def test_ctrl_c_is_a_wish_to_stop_while_a_search_runs() -> None:
    """The first Ctrl-C asks the search for its best so far; after the search it means what it always means."""
    before = signal.getsignal(signal.SIGINT)

    with interruptible() as stopped:
        asked_before = stopped()
        signal.raise_signal(signal.SIGINT)
        asked_after = stopped()

    assert (asked_before, asked_after) == (False, True)
    assert signal.getsignal(signal.SIGINT) is before
