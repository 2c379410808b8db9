"""Grades set and listed by commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.cli.people import PEOPLE

Run = Callable[..., Result]
Launch = Callable[..., Any]


def test_a_thing_is_graded_and_listed_with_its_reason(tmp_path: Path, run: Run, launch: Launch) -> None:
    """While no node runs, and by the node that does; what cannot be is refused in one line."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    done = run("grades", "set", tmp_path, "signal/bench/made", "--grade", "important", "--reason", "contract 7")
    listed = run("grades", "list", tmp_path, "--least", "important").stdout
    wrong = run("grades", "set", tmp_path, "states/nobody", "--grade", "core", "--reason", "x")
    none = run("grades", "list", tmp_path, "--least", "core").stdout

    launch("run", tmp_path, "--no-browser", "--port", "0")
    again = run("grades", "set", tmp_path, "signal/bench/made", "--reason", "it ended")
    told = json.loads(run("grades", "list", tmp_path, "--json").stdout)

    assert done.exit_code == 0
    assert "signal/bench/made" in listed
    assert "signal/bench/lost" not in listed
    assert "units/bench" in listed
    assert (wrong.exit_code, "There is no states/nobody" in wrong.stderr) == (1, True)
    assert "Nothing is graded so high." in none
    assert again.exit_code == 0
    assert {one["grade"] for one in told["things"]} == {"general"}
