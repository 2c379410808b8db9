"""A hub that is served as a node is, and the commands that know its folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from lineside.books import OWNER, HeldFolder
from lineside.errors import FolderInUse
from lineside.hub import scaffold_hub
from lineside.trust import Receipt
from tests.api.hub_house import NAME
from tests.cli.conftest import ENGLISH, Running
from tests.warm import program

Run = Callable[..., Result]
CODE = re.compile(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of a hub."""
    scaffold_hub(tmp_path, name=NAME, time_zone="Asia/Shanghai")
    return tmp_path


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Running]]:
    """Serves hubs that are ended after the test."""
    started: list[Running] = []

    def served(folder: Path) -> Running:
        began = program("tests.cli.hub_program", str(folder), env=os.environ | ENGLISH, errors=True)
        started.append(Running(began))
        started[-1].wait_until_ready()
        return started[-1]

    yield served
    for one in started:
        one.end(signal.SIGKILL)


def test_a_hub_is_served_and_ends_in_order(folder: Path, serve: Callable[[Path], Running]) -> None:
    """Its first start tells the code of the first administrator; a request to end withdraws the address."""
    hub = serve(folder)
    told = hub.wait_for("one-time code")
    house = hub.ask("/api/house")
    known = json.loads((folder / "data" / "node.json").read_text("utf-8"))

    code = hub.end(signal.SIGTERM)

    assert CODE.search(told)
    assert house == {"kind": "hub", "name": NAME, "timezone": None, "attention": [], "folder": None}
    assert known["url"] == hub.url
    assert (code, f"lineside hub run {folder}" in hub.output) == (0, True)
    assert {name for name in ("node.json", "node.secret") if (folder / "data" / name).exists()} == set()
    assert (folder / "data" / "hub.log").is_file()


def test_commands_about_people_ask_a_hub_that_runs(folder: Path, run: Run, serve: Callable[[Path], Running]) -> None:
    """And its books when none does; both give the roles of a hub alone."""
    before = run("people", "add", folder, "eva", "--role", "administrator")
    serve(folder)

    added = run("people", "add", folder, "otto", "--role", "member@member/17")
    refused = run("people", "add", folder, "anna", "--role", "operator")
    listed = json.loads(run("people", "list", folder, "--json").stdout)

    assert (before.exit_code, added.exit_code, refused.exit_code) == (0, 0, 1)
    assert CODE.search(added.stdout)
    assert "registrar" in refused.stderr
    assert [(one["name"], one["roles"]) for one in listed] == [
        ("eva", [{"role": "administrator", "scope": "site"}]),
        ("otto", [{"role": "member", "scope": "member/17"}]),
    ]


def test_books_of_a_hub_take_its_own_roles(folder: Path, run: Run) -> None:
    """Without a hub that runs, too."""
    first = run("people", "add", folder, "eva", "--role", "administrator")
    both = run("people", "roles", folder, "eva", "--role", "administrator", "--role", "analyst")
    plants = run("people", "add", folder, "otto", "--role", "engineer@line/cell")

    assert (first.exit_code, both.exit_code, plants.exit_code) == (0, 1, 1)
    assert "goes with no other role" in both.stderr


def test_the_ledger_of_a_hub_is_read_and_countersigned(
    folder: Path, run: Run, tmp_path: Path, serve: Callable[[Path], Running]
) -> None:
    """As that of a node; a receipt goes to the hub that runs."""
    run("people", "add", folder, "eva", "--role", "administrator")
    head, key = tmp_path / "head.json", tmp_path / "auditor.key"
    run("ledger", "head", folder, "--to", head)
    run("ledger", "countersign", head, "--key", key)
    serve(folder)

    kept = run("ledger", "keep", folder, f"{head}.receipt")
    verdict = run("ledger", "verify", folder, "--head", f"{head}.receipt")

    assert (kept.exit_code, verdict.exit_code) == (0, 0)
    assert Receipt.parse(json.loads(Path(f"{head}.receipt").read_text("utf-8")), "x").head.size >= 1


def test_a_hub_has_an_authority_of_its_own(folder: Path, run: Run) -> None:
    """Made and told as that of a node."""
    made = run("certificate", folder, "hub.example", "--json")

    assert json.loads(made.stdout)["names"] == ["hub.example"]


def test_the_doctor_knows_a_hub(folder: Path, run: Run, serve: Callable[[Path], Running]) -> None:
    """Whether it runs or not; it has no plant file to mend and no sources to listen to."""
    resting = run("doctor", folder)
    hub = serve(folder)
    running = run("doctor", folder)

    assert "No hub runs on this folder" in resting.output
    assert f"A hub runs on this folder: {hub.url}" in running.output
    assert "plant.toml" not in resting.output + running.output


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("run",),
        ("oee",),
        ("import",),
        ("valve", "list"),
        ("valve", "shut"),
        ("grades", "list"),
        ("erase",),
    ],
    ids=" ".join,
)
def test_what_is_for_a_plant_says_so(folder: Path, run: Run, command: tuple[str, ...]) -> None:
    """In words, and makes nothing in the folder of a hub."""
    more = {
        "import": ("x.csv",),
        "erase": ("line/x", "--reason", "x"),
    }
    refused = run(*command, folder, *more.get(command[0], ()))

    assert refused.exit_code == 1, refused.output
    assert "holds a hub, and this is for a plant" in refused.stderr
    assert [one.name for one in folder.iterdir()] == ["hub.toml"]


def test_a_folder_is_held_by_one_process(tmp_path: Path) -> None:
    """Another is told which; it may have it as soon as that has let go, and also where that was killed."""
    hold = (
        "import sys, pathlib, lineside.books as b; b.HeldFolder(pathlib.Path(sys.argv[1])); print('held', flush=True)"
    )
    code = f"{hold}; sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse) as refused:
            HeldFolder(tmp_path)
        other.kill()

    assert refused.value.fields["process"] == str(other.pid)
    with HeldFolder(tmp_path), pytest.raises(FolderInUse):
        HeldFolder(tmp_path)
    HeldFolder(tmp_path).close()
    assert (tmp_path / OWNER).read_text("ascii") == ""
