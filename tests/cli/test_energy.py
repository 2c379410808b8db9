"""`lineside energy`: the main meter of a demo plant by production day, by a folder and by a running node alike."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def stopped(first_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder on which nothing runs."""
    return Path(shutil.copytree(first_run.folder, tmp_path_factory.mktemp("stopped") / "demo"))


def told(result: Result) -> dict[str, Any]:
    """What it printed as JSON."""
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_days_add_up_to_the_whole(run: Run, stopped: Path) -> None:
    """A power is known day by day; carbon is energy by the grid's factor, and units are missing where none count."""
    found = told(run("energy", str(stopped), "--json"))

    whole, days = found["whole"], found["days"]
    assert found["declared"] is True
    assert len(days) >= 14
    assert sum(day["kwh"] for day in days) == pytest.approx(whole["kwh"], rel=1e-6)
    assert whole["kg_co2"] == pytest.approx(whole["kwh"] * 0.5306, rel=1e-6)
    assert whole["coverage"] > 0.99
    assert (whole["good"], whole["kwh_per_unit"]) == (None, None)
    assert all(800 < day["kwh"] < 3000 for day in days[1:-1])


def test_a_table_says_it_for_people(run: Run, stopped: Path) -> None:
    """With the factor and where it is from below."""
    result = run("energy", str(stopped))

    assert result.exit_code == 0
    assert "Electricity kWh" in result.stdout
    assert "Electricity: 0.5306 kg CO2/kWh, cn 2023 (MEE and NBS" in result.stdout


def test_a_plant_that_says_nothing_of_energy_is_told_how(run: Run, stopped: Path, tmp_path: Path) -> None:
    """Instead of a table of dashes."""
    folder = Path(shutil.copytree(stopped, tmp_path / "silent"))
    text = (folder / "plant.toml").read_text("utf-8")
    head, _, rest = text.partition("[energy]")
    (folder / "plant.toml").write_text(f"valid_from = 2020-01-01\n{head}{rest[rest.index('# ----') :]}", "utf-8")

    result = run("energy", str(folder))

    assert result.exit_code == 0, result.output
    assert "has no [energy]" in result.stdout
