"""The valve by commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from lineside.node import Node
from tests.cli.people import PEOPLE

Run = Callable[..., Result]
Launch = Callable[..., Any]
ASK = ("--name", "n", "--purpose", "p", "--recipient", "r", "--flow", "mtconnect", "--address", "acme")


def test_a_release_is_asked_shown_allowed_and_closed(tmp_path: Path, run: Run, launch: Launch) -> None:
    """While no node runs, and by the node that does; what cannot be is refused in one line."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    asked = run("valve", "ask", tmp_path, *ASK, "--content", "kpi/*")
    told = json.loads(run("valve", "show", tmp_path, "2", "--json").stdout)
    wrong = run("valve", "allow", tmp_path, "2", "--digest", "00")
    allowed = run("valve", "allow", tmp_path, "2", "--digest", told["digest"])

    launch("run", tmp_path, "--no-browser", "--port", "0")
    listed = run("valve", "list", tmp_path).stdout
    shown = run("valve", "show", tmp_path, "2").stdout
    closed = run("valve", "close", tmp_path, "2", "--reason", "over")
    again = json.loads(run("valve", "list", tmp_path, "--json").stdout)

    assert "Asked for release 2" in asked.stdout
    assert told["digest"] in asked.stdout.replace("\n", "")
    assert (wrong.exit_code, "not what you were shown" in wrong.stderr) == (1, True)
    assert allowed.exit_code == closed.exit_code == 0
    assert "acme" in listed
    assert "kpi/line" in shown
    assert (again["releases"][0]["state"], again["releases"][0]["closing"]["reason"]) == ("closed", "over")


def test_files_are_asked_for_with_what_is_done_to_them(tmp_path: Path, run: Run) -> None:
    """How often, by which rule, whose contributors hide each other, and the budget that is left."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    way = ("--name", "n", "--purpose", "p", "--recipient", "r", "--flow", "file", "--content", "kpi/area/*")
    noise = ("--shaping", "noise", "--by", "machine", "--least", "6", "--epsilon", "0.2", "--budget", "2")
    asked = run("valve", "ask", tmp_path, *way, "--address", "acme", "--schedule", "month", *noise)
    plain = run("valve", "ask", tmp_path, *way, "--address", "acme", "--schedule", "week", "--shaping", "none")
    wrong = run("valve", "ask", tmp_path, *way, "--address", "../acme", "--schedule", "week")
    never = run("valve", "ask", tmp_path, *way, "--address", "acme")
    told = json.loads(run("valve", "show", tmp_path, "2", "--json").stdout)

    assert asked.exit_code == plain.exit_code == 0
    assert "each month" in asked.stdout
    assert "Epsilon left" in asked.stdout
    assert "not at all" in plain.stdout
    assert told["shaping"] == {"how": "noise", "unit": "machine", "contributors": 6, "epsilon": 0.2, "budget": 2.0}
    assert (told["schedule"], told["epsilon_left"], told["files"]) == ("month", 2.0, [])
    assert "is no name of a folder" in wrong.stderr
    assert "names how often" in never.stderr


def test_the_valve_is_closed_whether_a_node_runs_or_not(tmp_path: Path, run: Run) -> None:
    """By the books: a node that has them open takes it up with its next beat, whether or not it answers."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    down = run("valve", "shut", tmp_path)
    told = run("valve", "list", tmp_path).stdout
    opened = run("valve", "open", tmp_path)
    with Node.open(tmp_path) as node:
        before = node.valve.releases.closed
        up = run("valve", "shut", tmp_path, "--reason", "odd")
        node.valve.keep()
        after = node.valve.releases.closed

    assert down.exit_code == up.exit_code == opened.exit_code == 0
    assert "The valve is closed since" in told
    assert (before, after is not None and after.fields) == (None, {"reason": "odd"})
