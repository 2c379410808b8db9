from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError, FolderInUse, LinesideError, UnusableData
from lineside.history import SAMPLES, History
from lineside.jobs import JobState
from lineside.node import BOOKS, HISTORY, BackupDamaged, Manifest, Node, back_up, restore, submit_backup, verify
from lineside.node.backup import backup_job, require_place
from lineside.node.places import Places
from lineside.trust import KEY_FILE, Asked, Held, scan_ledger, stored_ledger

PATIENCE_S = 60
EVER = 2**60


def rows(series: int, numbers: range) -> pa.Table:
    """One sample a microsecond, valued with its own time."""
    time = np.array(numbers, np.int64)
    return pa.table(
        {
            "series": np.full(len(time), series, np.int32),
            "time": pa.array(time, pa.timestamp("us", "UTC")),
            "number": time.astype(np.float64),
            "text": pa.nulls(len(time), pa.string()),
            "quality": np.zeros(len(time), np.int16),
        }
    ).cast(SAMPLES)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plant, nothing running on it, and its backup: a history, a recording and an edition."""
    place = tmp_path_factory.mktemp("made")
    folder = place / "works"
    (folder / "import").mkdir(parents=True)
    (folder / "import" / "march.csv").write_text("time,address,value\n", "utf-8")
    (folder / "plant.toml").write_text('[site]\nid = "works"\ntimezone = "UTC"\n', "utf-8")
    with Node.open(folder) as node:
        node.history.append(rows(node.history.series("saw/load", kind="measure"), range(1000)))
        node.history.append(rows(1, range(1000, 3000)), bulk=True)
        node.history.hear("bench", 0, 5000)
    back_up(folder, place / "monday")
    return place


@pytest.fixture
def works(made: Path, tmp_path: Path) -> Path:
    """A copy of the plant."""
    return Path(shutil.copytree(made / "works", tmp_path / "works"))


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    """A copy of the backup: it may be moved."""
    return Path(shutil.copytree(made / "monday", tmp_path / "safe" / "monday"))


def test_a_backup_under_load_holds_all_that_was_acknowledged(works: Path, tmp_path: Path) -> None:
    """Writers go on while the node copies itself; what was stored before is in the copy, and each value once."""
    acknowledged, flowing, ending = 10_000, threading.Event(), threading.Event()

    def load(history: History) -> None:
        nonlocal acknowledged
        while not ending.is_set():
            history.append(rows(1, range(acknowledged, acknowledged + 500)), bulk=acknowledged % 1000 == 0)
            history.hear("bench", 0, acknowledged + 500)
            acknowledged += 500
            if acknowledged >= 20_000:
                flowing.set()

    with Node.open(works) as node:
        writer = threading.Thread(target=load, args=(node.history,))
        writer.start()
        assert flowing.wait(PATIENCE_S)
        before = acknowledged
        job = node.jobs.wait(submit_backup(node.jobs, works, tmp_path / "now").id, PATIENCE_S)
        ending.set()
        writer.join()
    restore(tmp_path / "now", tmp_path / "again")

    assert job.state is JobState.DONE
    with Node.open(tmp_path / "again") as node:
        numbers = node.history.read(1, 10_000, EVER, carry=False).number
        assert len(numbers) >= before - 10_000
        assert np.array_equal(numbers, np.arange(10_000, 10_000 + len(numbers)))
        assert node.history.heard("bench", 0, EVER)[-1, 1] >= before
        assert [job.kind for job in node.jobs.recent()] == []  # nobody waits for the backup there


def test_everything_of_the_folder_is_restored(works: Path, backup: Path, tmp_path: Path) -> None:
    """Plant file, recordings, history, coverage and editions are as they were; what belongs to a process is not."""
    (works / "data" / "node.log").write_text("old", "utf-8")

    restored = restore(backup, tmp_path / "again")

    assert set(restored.manifest.files) == {"plant.toml", "import/march.csv", "data/ledger.key", HISTORY, BOOKS}
    assert (tmp_path / "again" / "plant.toml").read_bytes() == (works / "plant.toml").read_bytes()
    with Node.open(tmp_path / "again") as node, Node.open(works) as old:
        assert node.history.read(1, 0, EVER).number.tolist() == list(range(3000))
        assert node.history.heard("bench", 0, EVER).tolist() == [[0, 5000]]
        assert [e.text for e in node.timeline.editions] == [e.text for e in old.timeline.editions]


def test_a_restore_is_told_in_the_ledger_and_found_by_a_head_held_elsewhere(
    works: Path, backup: Path, tmp_path: Path
) -> None:
    """A restored folder says so, and a head of what was written after the backup shows from where on that is gone."""
    with Node.open(works) as node, stored_ledger(works / BOOKS) as now:
        held = Held.of(node.ledger.head(), now.at, file="held")
    restore(backup, tmp_path / "again")

    assert (tmp_path / "again" / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with stored_ledger(tmp_path / "again" / BOOKS) as now:
        newest = now.page(Asked(), 1)[0]
        verdict = scan_ledger(now.entries()).verdict([], [held])
    assert (newest["kind"], newest["index"]) == ("backup.restored", held.head.size - 1)
    assert [one.key for one in verdict.wrong] == ["ledger.changed", "ledger.restored"]
    assert [one.fields["first"] for one in verdict.wrong[:1]] == [newest["index"]]


def test_hours_as_parquet_are_made_again(works: Path, tmp_path: Path) -> None:
    """They are no part of a backup, as the history holds all of it: the first upkeep after a restore writes them."""
    with (works / "plant.toml").open("a", encoding="utf-8") as file:
        file.write("[keep]\nparquet = true\n")
    upkeep(works)
    back_up(works, tmp_path / "tuesday")
    restored = restore(tmp_path / "tuesday", tmp_path / "again")
    bare = sorted((tmp_path / "again" / "data").iterdir())
    upkeep(tmp_path / "again")

    hours = [sorted(folder.glob("data/parquet/*/*.parquet")) for folder in (works, tmp_path / "again")]
    assert not any("parquet" in name for name in restored.manifest.files)
    assert "parquet" not in [path.name for path in bare]
    assert [path.name for path in hours[0]] == [path.name for path in hours[1]] == ["00.parquet"]
    assert hours[0][0].read_bytes() == hours[1][0].read_bytes()


def upkeep(folder: Path) -> None:
    """The job by which a node sorts closed hours, once."""
    with Node.open(folder) as node:
        assert node.jobs.wait(node.jobs.submit("compact", "Sort").id, PATIENCE_S).state is JobState.DONE


def test_a_restored_history_still_knows_repeats(backup: Path, tmp_path: Path) -> None:
    """What is sent again after a restore is stored once."""
    restore(backup, tmp_path / "again")

    with History.open(tmp_path / "again") as history:
        appended = history.append(rows(1, range(2900, 3100)))

    assert (appended.stored, appended.repeated) == (100, 100)


def test_nothing_is_overwritten(works: Path, backup: Path) -> None:
    """Neither a backup nor a restore touches a folder with something in it, and neither leaves anything behind."""
    kept = (backup / "manifest.json").read_bytes()

    for act in (lambda: back_up(works, backup), lambda: restore(backup, works)):
        with pytest.raises(ConfigurationError) as raised:
            act()
        assert raised.value.key == "books.target_exists"

    assert (backup / "manifest.json").read_bytes() == kept
    assert [path.name for path in backup.parent.iterdir()] == ["monday"]


def test_a_backup_lies_outside_of_the_plant(works: Path) -> None:
    """One inside would be in the next one, and die with the folder."""
    for place in (works / "data" / "monday", Path("monday")):
        with pytest.raises(ConfigurationError) as raised:
            require_place(works, place)
        assert raised.value.key == "node.backup_inside"


def test_a_folder_that_a_process_has_open_is_left_to_it(works: Path, tmp_path: Path) -> None:
    """Another process may not copy files that are written."""
    program = (
        "import sys; from pathlib import Path; from lineside.history import History\n"
        "with History.open(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, works], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(FolderInUse):
            back_up(works, tmp_path / "monday")
        owner.communicate()


def spoil(path: Path) -> None:
    """Turns one byte in the middle of a file round."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoilt", "damage", "harm"),
    [
        (HISTORY, "changed", spoil),
        (BOOKS, "size", lambda path: path.write_bytes(path.read_bytes()[:-1])),
        ("plant.toml", "missing", Path.unlink),
        ("import/march.csv", "changed", spoil),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_restored_on_demand(
    backup: Path, tmp_path: Path, spoilt: str, damage: str, harm: Callable[[Path], object]
) -> None:
    """One changed bit is found, the file told by name; `partly` restores what is whole and says what is not."""
    harm(backup / spoilt)

    for act in (lambda: verify(backup), lambda: restore(backup, tmp_path / "again")):
        with pytest.raises(BackupDamaged) as raised:
            act()
        assert raised.value.damages == {spoilt: damage}
        assert {*raised.value.whole, spoilt} == {"plant.toml", "import/march.csv", "data/ledger.key", HISTORY, BOOKS}
    assert not (tmp_path / "again").exists()
    restored = restore(backup, tmp_path / "again", partly=True)

    assert restored.left_out == (spoilt,)
    assert {name for name in restored.manifest.files if (tmp_path / "again" / name).exists()} == set(raised.value.whole)


def test_a_manifest_that_was_changed_proves_nothing(backup: Path) -> None:
    """Its own sum is checked first, so that a wrong sum in it never blames a sound file."""
    told = json.loads((backup / "manifest.json").read_text("utf-8"))
    told["files"]["plant.toml"]["sha256"] = "0" * 64
    (backup / "manifest.json").write_text(json.dumps(told), "utf-8")

    with pytest.raises(UnusableData) as raised:
        verify(backup)

    assert raised.value.key == "node.manifest_damaged"


def test_a_folder_without_manifest_is_no_backup(tmp_path: Path) -> None:
    """A half copied folder is told from a backup."""
    with pytest.raises(UnusableData) as raised:
        restore(tmp_path, tmp_path / "again")

    assert raised.value.key == "node.no_backup"


@pytest.mark.parametrize("later", [{"history_format": 99}, {"books_migration": "9999"}])
def test_a_backup_of_a_later_version_is_refused_before_anything_is_written(
    backup: Path, tmp_path: Path, later: dict[str, Any]
) -> None:
    """Its files would not open here; the version to install is named."""
    told = Manifest.read(backup)
    (backup / "manifest.json").unlink()
    Manifest(**{name: getattr(told, name) for name in told.__dataclass_fields__} | later).write(backup)

    with pytest.raises(LinesideError) as raised:
        restore(backup, tmp_path / "again")

    assert (raised.value.key, raised.value.fields["version"]) == ("node.backup_later", told.lineside)


def test_a_folder_an_older_or_a_later_version_wrote_is_backed_up_as_it_is(works: Path, tmp_path: Path) -> None:
    """A backup before an update changes nothing in the folder, and needs no knowledge of its tables."""
    with closing(sqlite3.connect(works / BOOKS)) as books, books:
        books.execute("UPDATE alembic_version SET version_num = '0001'")
    with duckdb.connect(str(works / HISTORY)) as history:
        history.execute("UPDATE format SET number = 7")

    back_up(works, tmp_path / "monday")

    told = verify(tmp_path / "monday")
    assert (told.history_format, told.books_migration) == (7, "0001")
    with closing(sqlite3.connect(works / BOOKS)) as books:
        assert books.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


def test_records_of_a_backup_are_never_ahead_of_its_history(works: Path, tmp_path: Path) -> None:
    """How far a source came is not kept without the values up to there: what came meanwhile is asked for again."""
    target, peer = tmp_path / "safe", ("mtconnect", "http://agent", None)

    class Meanwhile:
        def progress(self, done: int, total: int | None = None, message: str = "") -> None:
            raise NotImplementedError

        def check(self) -> None:
            node.history.append(rows(1, range(9000, 9001)))
            Places(node.books).keep("bench", peer, 9001)

    with Node.open(works) as node:
        backup_job(works, node.history.copy)(Meanwhile(), {"target": str(target)})

    restore(target, tmp_path / "again")
    with Books.open(tmp_path / "again") as books:
        assert Places(books).of("bench", peer) is None


def test_a_cancelled_backup_leaves_nothing(works: Path, tmp_path: Path) -> None:
    """Whoever stops it, or a disk that fails, leaves no half backup to be taken for one."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(works, tmp_path / "safe" / "monday", stop)

    assert list((tmp_path / "safe").iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(works: Path) -> None:
    """The reason of the system is in the sentence, and the plant is as before."""
    (works.parent / "file").write_text("", "utf-8")

    with pytest.raises(LinesideError) as raised:
        back_up(works, works.parent / "file" / "monday")

    assert raised.value.key == "books.target_failed"


def test_a_backup_may_be_moved(backup: Path, tmp_path: Path) -> None:
    """Copied to another disk, it is verified and restored there as well."""
    backup.rename(tmp_path / "stick")

    assert verify(tmp_path / "stick").values == 3000


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np, pyarrow as pa
from lineside.errors import LinesideError
from lineside.history import SAMPLES, History

def rows(first, count):
    time = np.arange(first, first + count)
    made = {"series": np.ones(count, np.int32), "time": pa.array(time, pa.timestamp("us", "UTC"))}
    made |= {"number": np.sqrt(time), "text": pa.nulls(count, pa.string()), "quality": np.zeros(count, np.int16)}
    return pa.table(made).cast(SAMPLES)

with History.open(Path(sys.argv[1])) as history:
    history.append(rows(10_000, 400_000), bulk=True)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    try:
        history.copy(Path(sys.argv[2]), lambda: None)
    except LinesideError as error:
        print(error.key)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(history.append(rows(1_000_000, 10)).stored, len(history.read(1, 10_000, 2_000_000, carry=False)))
"""


def test_a_full_disk_under_the_backup_does_not_concern_the_history(works: Path, tmp_path: Path) -> None:
    """The backup fails and says so; live values are stored all the while."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, works, tmp_path / "copy"], capture_output=True, text=True, check=False
    )

    assert ran.stdout.splitlines() == ["history.copy_full", "10 400010"], ran.stderr
