"""The one DuckDB file: who owns it, how it is shared by threads, how it comes back after a failed disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from lineside.errors import FolderInUse, LinesideError

CACHE_MB = 32
"""What is kept in memory of what is on disk, beyond a minute or the step of an upkeep."""
_OUT_OF_SPACE = ("no space left", "disk quota", "file too large", "not enough space")

# DuckDB hands out its open instance again when one process opens a file twice; two histories with
# memories of their own over one file would store repeats.
_open_here: set[Path] = set()
_open_here_guard = threading.Lock()


class Database:
    """Cursors on one DuckDB file that this process owns until `close`.

    Every use of a cursor is counted. When the disk fails under a commit, DuckDB closes itself to all
    further work; the file is then reopened as soon as no cursor is in use, and `opened` is called
    again, because nobody can know whether the failed commit was kept.
    """

    def __init__(
        self, path: Path, *, memory_limit_mb: int, opened: Callable[[duckdb.DuckDBPyConnection], None]
    ) -> None:
        self._path = path.resolve()
        self._owner_file = path.with_suffix(".owner")
        self._memory_limit_mb = memory_limit_mb
        self._settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_limit_mb}MB",
            "threads": 2,
            "temp_directory": str(path.with_suffix(".tmp")),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._opened = opened
        self._gate = threading.Condition()
        self._in_use = 0
        self._closed = False
        self._connection: duckdb.DuckDBPyConnection | None = None
        with _open_here_guard:
            if self._path in _open_here:
                raise self._in_use_by(str(os.getpid()))
            _open_here.add(self._path)
        try:
            self._connect()
            self._owner_file.write_text(str(os.getpid()), "ascii")
        except BaseException as error:
            self._disconnect()
            _open_here.discard(self._path)
            if isinstance(error, OSError):
                raise storage_error(error, self._path) from error
            raise

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one piece of work in the calling thread; what fails in it rolls back."""
        cursor = self._enter()
        broken = False
        try:
            yield cursor
        except duckdb.Error as error:
            broken = _has_broken(error)
            if (told := storage_error(error, self._path)) is error:
                raise
            raise told from error
        finally:
            cursor.close()
            self._leave(broken=broken)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside one transaction: durable when the block ends well, undone when it does not."""
        with self.cursor() as cursor:
            cursor.begin()
            yield cursor
            cursor.commit()

    def shrink(self, cache_mb: int) -> None:
        """Keeps at most so much of what is on disk in memory too, and gives back to the system what is free."""
        with self.cursor() as cursor:
            with suppress(duckdb.OutOfMemoryException):  # more is in use just now
                cursor.execute(f"SET memory_limit = '{cache_mb}MB'")
            cursor.execute(f"SET memory_limit = '{self._memory_limit_mb}MB'")

    def close(self) -> None:
        """Waits for work in progress, writes the log into the file and gives the folder up."""
        with self._gate:
            self._gate.wait_for(lambda: not self._in_use)
            if self._closed:
                return
            self._closed = True
            self._disconnect()
        self._owner_file.unlink(missing_ok=True)
        _open_here.discard(self._path)

    def _enter(self) -> duckdb.DuckDBPyConnection:
        with self._gate:
            if self._connection is None:
                self._gate.wait_for(lambda: not self._in_use)
            if self._closed:
                raise LinesideError("history.closed", folder=str(self._path.parent))
            connection = self._connection or self._connect()
            self._in_use += 1
            return connection.cursor()

    def _leave(self, *, broken: bool) -> None:
        with self._gate:
            self._in_use -= 1
            if broken:
                self._disconnect()
            self._gate.notify_all()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            if not self._path.exists():
                self._make()
            connection = duckdb.connect(str(self._path), config=self._settings)
            self._connection = connection
            self._opened(connection)
        except duckdb.Error as error:
            self._disconnect()
            if "lock on file" in str(error):
                raise self._in_use_by(owner_of(self._path)) from error
            if (told := storage_error(error, self._path)) is error:
                raise
            raise told from error
        return connection

    def _make(self) -> None:
        """Makes an empty file under another name first: one half made, on a full disk say, would never open again."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        duckdb.connect(str(fresh), config=self._settings).close()
        fresh.rename(self._path)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _in_use_by(self, process: str) -> FolderInUse:
        return FolderInUse("history.in_use", folder=str(self._path.parent.parent), process=process)


def owner_of(path: Path) -> str:
    """The process that wrote itself down as owner of a file; a question mark where it could not, or has just gone."""
    try:
        return path.with_suffix(".owner").read_text("ascii") or "?"
    except OSError:
        return "?"


def storage_error(error: duckdb.Error | OSError, path: Path) -> Exception:
    """The error to show for one of DuckDB's or the system's: a full or failing disk is named, a bug stays itself."""
    folder = str(path.parent)
    if any(words in str(error).lower() for words in _OUT_OF_SPACE):
        return LinesideError("history.disk_full", folder=folder)
    if isinstance(error, duckdb.FatalException | duckdb.IOException | OSError):
        return LinesideError("history.disk_failed", folder=folder, detail=str(error).splitlines()[0])
    return error


def _has_broken(error: duckdb.Error) -> bool:
    return isinstance(error, duckdb.FatalException | duckdb.IOException | duckdb.InternalException)
