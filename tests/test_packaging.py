"""What installs a node as a service or in a container starts it as it can be started."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lineside.cli import main

PACKAGING = Path(__file__).parent.parent / "packaging"
MOST_EXPOSED = 1.5
"""As systemd counts, from 0 to 10."""


def started(words: list[str]) -> set[str]:
    """Parses what comes after `lineside run`; gives the options it names."""
    command = main.commands["run"]
    known = {name for option in command.params for name in option.opts}
    return {word for word in words if word.startswith("--")} - known


def test_the_service_starts_a_node_by_options_that_there_are() -> None:
    """Also with those that stand in it to be changed."""
    unit = (PACKAGING / "lineside.service").read_text("utf-8")
    begun = re.findall(r"^ExecStart=\S+/lineside run (.*)$", unit, re.MULTILINE)
    options = re.findall(r"LINESIDE_OPTIONS=([^\"]*)\"", unit)

    assert len(begun) == 1
    assert len(options) == 2
    assert [started(text.split()) for text in (*begun, *options)] == [set()] * 3


def test_the_container_starts_a_node_by_options_that_there_are() -> None:
    """And as nobody who may do anything."""
    file = (PACKAGING / "Containerfile").read_text("utf-8")
    words = re.findall(r'"([^"]+)"', file[file.index("CMD") :])

    assert words[:2] == ["run", "/plant"]
    assert started(words[2:]) == set()
    assert "USER 10001:10001" in file
    assert re.findall(r"^FROM (\S+)", file, re.MULTILINE) == ["${PYTHON}"] * 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd judges it")
def test_systemd_finds_the_service_little_exposed() -> None:
    """By its own measure; every option of the unit is one that it knows."""
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", PACKAGING / "lineside.service"],
        capture_output=True,
        text=True,
        check=False,
    )

    found = re.search(r"Overall exposure level for lineside\.service: ([\d.]+)", told.stdout)
    assert found is not None, told.stderr
    assert float(found[1]) <= MOST_EXPOSED
    assert "Unknown" not in told.stderr
