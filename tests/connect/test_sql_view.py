"""A read-only view of a database: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lineside.connect.sql_view import Viewed, read_view
from lineside.errors import LinesideError, Unreachable, UnusableData
from lineside.plant import Feed
from tests.postgres import Postgres, needed

SECRET = "s3cr:et/%40?"
TABLE = """CREATE TABLE orders (
    no VARCHAR(20), item VARCHAR(20), qty NUMERIC(10, 2), due TIMESTAMP, changed INTEGER)"""
ROWS = [
    ("A-1", "flange", 100, "2026-11-27 14:00:00", 1),
    ("A-2", " bolt ", 7.5, None, 2),
    ("A-3", "flange", 20, "2026-11-28 06:00:00", 2),
    ("A-4", "flange", 30, None, 3),
]


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    """A database with four orders."""
    file = tmp_path / "e r p.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(TABLE)
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", ROWS)
    return file


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL with the same orders, a reader with a password, and a clerk who may write."""
    values = ", ".join(str(row).replace("None", "NULL") for row in ROWS)
    with Postgres(needed()) as server:
        server.run(
            TABLE,
            f"INSERT INTO orders VALUES {values}",  # noqa: S608 - the rows above
            f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'",
            f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'",
            "GRANT SELECT ON orders TO reader",
            "GRANT ALL ON orders TO clerk",
            "CREATE SCHEMA sap",
            'CREATE VIEW sap."Open" AS SELECT no, item FROM orders WHERE due IS NULL',
            "GRANT USAGE ON SCHEMA sap TO reader",
            'GRANT SELECT ON sap."Open" TO reader',
            """CREATE FUNCTION spoil() RETURNS integer LANGUAGE plpgsql AS
            $$ BEGIN UPDATE orders SET qty = 0; RETURN 1; END $$""",
        )
        yield server


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """The password in the environment."""
    monkeypatch.setenv("LINESIDE_SQL_PASSWORD", SECRET)
    return SECRET


def feed(url: str, select: str = "orders", **told: Any) -> Feed:
    """A feed as the plant file has it."""
    return Feed.model_validate({"id": "erp", "url": url, "select": select, "timeout_s": 5, **told})


def read(view: Feed, last: object = None) -> Viewed:
    """Reads a feed of a plant whose folder is the root."""
    return read_view(view, Path("/"), last)


def lite(file: Path, select: str = "orders", **told: Any) -> Feed:
    """A view of the SQLite database."""
    return feed(f"sqlite:///{file}", select, **told)


def keys(view: Feed, last: object = None) -> list[object]:
    """The first cell of each row that is read."""
    return [row.cells[0] for row in read(view, last).sheet.rows]


def refusal(view: Feed) -> LinesideError:
    """What is said instead of rows."""
    with pytest.raises(LinesideError) as refused:
        read(view)
    for language in ("en", "zh"):
        assert SECRET not in refused.value.sentence(language)
        assert not refused.value.sentence(language).startswith("sql.")
        assert refused.value.cure(language)
    return refused.value


def test_a_table_is_read_whole(erp: Path) -> None:
    """Columns, texts trimmed, numbers and empty cells come as a sheet with its rows numbered."""
    sheet = read(lite(erp)).sheet

    assert sheet.columns == ("no", "item", "qty", "due", "changed")
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4]
    assert sheet.rows[1].cells == ("A-2", "bolt", 7.5, "", 2)


def test_a_select_is_read_with_its_colons_and_percents(erp: Path) -> None:
    """Texts and casts in a SELECT reach the database as they stand."""
    select = "SELECT no, 'at 06:30 100% :x' AS note FROM orders -- insert; here\nWHERE item LIKE 'fl%' ORDER BY no;"

    sheet = read(lite(erp, select)).sheet

    assert [row.cells for row in sheet.rows] == [(no, "at 06:30 100% :x") for no in ("A-1", "A-3", "A-4")]


def test_reading_goes_on_from_a_column(erp: Path) -> None:
    """After the first reading only rows from the greatest value on come, the equal ones again."""
    first = read(lite(erp, since="changed"))
    with closing(sqlite3.connect(erp)) as database, database:
        database.execute("INSERT INTO orders VALUES ('A-5', 'bolt', 1, NULL, 4)")

    assert first.last == 3
    assert keys(lite(erp, since="changed"), first.last) == ["A-4", "A-5"]


def test_a_long_backlog_comes_in_parts(erp: Path) -> None:
    """With a column to go on from, the limit parts the rows and loses none."""
    view = lite(erp, "SELECT no, changed FROM orders", since="CHANGED", most=2)
    parts = [read(view)]
    while parts[-1].more:
        parts.append(read(view, parts[-1].last))

    assert [[row.cells[0] for row in part.sheet.rows] for part in parts] == [["A-1", "A-2"], ["A-2", "A-3"], ["A-4"]]


@pytest.mark.parametrize(
    ("most", "since", "key"), [(2, None, "sql.too_many"), (2, "item", "sql.stuck"), (9, "later", "sql.failed")]
)
def test_a_limit_never_cuts_silently(erp: Path, most: int, since: str | None, key: str) -> None:
    """More rows than the limit are told, and so is a column that cannot part them or is not there."""
    assert refusal(lite(erp, "SELECT * FROM orders WHERE item = 'flange'", since=since, most=most)).key == key


