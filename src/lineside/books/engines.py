"""Where books may lie, SQLite or PostgreSQL: how their transactions begin, and what their troubles mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from lineside.errors import ConfigurationError, LinesideError

READS = "lineside_reads"
"""The execution option of a connection that only looks."""
HOLDS = "lineside_holds"
"""The same of one that holds a lock and changes nothing."""
_BUSY_S = 30
_UNREACHABLE_S = 10
_ALIVE = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""So the server knows within a minute that a computer is gone, and lets its locks go."""
_LOCK = 0x4C696E65  # "Line": one writer at a time, as in a file
_FILE_TROUBLE = {
    sqlite3.SQLITE_FULL: "books.disk_full",
    sqlite3.SQLITE_BUSY: "books.busy",
    sqlite3.SQLITE_NOTADB: "books.damaged",
    sqlite3.SQLITE_CORRUPT: "books.damaged",
    sqlite3.SQLITE_READONLY: "books.read_only",
    sqlite3.SQLITE_IOERR: "books.disk_failed",
    sqlite3.SQLITE_CANTOPEN: "books.disk_failed",
}
_SERVER_TROUBLE = {
    None: "books.unreachable",  # no answer, so no code either
    "08006": "books.unreachable",
    "28000": "books.unreachable",
    "28P01": "books.unreachable",
    "3D000": "books.unreachable",
    "57P01": "books.unreachable",
    "57P03": "books.unreachable",
    "53100": "books.disk_full",
    "55P03": "books.busy",
    "25006": "books.read_only",
    "42501": "books.read_only",
    "58030": "books.disk_failed",
    "XX001": "books.damaged",
}
"""By SQLSTATE, appendix A of PostgreSQL's manual."""


def file_engine(path: Path) -> Engine:
    """Books in a file of SQLite, durable at each commit."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The sqlite3 module must not begin transactions by itself: it would leave migrations half done.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(READS) else "BEGIN IMMEDIATE")

    return engine


def look_engine(path: Path) -> Engine:
    """A file of books to be read only."""
    # what a killed process left in the log belongs to the file; without one it may lie on a disk that is read only
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    address = f"{path.resolve().as_uri()}?{how}"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=StaticPool)


def server_engine(url: str) -> Engine:
    """Books in a database of PostgreSQL that is theirs alone. Raises ConfigurationError."""
    try:
        told = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("books.no_url") from error
    if told.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigurationError("books.no_url")
    try:
        engine = create_engine(
            told.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": _UNREACHABLE_S, "options": f"-c lock_timeout={_BUSY_S}s {_ALIVE}"},
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise ConfigurationError("books.no_driver") from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(HOLDS):
            return
        if options.get(READS):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


@contextmanager
def told_plainly(name: str) -> Iterator[None]:
    """Names what is wrong with the books called `name` in the catalogue's words; other errors pass as they are."""
    try:
        yield
    except DatabaseError as error:
        key = _key(error)
        if key is None:
            raise
        raise LinesideError(key, file=name, detail=str(error.orig).strip()) from error


def _key(error: DatabaseError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _FILE_TROUBLE.get(code & 0xFF)  # the low byte is the primary code
    state = getattr(error.orig, "sqlstate", "")
    if error.connection_invalidated:
        return "books.unreachable"
    return _SERVER_TROUBLE.get(state)
