from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lineside.errors import ConfigurationError, FolderInUse, LinesideError
from lineside.history import History

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from lineside.history import History
with History.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_owns_the_folder(tmp_path: Path) -> None:
    """A folder has one owner; the other is told its process, and may come when it is gone."""
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(FolderInUse) as raised:
            History.open(tmp_path)
        owner.communicate()

    assert raised.value.fields == {"folder": str(tmp_path), "process": str(owner.pid)}
    History.open(tmp_path).close()


def test_one_process_opens_a_folder_once(tmp_path: Path) -> None:
    """Two histories over one file would store repeats, so the second is refused."""
    with History.open(tmp_path), pytest.raises(FolderInUse):
        History.open(tmp_path)
    History.open(tmp_path).close()


def test_a_file_from_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """Tables of a later format are not touched."""
    History.open(tmp_path).close()
    with duckdb.connect(tmp_path / "data" / "history.duckdb") as connection:
        connection.execute("UPDATE format SET number = 99")

    with pytest.raises(ConfigurationError) as raised:
        History.open(tmp_path)

    assert raised.value.key == "history.newer_format"


def test_a_closed_history_says_so(tmp_path: Path) -> None:
    """Using a history after it was closed is a named mistake."""
    history = History.open(tmp_path)
    history.close()

    with pytest.raises(LinesideError) as raised:
        history.read(1, 0, 1)

    assert raised.value.key == "history.closed"


FIRST_FORMAT = """
CREATE TABLE format (number INTEGER NOT NULL);
INSERT INTO format VALUES (1);
CREATE TABLE series (id INTEGER NOT NULL, key VARCHAR NOT NULL, kind VARCHAR NOT NULL, unit VARCHAR NOT NULL);
CREATE TABLE hot (
    series INTEGER NOT NULL, time TIMESTAMP NOT NULL, seq INTEGER NOT NULL,
    number DOUBLE, text VARCHAR, quality TINYINT NOT NULL, received TIMESTAMP NOT NULL);
CREATE TABLE cold (
    series INTEGER NOT NULL, time TIMESTAMP NOT NULL, seq INTEGER NOT NULL,
    number DOUBLE, text VARCHAR, quality TINYINT NOT NULL, received TIMESTAMP NOT NULL);
CREATE VIEW samples AS SELECT * FROM cold UNION ALL SELECT * FROM hot;
CREATE TABLE arrivals (day DATE NOT NULL, loose BIGINT NOT NULL, sorted BIGINT NOT NULL);
CREATE TABLE coverage (source VARCHAR NOT NULL, "start" BIGINT NOT NULL, "end" BIGINT NOT NULL);
CREATE TABLE events (
    subject VARCHAR NOT NULL, time TIMESTAMP NOT NULL, kind VARCHAR NOT NULL,
    severity SMALLINT NOT NULL, detail VARCHAR NOT NULL, received TIMESTAMP NOT NULL);
INSERT INTO series VALUES (1, 'mill/load', 'measure', 'kW');
INSERT INTO cold VALUES (1, make_timestamp(5), 0, 1.5, NULL, 0, make_timestamp(9));
INSERT INTO hot VALUES (1, make_timestamp(7), 0, 2.5, NULL, 0, make_timestamp(9));
INSERT INTO coverage VALUES ('mill', 0, 10);
"""


def test_a_history_of_the_first_format_keeps_what_it_holds(tmp_path: Path) -> None:
    """It is brought up to date when it is opened, in one transaction, and then is like a new one."""
    (tmp_path / "old" / "data").mkdir(parents=True)
    with duckdb.connect(tmp_path / "old" / "data" / "history.duckdb") as connection:
        connection.execute(FIRST_FORMAT)
    History.open(tmp_path / "new").close()

    with History.open(tmp_path / "old") as history:
        assert history.read(1, 0, 100).number.tolist() == [1.5, 2.5]
        assert history.heard("mill", 0, 100).tolist() == [[0, 10]]

    made = []
    for name in ("old", "new"):
        with duckdb.connect(tmp_path / name / "data" / "history.duckdb", read_only=True) as connection:
            tables = connection.execute("SELECT table_name, sql FROM duckdb_tables() ORDER BY 1").fetchall()
            made.append((tables, connection.execute("SELECT number FROM format").fetchall()))
    assert made[0] == made[1]
