"""Copies of the books, made while they are written, and the proof that a copy can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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
        found = str(books.execute("PRAGMA integrity_check").fetchone()[0])
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        return str(books.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def stored_editions(path: Path) -> list[tuple[int, int | None, str]]:
    """Number, beginning (microseconds; None: from the beginning) and text of each edition in a file of books.

    It may be in use. Raises UnusableData.
    """
    with looking(path) as books:
        return books.execute("SELECT number, valid_from_us, text FROM editions ORDER BY number").fetchall()


@contextmanager
def looking(path: Path, *, threads: bool = False) -> Iterator[sqlite3.Connection]:
    """A file of books, to be read only; it may be in use. Raises UnusableData for one that cannot be read.

    With `threads` one thread after the other may look.
    """
    try:
        # what a killed process left in the log belongs to the file; without one it may lie on a disk that is read only
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, check_same_thread=not threads)
        ) as books:
            yield books
    except sqlite3.Error as error:
        raise UnusableData("books.damaged", file=str(path), detail=str(error).splitlines()[0]) from error
