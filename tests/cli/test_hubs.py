"""A hub from its first file to its export, by commands: at rest and while it runs."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from lineside.exchange import RECEIPT, Answer
from lineside.hub import Hub, Invited, read_hub
from lineside.trust import fingerprint
from tests.cli.conftest import Running
from tests.hub.factories import PROFILE, Clock, Factory, opened

Run = Callable[..., Result]
Launch = Callable[..., Running]


class Today(Clock):
    """The clock on the wall, for a hub in a process of its own."""

    def __init__(self) -> None:
        self.us = int(datetime.now(UTC).timestamp() * 1_000_000)


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """A new hub."""
    made = run("hub", "new", tmp_path / "hub", "--name", "Valley", "--timezone", "Asia/Shanghai")
    assert made.exit_code == 0
    assert "lineside hub run" in made.stdout
    return tmp_path / "hub"


def invited(folder: Path, run: Run, *more: str | Path) -> list[Invited]:
    """The invitations that a command writes into files."""
    target = folder.parent / "invitations"
    made = run("hub", "invite", folder, "--to", target, *more)
    assert made.exit_code == 0, made.output
    files = sorted(target.iterdir(), key=lambda file: file.stem)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    return [Invited(file.stem, 0, file.read_bytes()) for file in files]


def a_factory(folder: Path, invitation: Invited) -> tuple[Factory, bytes]:
    """A factory in the hub's one region, and the line by which it enrols."""
    factory = Factory.make(folder.parent, Today(), f"key-{invitation.label}")
    envelope = factory.enrolment(invitation, type(PROFILE)(name="Valve works", industry="34", region="all"))
    factory.sent, factory.number = [envelope], 1
    return factory, envelope.json()


def last_month() -> str:
    """The month that is surely over everywhere."""
    return f"{datetime.now(UTC).replace(day=1) - timedelta(days=20):%Y-%m}"


@pytest.mark.parametrize("runs", [False, True])
def test_a_member_joins_and_speaks_by_files(folder: Path, run: Run, launch: Launch, runs: bool) -> None:
    """Invited, enrolled, compared, admitted and receipted: with a stick, whether the hub runs meanwhile or not."""
    if runs:
        launch("hub", "run", folder, "--port", "0", "--no-browser")
    (invitation,) = invited(folder, run, "--label", "Press works")
    factory, line = a_factory(folder, invitation)
    stick = folder.parent / "stick.lines"

    stick.write_bytes(line)
    enrolled = run("hub", "take", folder, stick)
    listed = json.loads(run("hub", "members", folder, "--json").stdout)
    wrong = run("hub", "admit", folder, "1", "--fingerprint", "4F2A-91C0-7B3D-E855-0A6C")
    admitted = run("hub", "admit", folder, "1", "--fingerprint", fingerprint(factory.key.public))
    said = factory.say(factory.submission(last_month()))
    stick.write_bytes(said.json() + b"\n" + b"cut off")
    taken = run("hub", "take", folder, stick)
    answers = [Answer.parse(one) for one in stick.with_name("stick.lines.answers").read_bytes().splitlines()]

    assert enrolled.exit_code == 0
    assert [(one["state"], one["fingerprint"]) for one in listed] == [("pending", fingerprint(factory.key.public))]
    assert (wrong.exit_code, admitted.exit_code) == (1, 0)
    assert "Compare again" in wrong.stderr
    assert taken.exit_code == 1
    assert "no signed envelope" in taken.stderr
    assert "1 of 2 taken" in taken.stdout
    assert opened(answers[0], RECEIPT, factory)
    assert "Valve works" in run("hub", "members", folder).stdout


def test_many_are_invited_by_a_table_and_one_again(folder: Path, run: Run) -> None:
    """A file for each; names that are alike get a number, and nothing is overwritten."""
    table = folder.parent / "members.csv"
    table.write_text("label\nPress works\nPress works\n阀门厂\n", "utf-8")

    files = invited(folder, run, "--csv", table)
    _, line = a_factory(folder, files[0])
    (folder.parent / "x").write_bytes(line)
    run("hub", "take", folder, folder.parent / "x")
    again = run("hub", "invite", folder, "--again", "1", "--to", folder.parent / "more")
    both = run("hub", "invite", folder, "--again", "1", "--label", "x")

    assert [one.label for one in files] == ["Press-works", "Press-works-2", "阀门厂"]
    assert again.exit_code == 0
    assert len(list((folder.parent / "more").iterdir())) == 1
    assert (both.exit_code, "one of them" in both.stderr) == (2, True)
    with Hub.open(folder) as hub:
        assert hub.register.get(1).key is None


