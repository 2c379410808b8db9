"""Examines the disk under a plant folder and the files in it, without opening what a node has open."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lineside.books import HEAD, examine_books, stored_editions
from lineside.cli.signs import Sign
from lineside.cli.terminal import language, words
from lineside.errors import FolderInUse, LinesideError, UnusableData
from lineside.history import FORMAT, HOURS, examine_history, examine_hours
from lineside.node import BOOKS, DATA, HISTORY, LAST_BACKUP
from lineside.plant import Edition

_LEAST_FREE = 2 * 2**30
_SLOW_COMMIT_MS = 50.0
_COMMITS = 5
_READ_WHOLE = 2 * 2**30
"""A history up to this size is read to its last row; of a larger one only the head, as that takes minutes."""

_SHOWN = 4
_BACKUP_DAYS = 7
_CLOCK_TOLERANCE_S = 120
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def file_signs(folder: Path, *, running: bool) -> Iterator[Sign]:
    """The files of a plant: may they be written, are they sound, and what the last process left behind."""
    data = folder / DATA
    if not data.is_dir():
        return
    yield from _rights(data)
    yield from _times(data)
    if not running:
        yield from _databases(folder)
        yield from _hours(data / HOURS)
    yield from _old_editions(folder / BOOKS)


def _rights(data: Path) -> Iterator[Sign]:
    known = [path for path in (data, *sorted(data.iterdir())) if path == data or path.is_file()]
    if closed := [path.name for path in known if not os.access(path, os.R_OK | os.W_OK)]:
        yield Sign("wrong", words("doctor.rights", files=", ".join(closed)), words("doctor.rights.cure"))


def _times(data: Path) -> Iterator[Sign]:
    """A clock that stands before what was written is wrong now, or was then."""
    newest = max((path.stat().st_mtime for path in data.iterdir()), default=0.0)
    if newest > time.time() + _CLOCK_TOLERANCE_S:
        moment = datetime.fromtimestamp(newest, UTC).isoformat(" ", "seconds")
        yield Sign("wrong", words("doctor.clock_back", moment=moment), words("doctor.clock_back.cure"))


def _databases(folder: Path) -> Iterator[Sign]:
    """The history and the books of a folder nobody works on."""
    history, books = folder / HISTORY, folder / BOOKS
    try:
        if history.exists():
            whole = history.stat().st_size <= _READ_WHOLE
            found, rows = examine_history(history, whole=whole)
            yield _of_version(found > FORMAT, "history", "doctor.history", values=f"{rows['cold'] + rows['hot']:,}")
        if books.exists():
            yield _of_version(examine_books(books) > HEAD, "books", "doctor.books")
    except FolderInUse as error:
        yield Sign("wrong", words("doctor.held", process=error.fields["process"]), words("doctor.held.cure"))
        return
    except LinesideError as error:
        yield Sign("wrong", error.sentence(language()), error.cure(language()))
    if (history.with_suffix(".owner")).exists():
        yield Sign("note", words("doctor.killed"), words("doctor.killed.cure"))


def _old_editions(books: Path) -> Iterator[Sign]:
    """Editions of the plant file of which this version reads less than the one that took them."""
    try:
        stored = stored_editions(books) if books.exists() else []
    except UnusableData:
        return  # which is told already
    for number, begins, text in stored:
        if aside := Edition(number, begins, "", text).set_aside:
            what = "; ".join(f"{one.key} ({one.sentence(language()).rstrip('.。')})" for one in aside)
            yield Sign("note", words("doctor.edition", number=number, what=what), words("doctor.edition.cure"))


def _hours(folder: Path) -> Iterator[Sign]:
    """The closed hours as Parquet, where there are any."""
    count, wrong = examine_hours(folder)
    if wrong:
        shown = ", ".join(wrong[:_SHOWN]) + (", …" if len(wrong) > _SHOWN else "")
        yield Sign("note", words("doctor.hours_wrong", files=shown), words("doctor.hours_wrong.cure", folder=folder))
    elif count:
        yield Sign("well", words("doctor.hours", count=f"{count:,}"))


def _of_version(later: bool, what: str, key: str, **fields: object) -> Sign:
    if later:
        return Sign("wrong", words("doctor.later", what=words(f"doctor.{what}_name")), words("doctor.later.cure"))
    return Sign("well", words(key, **fields))


def backup_signs(folder: Path) -> Iterator[Sign]:
    """How old the last backup is of a plant that has anything to back up."""
    if (folder / DATA).is_dir():
        yield _last_backup(folder)


def _last_backup(folder: Path) -> Sign:
    cure = words("doctor.backup.cure", folder=folder)
    try:
        told = json.loads((folder / LAST_BACKUP).read_text("utf-8"))
        days = (datetime.now(UTC) - datetime.fromisoformat(told["made"])).days
        text = words("doctor.backup", days=days, target=told["target"])
    except (OSError, ValueError, KeyError, TypeError):
        return Sign("note", words("doctor.no_backup"), cure)
    return Sign("well" if days <= _BACKUP_DAYS else "note", text, cure)


def is_clock_free() -> bool:
    """Whether the system knows that no time server sets its clock; False where it cannot be asked."""
    if sys.platform != "linux":
        return False
    whole_struct = ctypes.create_string_buffer(512)  # struct timex, all zero: only ask
    return bool(ctypes.CDLL(None).adjtimex(whole_struct) == _UNSYNCHRONISED)


def disk_signs(folder: Path) -> Iterator[Sign]:
    """Room and speed of the disk under a plant folder."""
    free = shutil.disk_usage(folder).free
    size = sum(f.stat().st_size for f in (folder / DATA).rglob("*") if f.is_file())
    enough = free >= _LEAST_FREE
    text = words("doctor.disk", free=_gib(free), size=_gib(size))
    yield Sign("well" if enough else "wrong", text, words("doctor.disk.cure"))
    try:
        commit_ms = _commit_ms(folder)
    except OSError as error:
        yield Sign("wrong", words("doctor.read_only", reason=error.strerror), words("doctor.read_only.cure"))
        return
    text = words("doctor.commit", ms=f"{commit_ms:.1f}")
    yield Sign("well" if commit_ms < _SLOW_COMMIT_MS else "note", text, words("doctor.commit.cure"))


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"


def _commit_ms(folder: Path) -> float:
    """The median time a small durable write takes here."""
    path = folder / f".lineside-doctor-{os.getpid()}"
    times = []
    try:
        with path.open("wb") as file:
            for _ in range(_COMMITS):
                began = time.perf_counter()
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    finally:
        path.unlink(missing_ok=True)
    return sorted(times)[_COMMITS // 2]
