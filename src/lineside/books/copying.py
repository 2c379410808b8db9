"""Copies of the books, made while they are written, and the proof that a copy can be read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
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
    try:
        # what a killed process left in the log belongs to the file; without one it may lie on a disk that is read only
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as books:
            found = str(books.execute("PRAGMA integrity_check").fetchone()[0])
            if found == "ok":
                return str(books.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except sqlite3.Error as error:
        found = str(error)
    raise UnusableData("books.damaged", file=str(path), detail=found.splitlines()[0])
