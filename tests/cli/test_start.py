"""What a program loads before it answers: what a node has no use for, it does not hold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NEEDLESS_TO_A_NODE = {
    "lineside.hub": "that of a hub",
    "httpx": "asks a hub or another node, once there is something to ask; it brings rich, pygments and click's own",
    "rich": "tables of the commands",
    "numba": "compiles a twin when one is asked",
    "ortools": "solves, in a process of its own",
    "scipy": "fits, and quantiles of a twin's intervals",
    "openpyxl": "spreadsheets, when one comes",
    "asyncua": "a source that a plant may not have",
    "alembic": "changes the books of an older program",
}


def loaded(program: str) -> set[str]:
    """Returns the modules that a program of these lines holds at its end."""
    text = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True, timeout=300)
    return set(json.loads(ended.stdout))


@pytest.fixture(scope="module")
def of_a_node() -> set[str]:
    """What a node holds when it is about to open its folder."""
    return loaded("import lineside.cli.running")


@pytest.mark.parametrize("module", NEEDLESS_TO_A_NODE)
def test_a_node_is_started_without_what_it_has_no_use_for(module: str, of_a_node: set[str]) -> None:
    """What a few do, or few plants have, is loaded where it is done: memory and the time of a start are everybody's."""
    assert "lineside.node.node" in of_a_node
    assert module not in of_a_node


def test_to_tell_a_folder_apart_loads_no_hub() -> None:
    """Commands that take either a plant or a hub load the one they find."""
    found = loaded("from pathlib import Path\nfrom lineside.cli.folders import is_hub\nis_hub(Path('.'))")

    assert "lineside.hub" not in found


def test_the_commands_are_named_at_once() -> None:
    """`--help` needs no room of the product."""
    found = loaded("import lineside.cli")

    assert {name for name in found if name.startswith("lineside.") and name.count(".") == 1} <= {
        "lineside.cli",
        "lineside.errors",
        "lineside.texts",
    }


def test_a_program_that_runs_on_leaves_pandas_where_it_is() -> None:
    """Where CP-SAT brought pandas, the first array does not load it; who wants it finds it as before."""
    pytest.importorskip("pandas")
    arrays = "import pyarrow as pa\npa.array([1.0, None])\npa.array(['a', 'b']).dictionary_encode()"

    by_itself = loaded(arrays)
    running_on = loaded(f"from lineside.cli.process import run_on\nrun_on()\n{arrays}")
    asked_for = loaded("from lineside.cli.process import run_on\nrun_on()\nimport pandas\npandas.Series([1])")

    assert "pandas" in by_itself
    assert "pandas" not in running_on
    assert "pandas" in asked_for
