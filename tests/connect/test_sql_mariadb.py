"""A read-only view of MariaDB, where it is installed: through PyMySQL, as a view of MySQL would be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lineside.connect.sql_view import Viewed, read_view
from lineside.errors import LinesideError, Unreachable
from lineside.plant import Feed
from tests.mariadb import MariaDb, needed

SECRET = "s3cr:et/%40?"
TABLE = """CREATE TABLE orders (
    no VARCHAR(20), qty DECIMAL(12, 3), due DATETIME, open TINYINT(1), held BIT(1), batch VARBINARY(20), at DATE)"""
ROWS = [
    "('A-1', 100, '2026-11-27 14:00:00', 1, b'0', 'K-1', '2026-11-27')",
    "(' 法兰 ', 7.5, '0000-00-00', 0, b'1', x'00ff', NULL)",
]


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    """A MariaDB with two orders, a reader with a password, and a clerk who may write."""
    needed()
    with MariaDb() as server:
        server.run(
            "USE erp",
            "SET sql_mode = ''",  # as old ERPs have it: without it no date could be 0000-00-00
            TABLE,
            f"INSERT INTO orders VALUES {', '.join(ROWS)}",  # noqa: S608 - the rows above
            f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{SECRET}'",
            f"CREATE USER clerk@'127.0.0.1' IDENTIFIED BY '{SECRET}'",
            "GRANT SELECT ON erp.* TO reader@'127.0.0.1'",
            "GRANT ALL ON erp.* TO clerk@'127.0.0.1'",
            "CREATE FUNCTION spoil() RETURNS INT BEGIN UPDATE orders SET qty = 0; RETURN 1; END",
        )
        yield server


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password in the environment."""
    monkeypatch.setenv("LINESIDE_SQL_PASSWORD", SECRET)


def read(url: str, select: str = "orders", last: object = None, **told: Any) -> Viewed:
    """Reads a feed as the plant file has it."""
    feed = Feed.model_validate({"id": "erp", "url": url, "select": select, "timeout_s": 5, **told})
    return read_view(feed, Path("/"), last)


def refusal(url: str, select: str = "orders", **told: Any) -> LinesideError:
    """What is said instead of rows."""
    with pytest.raises(LinesideError) as refused:
        read(url, select, **told)
    assert SECRET not in refused.value.sentence()
    return refused.value


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql"])
def test_the_types_of_an_erp_come_as_cells(server: MariaDb, scheme: str) -> None:
    """A decimal as a number, a day without a date as an empty cell, a switch as 0 or 1, binary text as text."""
    sheet = read(server.url("reader", scheme)).sheet

    assert [row.cells for row in sheet.rows] == [
        ("A-1", 100, datetime(2026, 11, 27, 14), 1, 0, "K-1", datetime(2026, 11, 27)),  # noqa: DTZ001 - local
        ("法兰", 7.5, "", 0, 1, "00ff", ""),
    ]


def test_a_select_comes_as_it_stands(server: MariaDb) -> None:
    """With colons, percents and a table of another schema, from where the last reading ended."""
    select = "SELECT no, due, 'at 06:30 100% :x' AS note FROM erp.orders WHERE no LIKE 'A%'"
    first = read(server.url("reader"), select, since="due")

    assert [row.cells[::2] for row in first.sheet.rows] == [("A-1", "at 06:30 100% :x")]
    assert len(read(server.url("reader"), select, first.last, since="due").sheet.rows) == 1


def test_nothing_is_written_even_by_who_may(server: MariaDb) -> None:
    """The transaction is read only: a function that writes is refused by the database itself."""
    error = refusal(server.url("clerk"), "SELECT spoil() AS x")

    assert "READ ONLY" in error.sentence()
    assert server.run("SELECT SUM(qty) FROM erp.orders") == [(107.5,)]


def test_a_statement_that_takes_too_long_is_ended_at_the_server(server: MariaDb) -> None:
    """The database does not go on with what nobody waits for."""
    assert refusal(server.url("reader"), "SELECT SLEEP(600) AS x", timeout_s=0.5).key == "sql.slow"
    assert not server.run("SELECT id FROM information_schema.processlist WHERE user = 'reader'")


def test_a_wrong_password_and_a_server_away_are_told(server: MariaDb, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as both are right again the rows come."""
    url = server.url("reader")
    server.stop()
    away = refusal(url)
    server.start()
    monkeypatch.setenv("LINESIDE_SQL_PASSWORD", "wrong")
    denied = refusal(url)
    monkeypatch.setenv("LINESIDE_SQL_PASSWORD", SECRET)

    assert isinstance(away, Unreachable)
    assert "denied" in denied.sentence()
    assert len(read(url).sheet.rows) == 2
