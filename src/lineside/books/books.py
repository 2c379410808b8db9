"""The books of a plant folder: opened, brought up to date, handed out in short sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from lineside.errors import ConfigurationError, LinesideError

HEAD = "0013"
"""The newest migration; kept here so that Alembic is imported only when there is one to run."""

_BUSY_S = 30
_READS = "lineside_reads"
_TROUBLE = {
    sqlite3.SQLITE_FULL: "books.disk_full",
    sqlite3.SQLITE_BUSY: "books.busy",
    sqlite3.SQLITE_NOTADB: "books.damaged",
    sqlite3.SQLITE_CORRUPT: "books.damaged",
    sqlite3.SQLITE_READONLY: "books.read_only",
    sqlite3.SQLITE_IOERR: "books.disk_failed",
    sqlite3.SQLITE_CANTOPEN: "books.disk_failed",
}


class Books:
    """The relational records of one folder; what a session has written is on disk when it ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path)
        try:
            with self._told_plainly():
                self._bring_up_to_date()
        except BaseException:
            self._engine.dispose()
            raise
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._readings = sessionmaker(self._engine.execution_options(**{_READS: True}))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The books of a plant folder, made or migrated where needed."""
        data = Path(folder) / "data"
        data.mkdir(parents=True, exist_ok=True)
        return cls(data / "books.sqlite")

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: kept when the block ends well, undone when it raises. Keep it short.

        Sessions of different threads come one after another, so none can fail for having read what
        another changed meanwhile.
        """
        with self._told_plainly(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the records as they stand, which waits for no writer; never write in it."""
        with self._told_plainly(), self._readings() as session:
            yield session

    def close(self) -> None:
        """Gives the file up."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bring_up_to_date(self) -> None:
        with self._engine.begin() as connection:
            found = _revision(connection)
            if found != HEAD:
                from lineside.books.migrations import upgrade

                if not upgrade(connection, found):
                    raise ConfigurationError("books.newer_format", file=str(self._path), found=found)

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Names what is wrong with the file in the catalogue's words; other errors pass as they are."""
        try:
            yield
        except DatabaseError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
            if code not in _TROUBLE:
                raise
            raise LinesideError(_TROUBLE[code], file=str(self._path), detail=str(error.orig)) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _engine(path: Path) -> Engine:
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
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")

    return engine
