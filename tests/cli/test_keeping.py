from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from lineside.node import HISTORY
from tests.cli.people import PEOPLE

Run = Callable[..., Result]
YESTERDAY_MS = (int(time.time()) - 86_400) * 1000


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant where people count."""
    folder = tmp_path / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    return folder


def test_a_plant_is_backed_up_while_it_counts_and_runs_again_elsewhere(
    run: Run, works: Path, tmp_path: Path, launch: Callable[..., Any]
) -> None:
    """Every unit a node had acknowledged when the backup began is in the restored plant, which runs and counts on."""
    node = launch("run", works, "--port", "0", "--no-browser")
    counted, flowing, ending = 0, threading.Event(), threading.Event()

    def count() -> None:
        nonlocal counted
        while not ending.is_set():
            unit = {"machine": "bench", "good": 1, "rejected": 0, "time": str(YESTERDAY_MS + counted)}
            node.ask("/api/tally", unit)
            counted += 1
            if counted == 20:
                flowing.set()

    people = threading.Thread(target=count)
    people.start()
    assert flowing.wait(60)
    before = counted
    made = run("backup", works, tmp_path / "safe" / "monday", "--json")
    ending.set()
    people.join()
    node.end(signal.SIGKILL)
    restored = run("restore", tmp_path / "safe" / "monday", tmp_path / "again")
    again = launch("run", tmp_path / "again", "--port", "0", "--no-browser")
    answer = again.ask(
        "/api/tally", {"machine": "bench", "good": 1, "rejected": 0, "time": str(YESTERDAY_MS + before - 1)}
    )
    later = again.ask("/api/tally", {"machine": "bench", "good": 1, "rejected": 0, "time": str(YESTERDAY_MS + counted)})

    assert made.exit_code == 0, made.output
    assert counted >= json.loads(made.output)["values"] >= before
    assert f"lineside run {tmp_path / 'again'}" in restored.output
    assert (answer["repeated"], later["repeated"]) == (True, False)
    assert again.ask("/api/plant")["id"] == "works"


def test_a_stopped_plant_is_backed_up_and_verified(run: Run, works: Path, tmp_path: Path) -> None:
    """Without a node the command does it itself; `--verify` reads it all and says what it is."""
    made = run("backup", works, tmp_path / "monday")
    verified = run("backup", "--verify", tmp_path / "monday")

    assert (made.exit_code, verified.exit_code) == (0, 0)
    assert "is written and was read again: 1 files" in made.output
    assert "made 20" in verified.output
    assert str(works) in verified.output


@pytest.mark.parametrize(("lang", "said"), [("en_US.UTF-8", "holds other bytes"), ("zh_CN.UTF-8", "内容与写入时不同")])
def test_what_is_damaged_and_what_is_lost_is_said(run: Run, works: Path, tmp_path: Path, lang: str, said: str) -> None:
    """Each file by name with what a plant lacks without it, and how to restore the rest, in the reader's language."""
    run("backup", works, tmp_path / "monday")
    (tmp_path / "monday" / "plant.toml").write_bytes(PEOPLE.replace("works", "shirk").encode())

    told = run("backup", "--verify", tmp_path / "monday", lang=lang)
    listed = run("backup", "--verify", tmp_path / "monday", "--json")
    refused = run("restore", tmp_path / "monday", tmp_path / "again", lang=lang)
    partly = run("restore", tmp_path / "monday", tmp_path / "again", "--partly", lang=lang)

    assert (told.exit_code, listed.exit_code, refused.exit_code, partly.exit_code) == (1, 1, 1, 0)
    for one in (told, refused):
        assert f"plant.toml {said}" in one.output
        assert "--partly" in one.output
    assert json.loads(listed.output) == {"whole": [], "damaged": {"plant.toml": "changed"}}
    assert "plant.toml" in partly.output
    assert not (tmp_path / "again" / "plant.toml").exists()


def test_what_is_not_given_is_asked_for(run: Run, works: Path) -> None:
    """A forgotten place is a mistake of the command line, told as such."""
    for arguments, said in (((), "DIR"), ((works,), "TARGET"), ((works, "--verify", works), "--verify")):
        told = run("backup", *arguments)
        assert told.exit_code == 2
        assert said in told.output
    assert not (works / HISTORY).exists()


def test_only_the_owners_key_opens_an_encrypted_backup(run: Run, works: Path, tmp_path: Path) -> None:
    """The node's computer keeps the public key alone; each other key, and none, is refused in words."""
    key, other, public, target = (tmp_path / name for name in ("owner.key", "other.key", "public.key", "monday.age"))
    told = run("key", "new", key)
    run("key", "new", other)
    public.write_text(re.findall(r"age1\w+", told.output)[0], "ascii")

    made = run("backup", works, target, "--encrypt-to", public)
    verified = run("backup", "--verify", target, "--key", key)
    refused = [
        run("restore", target, tmp_path / "again", *with_key).stderr
        for with_key in ((), ("--key", public), ("--key", other), ("--key", works / "plant.toml"))
    ]
    restored = run("restore", target, tmp_path / "again", "--key", key)

    assert (made.exit_code, "only the secret key opens it" in made.output) == (0, True)
    assert "is whole" in verified.output
    assert ("is encrypted" in refused[0], "opens nothing" in refused[1]) == (True, True)
    assert ("does not open" in refused[2], "holds no key" in refused[3]) == (True, True)
    assert (tmp_path / "again" / "plant.toml").read_text("utf-8") == PEOPLE
    assert restored.exit_code == 0


def test_a_key_is_its_owners_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    """It is on the disk once, and what is printed does not show it."""
    key = tmp_path / "owner.key"

    told = run("key", "new", key)
    again = run("key", "new", key)

    secret = key.read_text("ascii").splitlines()[1]
    assert secret.startswith("AGE-SECRET-KEY-1")
    assert secret not in told.output
    assert key.stat().st_mode & 0o777 == 0o600
    assert (again.exit_code, "nothing is overwritten" in again.stderr) == (1, True)
    assert key.read_text("ascii").splitlines()[1] == secret
