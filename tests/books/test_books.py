from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text

from lineside.books import Base, Books, editions, record_edition
from lineside.books.books import HEAD
from lineside.books.migrations import upgrade
from lineside.errors import LinesideError
from lineside.hub.applications import ApplicationRecord
from lineside.hub.compare import ToldMonthRecord
from lineside.hub.records import StatementRecord
from lineside.jobs.records import JobRecord
from lineside.node.places import PlaceRecord
from lineside.twin.fit.keeping import TwinRecord
from lineside.valve import ToldRecord

FILE = Path("data") / "books.sqlite"
FIRST_VERSION = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE editions (id INTEGER NOT NULL, number INTEGER NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL,
    valid_from_us BIGINT, noticed_us BIGINT NOT NULL, live_since_us BIGINT, note TEXT NOT NULL,
    CONSTRAINT pk_editions PRIMARY KEY (id), CONSTRAINT uq_editions_number UNIQUE (number));
INSERT INTO editions VALUES (1, 1, 'a', 'old', NULL, 1, NULL, '');
CREATE TABLE jobs (id INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, params JSON NOT NULL,
    state TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT, message TEXT NOT NULL, result JSON, error_key TEXT,
    error_fields JSON, submitted_us BIGINT NOT NULL, started_us BIGINT, finished_us BIGINT,
    CONSTRAINT pk_jobs PRIMARY KEY (id));
CREATE INDEX ix_jobs_state ON jobs (state);
INSERT INTO jobs VALUES (1, 'import', 'March', '{}', 'queued', 0, NULL, '', NULL, NULL, NULL, 1, NULL, NULL);
"""


def test_the_migrations_make_the_tables_the_rooms_declare(tmp_path: Path) -> None:
    """What the rooms map and what the migrations build are the same, and the head is named right."""
    Books.open(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / FILE}")

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
    engine.dispose()

    assert {
        one.__tablename__
        for one in (ApplicationRecord, JobRecord, PlaceRecord, StatementRecord, ToldMonthRecord, ToldRecord, TwinRecord)
    } <= Base.metadata.tables.keys()
    assert differences == []
    assert head == HEAD


def test_a_migration_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """Migrations run inside the caller's transaction: one that is undone leaves no table behind."""
    books = Books.open(tmp_path / "first")
    books.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'second.sqlite'}", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert upgrade(connection, None)
        connection.exec_driver_sql("ROLLBACK")
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_books_of_the_first_version_keep_what_they_hold(tmp_path: Path) -> None:
    """Jobs and editions written before the tables changed are there after it, and the node goes on with them."""
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.executescript(FIRST_VERSION)

    with Books.open(tmp_path) as books, books.reading() as session:
        told = [edition.text for edition in editions(session)]
        jobs = [(job.title, job.starts) for job in session.scalars(select(JobRecord))]

    assert told == ["old"]
    assert jobs == [("March", 0)]


def test_opening_current_books_needs_no_migration_tool(tmp_path: Path) -> None:
    """Alembic is imported only when there is something to migrate, so a start stays quick."""
    Books.open(tmp_path).close()
    program = (
        "import sys; from pathlib import Path; from lineside.books import Books;"
        "Books.open(Path(sys.argv[1])).close(); print('alembic' in sys.modules)"
    )

    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"


def test_a_session_is_kept_whole_or_undone(tmp_path: Path) -> None:
    """What a session wrote is there when it ends well, and gone when it raises."""
    with Books.open(tmp_path) as books:
        with books.session() as session:
            record_edition(session, "kept", noticed_us=1)
        with suppress(KeyError), books.session() as session:
            record_edition(session, "undone", noticed_us=2)
            raise KeyError

    with Books.open(tmp_path) as books, books.session() as session:
        assert [edition.text for edition in editions(session)] == ["kept"]


def test_the_file_is_durable_and_keeps_its_references(tmp_path: Path) -> None:
    """The log is written ahead and synced at every commit, and foreign keys hold."""
    with Books.open(tmp_path) as books, books.session() as session:
        told = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]

    assert told == ["wal", 2, 1]


def test_sessions_of_many_threads_lose_nothing(tmp_path: Path) -> None:
    """Sessions that read and then write come one after another, so none is refused."""
    with Books.open(tmp_path) as books:

        def write(thread: int) -> None:
            for number in range(5):
                with books.session() as session:
                    record_edition(session, f"text {thread} {number}", noticed_us=number)

        threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with books.session() as session:
            assert [edition.number for edition in editions(session)] == list(range(1, 21))


def test_books_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    """A migration this version does not know stops it, and the file stays as it is."""
    Books.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(LinesideError) as raised:
        Books.open(tmp_path)

    assert raised.value.key == "books.newer_format"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """A file that is no database is said to be damaged, not shown as a traceback."""
    (tmp_path / "data").mkdir()
    (tmp_path / FILE).write_bytes(os.urandom(8192))

    with pytest.raises(LinesideError) as raised:
        Books.open(tmp_path)

    assert raised.value.key == "books.damaged"
    assert "books.sqlite" in str(raised.value)


def test_reading_waits_for_no_writer(tmp_path: Path) -> None:
    """While another transaction holds the one turn to write, what is stored is read at once."""
    with Books.open(tmp_path) as books:
        with books.session() as session:
            record_edition(session, "kept", noticed_us=1)
        with books.session() as writing:
            record_edition(writing, "not yet", noticed_us=2)
            began = time.monotonic()
            with books.reading() as session:
                found = [edition.text for edition in editions(session)]
            took = time.monotonic() - began

    assert found == ["kept"]
    assert took < 5
