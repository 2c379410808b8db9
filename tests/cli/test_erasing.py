"""Erasure by its command: said first, then done, with a certificate that anybody can check."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lineside.node import Node, Tally, now_us, record_tally
from lineside.trust import Grant
from tests.cli.people import PEOPLE

Run = Callable[..., Result]


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant where somebody counted."""
    folder = tmp_path / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    with Node.open(folder) as node:
        record_tally(node.history, node.plant, Tally("bench", 5, 1, now_us()), now_us())
        node.people.add("eva", "person", [Grant.parse("administrator")])
        node.people.add("otto", "person", [Grant.parse("operator")])
    return folder


def test_what_would_be_erased_is_said_first(works: Path, run: Run) -> None:
    """Without a place for the certificate nothing goes; what was made of it is named."""
    said = run("erase", works, "signal/bench/made", "--reason", "a try")

    assert said.exit_code == 2
    assert "signal/bench/made" in said.stdout
    assert "1 things would be erased" in said.stdout
    assert "Made of it and still there: answers/cell, jobs, schedules, twin/cell" in said.stdout
    with Node.open(works) as node:
        assert node.history.catalogue()["bench/made"] is not None


def test_an_erasure_is_certified_and_checked(works: Path, tmp_path: Path, run: Run) -> None:
    """Rows are gone, the certificate says how many and is verified alone; it overwrites nothing."""
    certificate = tmp_path / "erased.json"
    done = run("erase", works, "machine/bench", "--reason", "scrapped", "--certificate", certificate)
    again = run("erase", works, "machine/bench", "--reason", "scrapped", "--certificate", certificate)
    verified = run("ledger", "verify", certificate)
    certificate.write_text(certificate.read_text("utf-8").replace("scrapped", "mistaken"), "utf-8")
    changed = run("ledger", "verify", certificate)

    assert [one.exit_code for one in (done, again, verified, changed)] == [0, 1, 0, 1]
    assert "signal/bench/lost: 1 rows" in done.stdout
    assert "something is there already" in again.stderr
    assert "2 things with 2 rows were erased" in verified.stdout
    assert "is not what was written into the ledger" in changed.stderr
    with Node.open(works) as node:
        assert node.history.last(node.history.catalogue()["bench/made"].id) is None


def test_a_person_is_forgotten_by_command(works: Path, run: Run) -> None:
    """Only who is shut out; afterwards the list knows a number."""
    early = run("people", "forget", works, "otto")
    run("people", "disable", works, "otto")
    done = run("people", "forget", works, "otto")
    listed = json.loads(run("people", "list", works, "--json").stdout)

    assert (early.exit_code, "not shut out" in early.stderr) == (1, True)
    assert "otto is forgotten here, and is called former-2 from now on" in done.stdout
    assert [one["name"] for one in listed] == ["eva", "former-2"]
