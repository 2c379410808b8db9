"""Reads a table, a view or a SELECT of a database by its SQLAlchemy URL, and never writes.

Four locks, as no single one holds everywhere: one statement only, and it begins with SELECT or WITH; a transaction
the database itself keeps from writing, where its dialect has one; every transaction is rolled back; and the login
should be one that may only read, which is the database's matter.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lineside.connect.sheets import Cell, Sheet, SheetRow
from lineside.connect.wording import without_password
from lineside.errors import ConfigurationError, LinesideError, Unreachable, UnusableData
from lineside.plant import Feed, is_name

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnClause, Connection, Engine, Select

LONGEST_CELL = 100_000
_DRIVERS = dict.fromkeys(("postgres", "postgresql"), "postgresql+psycopg") | {
    name: f"{name}+pymysql" for name in ("mysql", "mariadb")
}
_EXTRAS = {"postgresql": "lineside[postgresql]", "mysql": "lineside[mysql]", "mariadb": "lineside[mysql]"}
_MYSQL = frozenset({"mysql", "mariadb"})
_STOPPED = frozenset({1969, 3024})
"""What MariaDB and MySQL say of a statement that they ended because it took too long."""
_NO_DATE = "0000-00-00"
"""What MySQL keeps where there is no date, and the driver gives as text."""
_READ_ONLY = {"sqlite": "PRAGMA query_only = ON"} | dict.fromkeys(
    ("mariadb", "mysql", "oracle"), "SET TRANSACTION READ ONLY"
)
"""What keeps a dialect from writing; PostgreSQL has it among the arguments of its connection."""


class Viewed(NamedTuple):
    """What was read."""

    sheet: Sheet
    last: Any
    """From which value of the column `since` on the next reading goes on, as the database gave it."""
    more: bool
    """Whether there are rows beyond the limit, from `last` on."""


def read_view(feed: Feed, folder: Path, last: Any = None) -> Viewed:
    """The rows, numbered from 1 in their order; with `last` those from there on. A password file lies in `folder`.

    It blocks, at most about twice `timeout_s` where the driver can stop.

    Raises ConfigurationError for what can never work, Unreachable for what may work again, UnusableData for more
    rows than the limit. The password is in none of them.
    """
    url = _url_of(feed)
    secret = _password_of(feed, folder) if url.username else None
    if secret:
        url = url.set(password=secret)
    try:
        with _engine(url, feed) as engine, _read_only(engine, feed) as connection:
            return _read(connection, feed, last)
    except LinesideError:
        raise
    except Exception as error:  # noqa: BLE001 - drivers agree on no error for what the network does to them
        if (getattr(getattr(error, "orig", None), "args", None) or (None,))[0] in _STOPPED:
            raise Unreachable("sql.slow", feed=feed.id, seconds=f"{feed.timeout_s:g}") from None
        raise Unreachable(
            "sql.failed", feed=feed.id, url=without_password(feed.url), reason=_reason(error, secret)
        ) from None


def _url_of(feed: Feed) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(feed.url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError("sql.url", feed=feed.id) from error
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _password_of(feed: Feed, folder: Path) -> str | None:
    """The password from the file, which nobody else may read, or from the environment."""
    if feed.password_file is None:
        return os.environ.get(feed.password_env)
    path = folder / feed.password_file
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("sql.password_unreadable", feed=feed.id, file=str(path)) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError("sql.password_open", feed=feed.id, file=str(path), mode=f"{stat.S_IMODE(mode):o}")
    return text


@contextmanager
def _engine(url: URL, feed: Feed) -> Iterator[Engine]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool

    backend = url.get_backend_name()
    try:
        url, arguments = _arguments(url, feed.timeout_s)
        engine = create_engine(url, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = _EXTRAS.get(backend) or getattr(error, "name", None) or url.drivername
        raise ConfigurationError("sql.driver", feed=feed.id, dialect=backend, package=driver) from error
    try:
        yield engine
    finally:
        engine.dispose()


def _arguments(url: URL, timeout_s: float) -> tuple[URL, dict[str, Any]]:
    """What makes the driver read only and impatient, as far as it can."""
    seconds = max(1, round(timeout_s))
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:"):
            return url, {}
        file = url.database if url.database.startswith("file:") else Path(url.database).absolute().as_uri()
        return url.set(database=file, query={"mode": "ro", "uri": "true"}), {"timeout": timeout_s}
    if backend == "postgresql":
        limit_ms = round(timeout_s * 1000)
        options = f"-c default_transaction_read_only=on -c statement_timeout={limit_ms}"
        patience = {"connect_timeout": seconds, "tcp_user_timeout": limit_ms}
        return url, {"options": options, "application_name": "lineside", **patience}
    if backend in _MYSQL:  # the server ends a statement itself; one that does not is left after twice that time
        return url, {"connect_timeout": seconds, "read_timeout": 2 * seconds}
    return url, {}


@contextmanager
def _read_only(engine: Engine, feed: Feed) -> Iterator[Connection]:
    """A connection in a transaction that cannot write, where the dialect has one; always rolled back."""
    with engine.connect() as connection:
        if engine.dialect.name in _MYSQL:
            _hurry(connection, feed.timeout_s)
        if engine.dialect.name in _READ_ONLY:
            connection.exec_driver_sql(_READ_ONLY[engine.dialect.name])
        try:
            with _stopped_in_time(connection, feed):
                yield connection
        finally:
            connection.rollback()


def _hurry(connection: Connection, timeout_s: float) -> None:
    """Lets the server end a statement that takes too long; the driver would only leave it to go on there."""
    version = connection.dialect.server_version_info or ()
    if getattr(connection.dialect, "is_mariadb", False):
        if version >= (10, 1, 1):
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {timeout_s:f}")
    elif version >= (5, 7, 8):
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {round(timeout_s * 1000)}")


@contextmanager
def _stopped_in_time(connection: Connection, feed: Feed) -> Iterator[None]:
    """Stops a statement of SQLite, which has no time limit of its own."""
    stop = getattr(connection.connection.driver_connection, "interrupt", None)
    if stop is None:
        yield
        return
    late = threading.Event()

    def end() -> None:
        late.set()
        stop()

    watch = threading.Timer(feed.timeout_s, end)
    watch.daemon = True
    watch.start()
    try:
        yield
    except Exception:
        if late.is_set():
            raise Unreachable("sql.slow", feed=feed.id, seconds=f"{feed.timeout_s:g}") from None
        raise
    finally:
        watch.cancel()


def _read(connection: Connection, feed: Feed, last: Any) -> Viewed:
    result = connection.execute(_query(connection, feed, last))
    columns = tuple(result.keys())
    found = result.all()
    more = len(found) > feed.most
    rows = found[: feed.most]
    newest = last
    if feed.since is None:
        if more:
            raise UnusableData("sql.too_many", feed=feed.id, most=feed.most)
    elif rows:
        at = next(i for i, name in enumerate(columns) if name.lower() == feed.since.lower())
        newest = found[-1][at]  # with more to come that of the first row left: the next reading begins with it
        if more and newest == rows[0][at]:
            raise UnusableData("sql.stuck", feed=feed.id, most=feed.most, column=feed.since, value=newest)
    sheet = Sheet(feed.id, None, (), columns, tuple(_rows(rows)))
    return Viewed(sheet, newest, more)


def _query(connection: Connection, feed: Feed, last: Any) -> Select[Any]:
    from sqlalchemy import bindparam, literal_column, select, text

    quote = connection.dialect.identifier_preparer.quote
    if is_name(feed.select):
        source = ".".join(quote(part) for part in feed.select.split("."))
    else:
        source = f"(\n{feed.select}\n) lineside_view"
    query: Select[Any] = select(literal_column("*")).select_from(text(source.replace(":", r"\:"))).limit(feed.most + 1)
    if feed.since is not None:
        column: ColumnClause[Any] = literal_column(quote(feed.since))
        query = query.where(column.is_not(None)).order_by(column)
        if last is not None:
            query = query.where(column >= bindparam("last", last))
    return query


def _rows(rows: Sequence[Sequence[Any]]) -> Iterator[SheetRow]:
    for number, row in enumerate(rows, 1):
        yield SheetRow(number, tuple(_cell(value) for value in row))


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value.startswith(_NO_DATE) else value.strip()[:LONGEST_CELL]
    if isinstance(value, bytes):
        return _cell(_of_bytes(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if isinstance(value, int | float | datetime | time | timedelta) else str(value)[:LONGEST_CELL]


def _of_bytes(value: bytes) -> str | int:
    """The text in a binary column, or the number in a bit field; hexadecimal digits of anything else."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text:
        return text
    return int.from_bytes(value) if len(value) == 1 else value.hex()


def _reason(error: Exception, secret: str | None) -> str:
    """What the database or driver says, in one line and without the password."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())[:300] or type(error).__name__
    return said.replace(secret, "***") if secret else said