def test_sqlite_is_opened_for_reading_only(erp: Path) -> None:
    """The file is not made when it is missing, and is left as it is, byte for byte."""
    before = erp.read_bytes()
    keys(lite(erp))

    assert erp.read_bytes() == before
    assert refusal(lite(erp.with_name("gone.sqlite"))).key == "sql.failed"
    assert not erp.with_name("gone.sqlite").exists()


def test_a_select_without_end_is_stopped(erp: Path) -> None:
    """A statement that takes too long is ended, and that is told."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS top FROM n"
    view = feed(f"sqlite:///{erp}", endless, timeout_s=0.2)

    assert refusal(view).key == "sql.slow"


def test_a_password_file_is_for_its_owner(tmp_path: Path) -> None:
    """One that others may read is refused, as is one that is not there."""
    file = tmp_path / "erp.password"
    view = feed("postgresql://reader@127.0.0.1:1/db", "orders", password_file=str(file))
    assert refusal(view).key == "sql.password_unreadable"

    file.write_text(SECRET, "utf-8")
    file.chmod(0o640)

    assert refusal(view).key == "sql.password_open"


def test_a_missing_driver_is_named() -> None:
    """The error says what to install."""
    error = refusal(feed("nosuchbase://reader@h/db", "orders"))

    assert error.key == "sql.driver"
    assert "nosuchbase" in error.sentence("en")


# PostgreSQL


def test_postgresql_is_read_with_a_password_file(postgres: Postgres, tmp_path: Path) -> None:
    """Tables, views in schemas and times come; the password comes from a file of mode 600."""
    file = tmp_path / "erp.password"
    file.write_text(f"{SECRET}\n", "utf-8")
    file.chmod(0o600)
    table = read(feed(postgres.url("reader"), "orders", password_file=str(file))).sheet
    view = read(feed(postgres.url("reader"), "sap.Open", password_file=str(file))).sheet

    assert table.rows[0].cells == ("A-1", "flange", 100, datetime(2026, 11, 27, 14), 1)  # noqa: DTZ001 - local
    assert [row.cells for row in view.rows] == [("A-2", "bolt"), ("A-4", "flange")]


@pytest.mark.usefixtures("secret")
def test_postgresql_goes_on_from_a_column(postgres: Postgres) -> None:
    """Casts, percents and the last value of a reading work there as well."""
    select = "SELECT no, changed::bigint AS at, '50%' AS note FROM orders WHERE item LIKE '%a%'"
    view = feed(postgres.url("reader"), select, since="at", most=2)

    first = read(view)

    assert (first.more, keys(view, first.last)) == (True, ["A-4"])


@pytest.mark.usefixtures("secret")
def test_postgresql_is_kept_from_writing(postgres: Postgres) -> None:
    """A SELECT that writes behind its own back is refused by the database, also for who may write."""
    error = refusal(feed(postgres.url("clerk"), "SELECT spoil()"))

    assert "read-only transaction" in error.sentence("en")
    assert read(feed(postgres.url("clerk"), "orders")).sheet.rows[0].cells[2] == 100


@pytest.mark.usefixtures("secret")
def test_postgresql_stops_what_takes_too_long(postgres: Postgres) -> None:
    """The database itself ends a statement after the limit."""
    error = refusal(feed(postgres.url("reader"), "SELECT pg_sleep(20)", timeout_s=0.2))

    assert isinstance(error, Unreachable)
    assert "statement timeout" in error.sentence("en")


def test_a_wrong_password_is_told_without_it(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the error, nor what it was raised from, nor a log holds a password."""
    monkeypatch.setenv("LINESIDE_SQL_PASSWORD", "wr0ng-and-secret")
    with caplog.at_level(logging.DEBUG), pytest.raises(Unreachable) as refused:
        read(feed(postgres.url("reader"), "orders"))

    assert "password authentication failed" in refused.value.sentence("en")
    assert refused.value.__cause__ is None
    assert "wr0ng" not in refused.value.sentence("en") + caplog.text


@pytest.mark.usefixtures("secret")
def test_a_database_that_is_away_is_told(postgres: Postgres) -> None:
    """A port that nobody listens at, and tables that are not there, are told with the database's words."""
    assert "refused" in refusal(feed("postgresql://reader@127.0.0.1:1/erp", "orders", timeout_s=2)).sentence("en")
    missing = refusal(feed(postgres.url("reader"), "nowhere")).sentence("en")
    assert missing.startswith(f"Feed erp: postgresql://127.0.0.1:{postgres.port}/postgres gave no rows: ")
    assert "nowhere" in missing


@pytest.mark.usefixtures("secret")
def test_many_readings_leave_no_connection(postgres: Postgres) -> None:
    """Each reading closes what it opened, and several may run at once."""
    view = feed(postgres.url("reader"), "orders")
    threads = [threading.Thread(target=read, args=(view,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    count = "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'lineside' AND pid <> pg_backend_pid()"
    assert keys(feed(postgres.url("reader"), count)) == [0]


def test_too_many_is_unusable(erp: Path) -> None:
    """Whoever makes the view must act, so it is not tried as if the database were away."""
    assert isinstance(refusal(lite(erp, most=1)), UnusableData)
