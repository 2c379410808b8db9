from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

LINE = {
    "schema": "lineside.line/1",
    "sources": {"in": {"to": "saw"}},
    "stations": {
        "saw": {"work": {"type": "uniform", "low": 1, "high": 3}, "buffer": 0, "to": "mill"},
        "mill": {"work": 2, "buffer": 2, "to": "out"},
    },
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A line of two stations in a file."""
    path = tmp_path / "line.json"
    path.write_text(json.dumps(LINE), "utf-8")
    return path


def test_a_line_is_simulated_without_any_plant(run: Run, model: Path) -> None:
    """Every measure comes with its 99 % interval and the replications behind it."""
    result = run("twin", "run", model, "--horizon", "1000", "--replications", "20", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(told["throughput"]) == {"mean", "half_width", "replications"}
    assert 0.4 < told["throughput"]["mean"] < 0.5
    assert told["stations"]["mill"]["working"]["replications"] == 20


def test_the_same_is_shown_for_people(run: Run, model: Path) -> None:
    """A table of stations and buffers, in words."""
    result = run(
        "twin", "run", model, "--horizon", "1000", "--warmup", "100", "--engine", "python", "--replications", "2"
    )

    assert result.exit_code == 0
    for word in ("parts out", "lead time", "saw", "mill", "starved", "±"):
        assert word in result.stdout


def test_a_simulated_log_is_fitted_again_to_the_line_it_came_from(run: Run, tmp_path: Path) -> None:
    """Every law, stop and place is found within its interval, and in seconds whatever the model's unit is."""
    law = {"type": "gamma", "shape": 9, "mean": 0.5}
    jam = {"time_to_failure": {"type": "exponential", "mean": 30}, "repair": {"type": "gamma", "shape": 2, "mean": 3}}
    stations = {
        "saw": {"work": law, "buffer": 0, "failures": {"jam": jam}, "to": "mill"},
        "mill": {"work": {**law, "mean": 0.55}, "buffer": 4, "failures": {"tool": jam}, "to": "out"},
    }
    line = {"schema": "lineside.line/1", "time_unit": "min", "sources": {"in": {"to": "saw"}}, "stations": stations}
    model, log, out = (tmp_path / name for name in ("line.json", "log.csv", "twin.json"))
    model.write_text(json.dumps(line), "utf-8")
    simulated = run("twin", "run", model, "--horizon", "2880", "--replications", "2", "--log", log, "--json")
    fitted = run("twin", "fit", "--log", log, "--out", out, "--json")

    assert (simulated.exit_code, fitted.exit_code) == (0, 0)
    truth = {("saw", "work"): 30, ("mill", "work"): 33, ("mill", "places"): 4, ("saw", "life"): 1800}
    truth |= {("mill", "life"): 1800, ("saw", "repair"): 180, ("mill", "repair"): 180}
    told = {(one["station"], one["what"]): one for one in json.loads(out.read_text("utf-8"))["parameters"]}
    for key, value in truth.items():
        low, high = told[key]["low"], told[key]["high"]
        assert told[key]["value"] == value if low is None else low <= value <= high, told[key]


def test_a_log_that_cannot_be_written_is_told(run: Run, model: Path, tmp_path: Path) -> None:
    """With the file and the reason."""
    result = run("twin", "run", model, "--horizon", "10", "--log", tmp_path / "none" / "log.csv")

    assert result.exit_code == 1
    assert "log.csv" in result.stderr


def test_every_key_of_a_line_model_can_be_printed(run: Run) -> None:
    """As a JSON Schema, for editors; the keys are spelt as they are written."""
    result = run("twin", "schema")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"schema", "stations", "sources", "orders", "pallets"} <= told["properties"].keys()
    assert {"from", "to", "time"} <= told["$defs"]["Setup"]["properties"].keys()


def test_a_model_that_cannot_be_is_refused_with_every_reason(run: Run, model: Path) -> None:
    """Where, what and the cure; nothing is simulated."""
    model.write_text(json.dumps({**LINE, "sources": {"in": {"to": "swa"}}}), "utf-8")

    result = run("twin", "run", model, "--horizon", "1000")

    assert result.exit_code == 1
    assert "sources.in.to" in result.stderr
    assert "saw, mill" in result.stderr
