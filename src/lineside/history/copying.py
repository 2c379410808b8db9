"""Copies of the whole history, made while it is written, and the proof that a copy can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lineside.errors import FolderInUse, LinesideError, UnusableData
from lineside.history.database import owner_of, storage_error

_BATCH = 4 * 122_880
"""Rows at once: whole row groups of DuckDB."""

_TABLES = "SELECT table_name, sql FROM duckdb_tables() ORDER BY table_name"
_VIEWS = "SELECT sql FROM duckdb_views() WHERE NOT internal"
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "256MB", "threads": 1}


def copy_tables(cursor: duckdb.DuckDBPyConnection, path: Path, check: Callable[[], None]) -> dict[str, int]:
    """Writes all tables, as they stand at one moment, into a new file; gives back the rows of each.

    The cursor is in a transaction: what others write meanwhile is not seen, and nobody waits. The copy is a database
    of its own, so that a failing disk under it does not concern the history. `check` is called often and may raise.
    """
    rows: dict[str, int] = {}
    tables = cursor.execute(_TABLES).fetchall()
    views = cursor.execute(_VIEWS).fetchall()
    with _writing(path):
        copy = duckdb.connect(str(path), config=_SETTINGS)
    with copy:
        with _writing(path):
            for sql in (*(made for _, made in tables), *(made for (made,) in views)):
                copy.execute(sql)
            copy.begin()
        for name, _ in tables:
            rows[name] = 0
            for batch in cursor.sql(f"SELECT * FROM {name}").to_arrow_reader(_BATCH):
                check()
                with _writing(path):
                    copy.register("batch", batch)
                    copy.execute(f"INSERT INTO {name} SELECT * FROM batch")
                    copy.unregister("batch")
                rows[name] += batch.num_rows
        with _writing(path):
            copy.commit()
            copy.execute("CHECKPOINT")
    return rows


def copy_history(folder: Path, path: Path, check: Callable[[], None]) -> dict[str, int]:
    """The same of a history that no process has open; it is only read, also one a later Lineside wrote.

    Raises FolderInUse when a process has it open. A folder without a history gives no copy and no rows.
    """
    data = folder / "data"
    file = data / "history.duckdb"
    if not file.exists():
        return {}
    try:
        with duckdb.connect(str(file), read_only=True) as history:
            history.begin()
            return copy_tables(history, path, check)
    except duckdb.Error as error:
        if "lock on file" in str(error):
            raise FolderInUse("history.in_use", folder=str(folder), process=owner_of(file)) from error
        raise storage_error(error, file) from error


def rewrite_history(folder: Path, check: Callable[[], None]) -> None:
    """Puts a copy in the place of a history that no process has open: in it is nothing of what was erased.

    Safe to kill at any moment. Raises FolderInUse, UnusableData when the copy is not whole, LinesideError without room.
    """
    file = folder / "data" / "history.duckdb"
    fresh = file.with_suffix(".fresh")
    fresh.unlink(missing_ok=True)
    try:
        rows = copy_history(folder, fresh, check)
        if rows and examine_history(fresh)[1] != rows:
            raise UnusableData("history.damaged", file=str(fresh), detail="")
        if rows:
            fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def examine_history(path: Path, *, whole: bool = True) -> tuple[int, dict[str, int]]:
    """The format of a history file and the rows of each table, all of it read once where `whole`.

    Raises UnusableData, and FolderInUse when a process has the file open.
    """
    try:
        with duckdb.connect(str(path), read_only=True, config=_SETTINGS) as history:
            rows = {}
            for name, _ in history.execute(_TABLES).fetchall():
                # what is read is checked against the sums DuckDB keeps of its blocks
                read = f"bit_xor(hash({name}))" if whole else "0"
                found = history.execute(f"SELECT count(*), {read} FROM {name}").fetchall()
                rows[name] = int(found[0][0])
            return int(history.execute("SELECT max(number) FROM format").fetchall()[0][0]), rows
    except duckdb.Error as error:
        if "lock on file" in str(error):
            raise FolderInUse("history.in_use", folder=str(path.parent.parent), process=owner_of(path)) from error
        raise UnusableData("history.damaged", file=str(path), detail=str(error).splitlines()[0]) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """What fails in here is the copy's disk, not that of the history."""
    try:
        yield
    except duckdb.Error as error:
        told = storage_error(error, path)
        if not isinstance(told, LinesideError):
            raise
        if told.key == "history.disk_full":
            raise LinesideError("history.copy_full", file=str(path)) from error
        raise LinesideError("history.copy_failed", file=str(path), detail=str(error).splitlines()[0]) from error
