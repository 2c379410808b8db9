"""The examples run as their first lines say."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lineside.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(params=["machine-tool", "power-only"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an example's folder, without what a node may have written there."""
    folder = tmp_path / str(request.param)
    shutil.copytree(EXAMPLES / folder.name, folder, ignore=shutil.ignore_patterns("data"))
    return folder


def commands(folder: Path) -> list[list[str]]:
    """Return the commands in the head of the plant file, for this copy."""
    text = (folder / "plant.toml").read_text("utf-8")
    lines = re.findall(r"^#   lineside (.+)$", text, re.MULTILINE)
    return [line.replace(f"examples/{folder.name}", str(folder)).split() for line in lines]


@pytest.mark.parametrize("name", sorted(folder.parent.name for folder in EXAMPLES.glob("*/plant.toml")))
def test_an_example_passes_the_check(name: str) -> None:
    """Nothing is wrong with its plant file."""
    result = CliRunner().invoke(main, ["check", str(EXAMPLES / name)])

    assert result.exit_code == 0, result.output


def test_an_example_measures_by_its_own_commands(example: Path) -> None:
    """Importing and asking, as its head says, gives the line an availability."""
    *imports, asking = commands(example)
    for command in imports:
        assert CliRunner().invoke(main, command).exit_code == 0

    result = CliRunner().invoke(main, [*asking, "--json"])

    rows = json.loads(result.stdout)
    assert [row["availability"] for row in rows if row["level"] == "machine"] == [pytest.approx(0.5, abs=0.5)]
    assert {row["coverage"] for row in rows if row["level"] == "machine"} != {0.0}


def test_power_alone_and_a_light_barrier_give_a_full_oee(tmp_path: Path) -> None:
    """The press has no controller, and its 16-bit counter rolls over during the shift."""
    folder = tmp_path / "power-only"
    shutil.copytree(EXAMPLES / "power-only", folder, ignore=shutil.ignore_patterns("data"))
    CliRunner().invoke(main, ["import", str(folder), str(folder / "press.csv")])

    result = CliRunner().invoke(main, ["oee", str(folder), "--machine", "press", "--json"])

    (row,) = json.loads(result.stdout)
    assert row["oee"] == pytest.approx(row["availability"] * row["effectiveness"] * row["quality"], abs=1e-5)
    assert row["produced"] > 7000
    assert row["missing"] == []
