"""Copies of the books, made while they are written, and the proof that a copy can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from lineside.books.engines import look_engine
from lineside.errors import LinesideError, UnusableData


def copy_books(folder: Path, path: Path) -> bool:
    """Writes the books of a folder, as they stand at one moment, into a new file; False where there are none.

    Nobody waits for it, and it waits for nobody.
    """
    file = folder / "data" / "books.sqlite"
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as books, closing(sqlite3.connect(path)) as copy:
            books.backup(copy)
    except sqlite3.Error as error:
        raise LinesideError("books.copy_failed", file=str(file), copy=str(path), detail=str(error)) from error
    return True


def examine_books(path: Path) -> str:
    """The last migration of a file of books that nobody has open, all of it read once. Raises UnusableData."""
    with looking(path) as books:
        found = str(books.exec_driver_sql("PRAGMA integrity_check").scalar())
        if found != "ok":
            raise UnusableData("books.damaged", file=str(path), detail=found.splitlines()[0])
        return str(books.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def stored_editions(path: Path) -> list[tuple[int, int | None, str]]:
    """Number, beginning (microseconds; None: from the beginning) and text of each edition in a file of books.

    It may be in use. Raises UnusableData.
    """
    with looking(path) as books:
        found = books.exec_driver_sql("SELECT number, valid_from_us, text FROM editions ORDER BY number")
        return [(number, start, text) for number, start, text in found]


@contextmanager
def looking(path: Path) -> Iterator[Connection]:
    """A file of books, to be read only; it may be in use. Raises UnusableData for one that cannot be read."""
    engine = look_engine(path)
    try:
        with engine.connect() as books:
            books.exec_driver_sql("BEGIN")
            yield books
    except DatabaseError as error:
        raise UnusableData("books.damaged", file=str(path), detail=str(error.orig).splitlines()[0]) from error
    finally:
        engine.dispose()
