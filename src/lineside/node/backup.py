"""Backups: the whole plant folder as it stands at one moment, taken while the node runs."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from lineside import __version__
from lineside.books import Books, copy_books, examine_books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.history import History, copy_history, examine_history
from lineside.jobs import Job, JobContext, Jobs, Work, forget_unfinished
from lineside.node.manifest import BOOKS, HISTORY, Kept, Manifest, durable, sum_file

BACKUP = "backup"
LAST_BACKUP = "data/backup.json"
_OF_THE_PROCESS = ("history.*", "books.*", "node.json", "node.log*", "backup.json")
"""Files in data/ that are copied by other means, or belong to the process that runs."""

_CopyHistory: TypeAlias = Callable[[Path, Callable[[], None]], dict[str, int]]
_CopyBooks: TypeAlias = Callable[[Path, Path], bool]


def back_up(folder: Path, target: Path, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Backs up a plant folder that no process has open. Raises FolderInUse when one has."""
    return _make(folder, target, lambda path, look: copy_history(folder, path, look), copy_books, check)


def backup_job(folder: Path, history: History) -> Work:
    """The job kind "backup", of a folder this process has open: param `target`, a full path where nothing is yet."""

    def run(context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        return _make(folder, Path(params["target"]), history.copy, _copy_own_books, context.check)

    return run


def submit_backup(jobs: Jobs, folder: Path, target: Path) -> Job:
    """Queues a backup. Raises ConfigurationError where it cannot be written to `target`."""
    require_place(folder, target)
    return jobs.submit(BACKUP, str(target), {"target": str(target)})


def require_place(folder: Path, target: Path) -> None:
    """Raises ConfigurationError unless `target` is a full path outside of the folder where nothing is yet."""
    if not target.is_absolute() or target.resolve().is_relative_to(folder.resolve()):
        raise ConfigurationError("node.backup_inside", target=str(target), folder=str(folder))
    require_new(target)


def require_new(target: Path) -> None:
    """Raises ConfigurationError where something is at `target` already: nothing is ever overwritten."""
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise ConfigurationError("node.backup_exists", target=str(target))


def _make(
    folder: Path, target: Path, history: _CopyHistory, books: _CopyBooks, check: Callable[[], None]
) -> dict[str, Any]:
    """Makes the backup beside its place and moves it there when it is whole; gives back what it holds in short."""
    require_place(folder, target)
    with appearing(target) as making:
        (making / "data").mkdir()
        rows = history(making / HISTORY, check)
        format_, migration = 0, ""
        if rows:  # what was written is read again: a backup that cannot be read is none
            format_, found = examine_history(making / HISTORY)
            require_same(found, rows, target)
        if books(folder, making / BOOKS):
            migration = examine_books(making / BOOKS)
        files = {name: _sealed(making / name, check) for name in (HISTORY, BOOKS) if (making / name).exists()}
        for path in _others(folder):
            name = path.relative_to(folder).as_posix()
            with durable(making / name) as into:
                files[name] = sum_file(path, check, into)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(made, __version__, str(folder.resolve()), format_, migration, rows, files)
        manifest.write(making)
    _note(folder, made, target)
    return {
        "target": str(target),
        "files": len(files),
        "bytes": sum(kept.bytes for kept in files.values()),
        "values": manifest.values,
    }


def _note(folder: Path, made: str, target: Path) -> None:
    """Writes down when the last backup was made. A folder that cannot be written has one all the same."""
    with suppress(OSError):
        (folder / LAST_BACKUP).write_text(json.dumps({"made": made, "target": str(target)}) + "\n", "utf-8")


def require_same(found: Mapping[str, int], rows: Mapping[str, int], folder: Path) -> None:
    """Raises UnusableData unless a copied history holds the rows it should."""
    if found != rows:
        raise UnusableData("node.backup_differs", file=HISTORY, folder=str(folder))


def _others(folder: Path) -> Iterator[Path]:
    """All files of a plant folder but the history, the books and what belongs to the process that runs."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] == "data" and any(Path(*inside.parts[:2]).match(f"data/{name}") for name in _OF_THE_PROCESS):
            continue
        if path.is_file() and not path.name.startswith(".lineside-"):
            yield path


def _sealed(path: Path, check: Callable[[], None]) -> Kept:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sum_file(path, check)


def _copy_own_books(folder: Path, path: Path) -> bool:
    """Without the job in the midst of which they are copied: where they are restored, nobody waits for it."""
    copied = copy_books(folder, path)
    with Books(path) as books:
        forget_unfinished(books, BACKUP)
    return copied


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill that takes its place when the block ends well, durably, and is gone when it does not.

    Raises LinesideError in words where the disk or the rights on it are in the way.
    """
    making = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f".lineside-{target.name}-", dir=target.parent))
        yield making
        require_new(target)
        for folder in (making, *(path for path in making.rglob("*") if path.is_dir())):
            sync_folder(folder)
        making.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LinesideError(
            "node.backup_failed", target=str(target), file=str(error.filename), reason=reason
        ) from error
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
