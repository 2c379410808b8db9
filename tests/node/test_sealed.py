"""Encrypted backups: one file for the holder of the key, found out when it was touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lineside.books import sum_file
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.jobs import JobState
from lineside.node import BOOKS, DATA, LAST_BACKUP, Node, back_up, restore, submit_backup, unseal, unsealed
from lineside.trust import KEY_FILE, OwnerKey

PLANT = '[site]\nid = "hidden-works"\ntimezone = "UTC"\n'
KEY = OwnerKey.new()
PIECE = 65_536 + 16
"""As age has them: what is damaged within one costs that one."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plant, and its sealed backup."""
    place = tmp_path_factory.mktemp("sealed")
    folder = place / "works"
    folder.mkdir()
    (folder / "plant.toml").write_text(PLANT, "utf-8")
    (folder / "recording.csv").write_bytes(b"time,address,value\n" * 10_000)
    with Node.open(folder) as node:
        node.history.hear("bench", 0, 5000)
    back_up(folder, place / "monday.age", key=OwnerKey(KEY.public))
    return place


def restored(backup: Path, folder: Path, key: OwnerKey = KEY) -> None:
    """Makes a folder of a sealed backup."""
    with unsealed(backup, folder, key) as plain:
        restore(plain, folder)


def test_a_sealed_backup_gives_the_plant_back(made: Path, tmp_path: Path) -> None:
    """Files, rights of keys, books and history; it was sealed by who could not open it."""
    manifest = unseal(made / "monday.age", KEY)
    restored(made / "monday.age", tmp_path / "again")

    assert (tmp_path / "again" / "plant.toml").read_text("utf-8") == PLANT
    assert (tmp_path / "again" / DATA / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with Node.open(tmp_path / "again") as node:
        assert node.plant.site.id == "hidden-works"
    assert "recording.csv" in manifest.files
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


@pytest.mark.parametrize("end", [False, True])
def test_whatever_is_damaged_the_rest_is_restored(made: Path, tmp_path: Path, end: bool) -> None:
    """A flipped bit, or the end of the file cut off, costs the files it lies in; these are named, and none is half."""
    sealed = (made / "monday.age").read_bytes()
    whole = unseal(made / "monday.age", KEY)
    losses: list[int] = []
    for at in range(300, len(sealed), PIECE):
        touched = sealed[:at] if end else sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        backup, folder = tmp_path / "touched.age", tmp_path / f"again-{at}"
        backup.write_bytes(touched)
        try:
            with unsealed(backup, folder, KEY, partly=True) as plain:
                found = restore(plain, folder, partly=True)
        except UnusableData:
            assert at == 300, "only without its manifest a backup is none"
            continue
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        losses.append(len(found.left_out))
        assert whole.files.keys() - there == set(found.left_out)
        for name in whole.files.keys() & there - {BOOKS}:
            assert sum_file(folder / name, lambda: None) == whole.files[name]

    assert len(losses) > 3
    assert sum(lost > 0 for lost in losses) > 1  # the recording is longer than two pieces; a database has empty ones
    assert end or max(losses) < len(whole.files)


def test_nothing_of_it_lies_in_the_clear(made: Path) -> None:
    """Neither in the file, nor beside it, nor left in the plant's folder; only its owner may read the file."""
    backup = made / "monday.age"

    assert b"hidden-works" not in backup.read_bytes()
    assert b"time,address" not in backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in made.iterdir()) == ["monday.age", "works"]
    assert list((made / "works" / DATA).glob(".lineside*")) == []


@pytest.mark.parametrize("touch", ["cut", "flip", "none"])
def test_what_is_damaged_restores_nothing(made: Path, tmp_path: Path, touch: str) -> None:
    """No folder appears, and nothing is left beside it."""
    data = bytearray((made / "monday.age").read_bytes())
    touched: dict[str, Callable[[], bytes]] = {
        "cut": lambda: bytes(data[: len(data) // 2]),
        "flip": lambda: bytes(data[:-100]) + bytes([data[-100] ^ 4]) + bytes(data[-99:]),
        "none": lambda: b"something else",
    }
    (tmp_path / "bad.age").write_bytes(touched[touch]())

    with pytest.raises(LinesideError, match=r"bad\.age"):
        restored(tmp_path / "bad.age", tmp_path / "again")
    with pytest.raises(LinesideError):
        unseal(tmp_path / "bad.age", KEY)

    assert [path.name for path in tmp_path.iterdir()] == ["bad.age"]


def test_a_running_node_seals_and_keeps_no_secret_key(made: Path, tmp_path: Path) -> None:
    """Though it was given one: its books, in every later backup, hold the public key alone."""
    works = Path(shutil.copytree(made / "works", tmp_path / "works"))
    (works / DATA / ".lineside-sealing-left").mkdir()
    with Node.open(works) as node:
        job = submit_backup(node.jobs, works, tmp_path / "tuesday.age", to=KEY.identity)
        while not (job := node.jobs.get(job.id)).state.over:
            pass
        assert job.state is JobState.DONE, job

    unseal(tmp_path / "tuesday.age", KEY)
    held = b"".join(path.read_bytes() for path in (works / DATA).rglob("*") if path.is_file())
    assert (works / LAST_BACKUP).exists()
    assert list((works / DATA).glob(".lineside*")) == []
    assert KEY.recipient.encode() in held
    assert KEY.identity.encode() not in held


def test_nothing_is_overwritten(made: Path, tmp_path: Path) -> None:
    """Neither by a sealed backup nor by what is made of one."""
    (tmp_path / "there.age").write_bytes(b"x")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "thesis.tex").write_text("important", "utf-8")

    with pytest.raises(ConfigurationError, match="already"):
        back_up(made / "works", tmp_path / "there.age", key=KEY)
    with pytest.raises(ConfigurationError, match="already"):
        restored(made / "monday.age", tmp_path / "again")