@pytest.mark.parametrize("how", ["refuse", "close"])
def test_a_membership_is_ended_with_a_reason(folder: Path, run: Run, how: str) -> None:
    """Which the register keeps."""
    _, line = a_factory(folder, invited(folder, run, "--label", "one")[0])
    (folder.parent / "x").write_bytes(line)
    run("hub", "take", folder, folder.parent / "x")

    ended = run("hub", how, folder, "1", "--why", "moved away")

    assert ended.exit_code == 0
    with Hub.open(folder) as hub:
        assert (hub.register.get(1).state, hub.registrar.why(1)) == ("closed", "moved away")


def test_a_hub_runs_and_ends_in_order(folder: Path, launch: Launch) -> None:
    """It says by which fingerprint it is known, and asks who is at its pages."""
    hub = launch("hub", "run", folder, "--port", "0", "--no-browser", cold=True)

    told = hub.wait_for("one-time code")
    house = hub.ask("/api/house")

    assert house["kind"] == "hub"
    assert house["name"] == "Valley"
    assert hub.end(signal.SIGTERM) == 0
    with Hub.open(folder) as opened_hub:
        assert fingerprint(opened_hub.voice.key) in told


@pytest.mark.parametrize("runs", [False, True])
def test_a_hub_is_exported_backed_up_and_restored(folder: Path, run: Run, launch: Launch, runs: bool) -> None:
    """While it runs, too; what is restored is the same hub."""
    if runs:
        launch("hub", "run", folder, "--port", "0", "--no-browser")
    home = folder.parent

    exported = run("hub", "export", folder, home / "export")
    backed_up = run("backup", folder, home / "backup")
    verified = run("backup", "--verify", home / "backup")
    restored = run("restore", home / "backup", home / "again")

    assert (exported.exit_code, backed_up.exit_code, verified.exit_code, restored.exit_code) == (0, 0, 0, 0)
    assert json.loads((home / "export" / "manifest.json").read_text("utf-8"))["format"] == "lineside.hub/1"
    assert f"lineside hub run {home / 'again'}" in restored.stdout
    assert (home / "again" / "data" / "hub.id").read_text() == (folder / "data" / "hub.id").read_text()
    with Hub.open(home / "again") as again:
        assert again.name == "Valley"


def test_books_in_a_database_are_backed_up_there(folder: Path, run: Run) -> None:
    """A copy of the folder alone would be no backup: it is refused with what to do instead."""
    file = folder / "hub.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[books]\nurl = "postgresql://hub@127.0.0.1:1/hub"\n', "utf-8")

    refused = run("backup", folder, folder.parent / "backup")

    assert refused.exit_code == 1
    assert "pg_dump" in refused.stderr
    assert not (folder.parent / "backup").exists()
    assert read_hub(folder).in_database


def test_people_of_a_hub_are_never_put_into_other_books(folder: Path, run: Run) -> None:
    """Commands about people go to the database, too; where it is away they say so, and no file of books appears."""
    file = folder / "hub.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[books]\nurl = "postgresql://hub@127.0.0.1:1/hub"\n', "utf-8")

    refused = run("people", "list", folder)

    assert refused.exit_code == 1
    assert not (folder / "data" / "books.sqlite").exists()


def test_a_plant_is_no_hub(tmp_path: Path, run: Run) -> None:
    """Commands about hubs say so, and make nothing."""
    run("new", tmp_path / "plant")

    refused = run("hub", "members", tmp_path / "plant")
    taken = run("hub", "new", tmp_path / "plant")

    assert (refused.exit_code, taken.exit_code) == (1, 1)
    assert "no hub file" in refused.stderr
    assert [one.name for one in (tmp_path / "plant").iterdir()] == ["plant.toml"]


def test_a_hub_is_made_in_the_language_of_its_maker(tmp_path: Path, run: Run) -> None:
    """The comments of its file are in Chinese for whoever reads Chinese."""
    made = run("hub", "new", tmp_path / "hub", lang="zh_CN.UTF-8")

    assert made.exit_code == 0
    assert "枢纽" in (tmp_path / "hub" / "hub.toml").read_text("utf-8")
