from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

Run = Callable[..., Result]


def test_this_computer_is_looked_at(run: Run) -> None:
    """Without a folder `doctor` names the versions that run and says how to have a plant examined."""
    told = run("doctor")

    assert f"Python {sys.version.split()[0]}" in told.output
    assert "lineside doctor DIR" in told.output


def test_a_source_that_does_not_answer_is_found(tmp_path: Path) -> None:
    """Each silent source is marked, named and given a cure; the command ends with 1 and no library interrupts.

    Nobody can push while no node runs, so that silence is no fault.
    """
    (tmp_path / "plant.toml").write_text(
        '[site]\nid = "s"\nname = "S"\ntimezone = "UTC"\n[area.a]\nname = "A"\n[line.l]\narea = "a"\nname = "L"\n'
        '[source.saw]\ntype = "shdr"\nurl = "tcp://127.0.0.1:9"\n'
        '[source.mill]\ntype = "opcua"\nurl = "opc.tcp://127.0.0.1:9/"\n'
        '[machine.saw]\nline = "l"\nname = "Saw"\nsource = "saw"\n'
        '[machine.saw.signals]\nexecution = { kind = "state" }\n'
        '[machine.mill]\nline = "l"\nname = "Mill"\nsource = "mill"\n[machine.mill.signals]\n'
        'load = { address = "ns=2;s=Load", kind = "measure" }\n'
        '[source.cell]\ntype = "push"\n[machine.cell]\nline = "l"\nsource = "cell"\n'
        '[machine.cell.signals]\npower = { kind = "measure" }\n',
        "utf-8",
    )

    told = subprocess.run(
        [sys.executable, "-m", "lineside", "doctor", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "en_US.UTF-8"},
    )

    lines = told.stdout.splitlines()
    wrong = {line.split()[1]: lines[n + 1] for n, line in enumerate(lines) if line.startswith("!! ")}
    assert told.returncode == 1
    assert wrong.keys() >= {"saw:", "mill:"}
    assert "cell:" not in wrong
    assert "Check that the machine is on" in wrong["saw:"]
    assert told.stderr == ""
    assert not (tmp_path / "data").exists()


def test_a_running_node_is_asked_for_its_sources(run: Run, running: tuple[Path, Any]) -> None:
    """While a node runs, its own view of the sources is shown and the folder is not opened twice."""
    folder, node = running

    told = run("doctor", folder)

    assert f"A node runs on this folder: {node.url}" in told.output
    assert "bench: People count by hand on the tally page." in told.output
    assert "The plant file is fine: machines 11, sources 6." in told.output


def test_a_broken_plant_file_is_shown_with_its_lines(run: Run, tmp_path: Path) -> None:
    """What `check` would say is said here too."""
    run("new", tmp_path, "--timezone", "UTC")
    path = tmp_path / "plant.toml"
    path.write_text(path.read_text("utf-8").replace('"UTC"', '"Mars/Phobos"'), "utf-8")

    told = run("doctor", tmp_path)

    assert told.exit_code == 1
    assert "Mars/Phobos is no time zone." in told.output
