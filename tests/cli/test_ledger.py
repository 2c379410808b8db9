"""The ledger by its commands: heads held elsewhere, exports, receipts and verdicts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lineside.node import Node
from lineside.trust import Grant
from tests.cli.people import PEOPLE

Run = Callable[..., Result]


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant with a ledger of some entries."""
    folder = tmp_path / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    with Node.open(folder) as node:
        node.people.add("eva", "person", [Grant.parse("administrator")])
        node.people.add("otto", "person", [Grant.parse("operator")])
    return folder


def test_a_ledger_goes_to_an_auditor_and_back(works: Path, tmp_path: Path, run: Run) -> None:
    """A head is handed over, countersigned and kept; an export is verified by what the auditor holds."""
    head, key, export = tmp_path / "head.json", tmp_path / "auditor.key", tmp_path / "ledger.jsonl"
    shown = run("ledger", "head", works, "--to", head)
    signed = run("ledger", "countersign", head, "--key", key)
    kept = run("ledger", "keep", works, f"{head}.receipt")
    run("ledger", "export", works, export)
    verified = run("ledger", "verify", export, "--head", head, "--head", f"{head}.receipt")
    told = json.loads(run("ledger", "verify", works, "--head", export, "--json").stdout)
    again = run("ledger", "countersign", head, "--key", key, "--to", tmp_path / "second")

    assert [one.exit_code for one in (shown, signed, kept, verified, again)] == [0] * 5
    assert "5 entries, signed by" in shown.stdout
    assert ("A new key was made" in signed.stdout, "A new key was made" in again.stdout) == (True, False)
    assert "Whole: 6 entries" in verified.stdout
    assert (told["whole"], told["compared"], told["wrong"]) == (True, 2, [])


def test_a_ledger_that_was_rolled_back_is_told(works: Path, tmp_path: Path, run: Run) -> None:
    """An older copy of the folder lacks what a head held elsewhere has, and the first missing entry is named."""
    shutil.copytree(works, tmp_path / "older")
    with Node.open(works) as node:
        node.people.disable("otto", disabled=True)
    run("ledger", "head", works, "--to", tmp_path / "head.json")

    alone = run("ledger", "verify", tmp_path / "older")
    against = run("ledger", "verify", tmp_path / "older", "--head", tmp_path / "head.json")

    assert (alone.exit_code, "Compared with no head" in alone.stdout) == (0, True)
    assert (against.exit_code, "from entry 5 on 1 are missing here" in against.stderr) == (1, True)


def test_a_new_key_is_vouched_for(works: Path, tmp_path: Path, run: Run) -> None:
    """After a change of the key heads held before still agree."""
    run("ledger", "head", works, "--to", tmp_path / "head.json")

    changed = run("ledger", "new-key", works)
    verified = run("ledger", "verify", works, "--head", tmp_path / "head.json")

    assert changed.exit_code == verified.exit_code == 0
    assert changed.stdout.split()[-1].rstrip(".") in verified.stdout


@pytest.mark.parametrize(
    "args",
    [
        ("head", "empty"),
        ("export", "empty", "out"),
        ("verify", "empty"),
        ("verify", "nothing"),
        ("verify", "odd"),
        ("verify", "works", "--head", "odd"),
        ("verify", "works", "--head", "nothing"),
        ("countersign", "odd", "--key", "key"),
        ("keep", "works", "odd"),
        ("head", "works", "--to", "odd"),
    ],
)
def test_what_is_no_ledger_is_told_in_words(works: Path, tmp_path: Path, run: Run, args: tuple[str, ...]) -> None:
    """One sentence and a cure for a missing, damaged or foreign file; never a traceback."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").write_text("{}", "utf-8")
    paths = [one if one in ("--head", "--key", "--to") else tmp_path / one for one in args[1:]]

    result = run("ledger", args[0], *paths)

    assert works.exists()
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) >= 2
    assert isinstance(result.exception, SystemExit)
