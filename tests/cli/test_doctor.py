from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from click.testing import Result

from lineside.books import Books, record_edition
from lineside.cli.serving import FIRST_PORT
from lineside.history import SAMPLES
from lineside.node import BOOKS, HISTORY, LAST_BACKUP, Node
from tests.cli.people import PEOPLE
from tests.provider import provider
from tests.shared import turn

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
    assert "The history takes 0.0" in told.output
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


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant folder that ran and was stopped."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    with Node.open(tmp_path):
        pass
    return tmp_path


def signs(run: Run, folder: Path) -> dict[str, list[str]]:
    """What the doctor says of the folder, by verdict; its exit code is that of what it says."""
    told = run("doctor", folder, "--json")
    answer = json.loads(told.output)
    found: dict[str, list[str]] = {"well": [], "note": [], "wrong": []}
    for sign in answer["signs"]:
        assert sign["cure"] or sign["verdict"] == "well", sign
        found[sign["verdict"]].append(sign["text"])
    assert (told.exit_code, answer["well"]) == ((1, False) if found["wrong"] else (0, True))
    return found


def test_a_sound_folder_is_told_to_programs(run: Run, works: Path) -> None:
    """One JSON object with every sign, its verdict and its cure; files were read, and the missing backup is noted."""
    found = signs(run, works)

    assert found["wrong"] == []
    assert {"The history is sound: 0 values.", "The records are sound."} <= set(found["well"])
    assert "No backup was ever made of this folder." in found["note"]


def test_the_age_of_the_last_backup_is_told(run: Run, works: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A fresh one is well; one of last week's week is a note that says how to make another."""
    run("backup", works, tmp_path_factory.mktemp("safe") / "monday")
    fresh = signs(run, works)
    note = works / LAST_BACKUP
    note.write_text(note.read_text("utf-8").replace('"made": "20', '"made": "19'), "utf-8")
    old = signs(run, works)

    assert any(text.startswith("The last backup was made 0 days ago") for text in fresh["well"])
    assert any(text.startswith("The last backup was made 365") for text in old["note"])


@pytest.mark.parametrize("name", [HISTORY, BOOKS])
def test_a_damaged_file_is_found(run: Run, works: Path, name: str) -> None:
    """Files that no node has open are read, and the one that is not sound is named."""
    path = works / name
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])

    assert any(str(path) in text for text in signs(run, works)["wrong"])


def test_hours_as_parquet_are_read(run: Run, works: Path) -> None:
    """Well while they are as written; one that is not is named, with what to do."""
    with Node.open(works) as node:
        row = {
            "series": [node.history.series("saw/load")],
            "time": [0],
            "number": [1.0],
            "text": [None],
            "quality": [0],
        }
        node.history.append(pa.table(row, SAMPLES), bulk=True)
        node.history.write_hours(10**12, lambda: None)
    well = signs(run, works)["well"]
    (works / "data" / "parquet" / "day=1970-01-01" / "00.parquet").write_bytes(b"PAR1")

    assert "1 closed hours as Parquet are as they were written." in well
    assert any("day=1970-01-01/00.parquet" in text for text in signs(run, works)["note"])


def test_files_of_a_later_version_are_found(run: Run, works: Path) -> None:
    """Before a node refuses them, the doctor says which version is needed."""
    with closing(sqlite3.connect(works / BOOKS)) as books, books:
        books.execute("UPDATE alembic_version SET version_num = '9999'")
    with duckdb.connect(str(works / HISTORY)) as history:
        history.execute("UPDATE format SET number = 99")

    wrong = signs(run, works)["wrong"]

    assert wrong == ["A later Lineside wrote the history.", "A later Lineside wrote the records."]


def test_what_a_killed_node_left_needs_no_repair(run: Run, works: Path) -> None:
    """Stale marks of a process that is gone are told as such, so that nobody deletes a log that belongs to the data."""
    (works / "data" / "history.owner").write_text("1", "ascii")
    (works / "data" / "node.json").write_text('{"url": "http://127.0.0.1:9", "process": 1}', "utf-8")

    found = signs(run, works)

    assert "The last node was killed or lost power." in found["note"]
    assert found["wrong"] == []


