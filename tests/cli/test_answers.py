from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

LINE = {
    "schema": "lineside.line/1",
    "sources": {"in": {"to": "saw"}},
    "stations": {
        "saw": {"work": {"type": "uniform", "low": 1, "high": 3}, "buffer": 0, "to": "mill"},
        "mill": {
            "work": {"type": "uniform", "low": 2, "high": 3},
            "buffer": 2,
            "failures": {"jam": {"time_to_failure": {"type": "exponential", "mean": 50}, "repair": 5}},
            "to": "out",
        },
    },
}
WASH = {"work": {"type": "exponential", "mean": 2}, "buffer": 1}
CHANGES = {
    "schema": "lineside.changes/1",
    "changes": [
        {"name": "quick repair", "scale": {"/stations/mill/failures/jam/repair": 0.5}},
        {"name": "more places", "set": {"/stations/mill/buffer": 5}},
    ],
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A line of two stations in a file."""
    return written(tmp_path / "line.json", LINE)


@pytest.fixture
def changes(tmp_path: Path) -> Path:
    """Two changes of it in a file."""
    return written(tmp_path / "changes.json", CHANGES)


def written(path: Path, document: Any) -> Path:
    """Write a document into a file."""
    path.write_text(json.dumps(document), "utf-8")
    return path


def test_changes_are_compared_with_today(run: Run, model: Path, changes: Path) -> None:
    """As JSON with every difference and its interval."""
    result = run("twin", "whatif", model, changes, "--horizon", "500", "--replications", "20", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["schema"] == "lineside.answer/1"
    assert [change["name"] for change in told["changes"]] == ["quick repair", "more places"]
    gap = told["changes"][0]["measures"]["throughput"]["difference"]
    assert gap["mean"] > gap["half_width"] > 0


def test_a_comparison_is_shown_for_people(run: Run, model: Path, changes: Path) -> None:
    """A table a change, with a verdict in words."""
    result = run("twin", "whatif", model, changes, "--horizon", "500", "--confidence", "90", "--replications", "20")

    assert result.exit_code == 0
    for word in ("quick repair", "lead time, s", "better", "±", "90 %"):
        assert word in result.stdout


def test_a_file_of_changes_that_cannot_be_used_is_refused(run: Run, model: Path, tmp_path: Path) -> None:
    """With every finding, or with what is there where a pointer leads nowhere."""
    wrong = written(tmp_path / "wrong.json", {"schema": "lineside.changes/1", "changes": [{"name": ""}]})
    lost = {"schema": "lineside.changes/1", "changes": [{"name": "a", "scale": {"/stations/mlil/work": 2}}]}

    refused = run("twin", "whatif", model, wrong, "--horizon", "500")
    nowhere = run("twin", "whatif", model, written(tmp_path / "lost.json", lost), "--horizon", "500")

    assert (refused.exit_code, nowhere.exit_code) == (1, 1)
    assert "changes[1].name" in refused.stderr
    assert "saw, mill" in nowhere.stderr


def test_the_usual_changes_are_ranked_when_none_are_named(run: Run, model: Path) -> None:
    """As JSON with probabilities, and as a table."""
    asked = ("twin", "rank", model, "--horizon", "500", "--warmup", "50", "--zone", "2")

    told = json.loads(run(*asked, "--json").stdout)
    shown = run(*asked)

    assert told["decided"]
    assert told["ranking"][0]["name"] == told["best"]
    assert sum(one["p_best"] for one in told["ranking"]) == pytest.approx(1.0)
    for word in ("P(best)", told["best"], "(as today)"):
        assert word in shown.stdout


def test_named_changes_are_ranked(run: Run, model: Path, changes: Path) -> None:
    """By lead time here; when replications run out it says so."""
    result = run(
        "twin", "rank", model, changes, "--horizon", "300", "--warmup", "0", "--by", "lead_time", "--zone", "0.01",
        "--most", "12",
    )  # fmt: skip

    assert result.exit_code == 0
    assert "Not decided" in result.stdout
    assert "quick repair" in result.stdout


def test_the_bottleneck_is_named(run: Run, model: Path) -> None:
    """With every view of it, as JSON and as a table."""
    asked = ("twin", "bottleneck", model, "--horizon", "500", "--warmup", "50")

    told = json.loads(run(*asked, "--json").stdout)
    shown = run(*asked)

    assert told["bottleneck"] == "mill"
    for word in ("The bottleneck is mill", "repairs -5 %", "active, alone", "turning point"):
        assert word in shown.stdout


def test_places_are_shared_out(run: Run, tmp_path: Path) -> None:
    """With the gain over equal places, and a table of totals."""
    stations = LINE["stations"] | {"mill": {**LINE["stations"]["mill"], "to": "wash"}, "wash": {**WASH, "to": "out"}}  # type: ignore[index,operator] # plain JSON
    model = written(tmp_path / "three.json", {**LINE, "stations": stations})
    asked = ("twin", "buffers", model, "--places", "6", "--horizon", "500", "--warmup", "50", "--replications", "20")

    told = json.loads(run(*asked, "--json").stdout)
    shown = run(*asked)

    assert sum(told["best"].values()) == 6
    for word in ("6 places: mill", "over equal places", "6, equal"):
        assert word in shown.stdout


def test_a_shock_is_told_with_what_softens_it(run: Run, model: Path, changes: Path) -> None:
    """A machine lost for a time: the loss, the way back, and the changes by what they leave of it."""
    asked = ("twin", "shock", model, "station", "mill", "--at", "100", "--for", "50", "--horizon", "400")

    told = json.loads(run(*asked, "--changes", changes, "--replications", "10", "--json").stdout)
    shown = run(*asked, "--changes", changes, "--replications", "10")

    assert told["lost"]["mean"] > 5
    assert {one["name"] for one in told["softened"]["ranking"]} == {None, "quick repair", "more places"}
    for word in ("Parts lost by the end", "Throughput is back", "Softens it most"):
        assert word in shown.stdout