def test_a_process_that_holds_the_folder_and_answers_nothing_is_named(run: Run, works: Path) -> None:
    """An open history without a node that answers is what keeps the next node from starting."""
    program = (
        "import sys; from pathlib import Path; from lineside.history import History\n"
        "with History.open(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, works], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        found = signs(run, works)
        owner.communicate()

    assert found["wrong"] == [f"Process {owner.pid} has the folder open, but no node answers."]


def test_what_an_old_edition_says_to_nobody_any_more_is_a_note(run: Run, works: Path) -> None:
    """An edition that an earlier version took names what this one does not read, with the cure, running or not."""
    text = (works / "plant.toml").read_text("utf-8")
    with Books.open(works) as books, books.session() as session:
        record_edition(session, text.replace("[site]", '[site]\ncolour = "red"'), noticed_us=2**50)
        record_edition(session, text, noticed_us=2**50)

    found = signs(run, works)

    (told,) = [note for note in found["note"] if "colour" in note]
    assert "dition 2" in told
    assert "valid_from" in run("doctor", works).output


def test_a_clock_before_the_last_write_is_wrong(run: Run, works: Path) -> None:
    """Values would be stored before those that are there."""
    os.utime(works / HISTORY, (time.time() + 86_400,) * 2)

    (wrong,) = signs(run, works)["wrong"]

    assert "later than this computer's clock" in wrong


def test_a_mistake_in_the_plant_file_has_its_line_and_cure(run: Run, works: Path) -> None:
    """As `check` says it, for programs too."""
    (works / "plant.toml").write_text(PEOPLE.replace('"UTC"', '"Mars/Phobos"'), "utf-8")

    wrong = signs(run, works)["wrong"]

    assert any("plant.toml:3: site.timezone: Mars/Phobos" in text for text in wrong)


def test_the_next_free_port_is_told(run: Run, works: Path, common: Path) -> None:
    """Where another program has the usual port, people learn where the pages would be."""
    with turn(common, "usual-port"), closing(socket.socket()) as other:  # another test that has it gives it up
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it already
            other.bind(("127.0.0.1", FIRST_PORT))
            other.listen()
        found = signs(run, works)

    assert any(text.startswith(f"Port {FIRST_PORT} is taken") for text in found["note"])


def test_a_database_that_a_feed_names_is_tried(run: Run, works: Path) -> None:
    """Without a node each feed is read once: its rows are counted, and one that cannot be read is named."""
    with closing(sqlite3.connect(works / "erp.db")) as erp, erp:
        erp.execute("CREATE TABLE orders (number TEXT)")
        erp.execute("INSERT INTO orders VALUES ('A-1'), ('A-2')")
    feeds = "".join(
        f'[feed.{name}]\nkind = "orders"\nurl = "sqlite:///{works / file}"\nselect = "orders"\n'
        for name, file in (("erp", "erp.db"), ("old", "gone.db"))
    )
    (works / "plant.toml").write_text(PEOPLE + feeds, "utf-8")

    found = signs(run, works)

    assert "Feed erp was read: 2 rows." in found["well"]
    assert [text.partition(":")[0] for text in found["wrong"]] == ["old"]


def test_a_provider_of_sign_ins_is_tried(run: Run, works: Path) -> None:
    """It answers with keys that can be used, or is named with what is wrong: here a secret that is not there."""
    with provider() as there:
        told = f'[sign_in.works]\nname = "Works"\nissuer = "{there.issuer}"\nclient_id = "node"\n'
        (works / "plant.toml").write_text(PEOPLE + told, "utf-8")
        well = signs(run, works)["well"]
        (works / "plant.toml").write_text(PEOPLE + told + 'secret_env = "LINESIDE_NO_SUCH"\n', "utf-8")
        wrong = signs(run, works)["wrong"]

    assert "People can sign in by Works: it answers, and its keys are known." in well
    assert ["LINESIDE_NO_SUCH" in text for text in wrong] == [True]
    assert any(text.startswith("works:") for text in signs(run, works)["wrong"])
