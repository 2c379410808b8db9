"""Backups: the whole plant folder as it stands at one moment, taken while the node runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from lineside import __version__
from lineside.books import (
    HEAD,
    Books,
    Kept,
    appearing,
    copy_books,
    durable,
    examine_books,
    require_new,
    sum_file,
    sync_folder,
)
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.history import HOURS, copy_history, examine_history
from lineside.jobs import Job, JobContext, Jobs, Work, forget_unfinished
from lineside.node.intake import now_us
from lineside.node.manifest import BOOKS, HISTORY, Manifest
from lineside.node.sealed import PLAIN, plain_place, seal
from lineside.node.telling import BY, backed_up
from lineside.trust import HERE, SECRETS_KEY, Kind, Ledger, OwnerKey

BACKUP = "backup"
TO = "to"
"""The parameter that names the public key to which a backup is sealed."""
LAST_BACKUP = "data/backup.json"
_OF_THE_PROCESS = (
    "history.*",
    "books.*",
    "node.json",
    "node.secret",
    "node.log*",
    "hub.log*",
    "folder.owner",
    "backup.json",
    "uploads",
    HOURS,
    f"{PLAIN}*",
)
"""What in data/ is copied by other means, is made of the history again, or belongs to the process that runs."""

_CopyHistory: TypeAlias = Callable[[Path, Callable[[], None]], dict[str, int]]
_CopyBooks: TypeAlias = Callable[[Path, Path], bool]


def back_up(
    folder: Path, target: Path, check: Callable[[], None] = lambda: None, key: OwnerKey | None = None
) -> dict[str, Any]:
    """Backs up a plant folder that no process has open, sealed to a `key` where one is given.

    Raises FolderInUse when one has.
    """
    made = _make(folder, target, lambda path, look: copy_history(folder, path, look), copy_books, check, key)
    if made.pop("migration") == HEAD:  # the books of another version stay as they are
        with suppress(LinesideError), Books(folder / BOOKS) as books:  # a folder that is read only has a backup too
            Ledger(books, now_us).append(Kind.BACKUP, who=HERE, about="node", **backed_up(made))
    return made


def no_history(_: Path, check: Callable[[], None]) -> dict[str, int]:
    """Of a folder without one nothing is copied."""
    check()
    return {}


def backup_job(folder: Path, history: _CopyHistory) -> Work:
    """The job kind "backup", of a folder this process has open: param `target`, a full path where nothing is yet."""

    def run(context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        key = None if params.get(TO) is None else OwnerKey.parse(params[TO], TO)
        made = _make(folder, Path(params["target"]), history, _copy_own_books, context.check, key)
        return {name: value for name, value in made.items() if name != "migration"}

    return run


def submit_backup(jobs: Jobs, folder: Path, target: Path, by: str = HERE, to: str | None = None) -> Job:
    """Queues a backup that `by` asks for, as the ledger names them, sealed `to` a public key where one is given.

    Raises ConfigurationError for a bad `target` or key.
    """
    require_place(folder, target)
    if to is None:
        return jobs.submit(BACKUP, str(target), {"target": str(target), BY: by})
    public = OwnerKey.parse(to, TO).recipient  # a secret one stays out of the books
    return jobs.submit(BACKUP, str(target), {"target": str(target), BY: by, TO: public})


def require_place(folder: Path, target: Path) -> None:
    """Raises ConfigurationError unless `target` is a full path outside of the folder where nothing is yet."""
    if not target.is_absolute() or target.resolve().is_relative_to(folder.resolve()):
        raise ConfigurationError("node.backup_inside", target=str(target), folder=str(folder))
    require_new(target)


def _make(
    folder: Path,
    target: Path,
    history: _CopyHistory,
    books: _CopyBooks,
    check: Callable[[], None],
    key: OwnerKey | None = None,
) -> dict[str, Any]:
    """Makes the backup beside its place and moves it there when it is whole; gives back what it holds in short.

    One that is sealed lies in the clear on the plant's own volume alone.
    """
    require_place(folder, target)
    if key is None:
        with appearing(target) as making:
            manifest = _fill(making, folder, history, books, check, leave_secrets=True)
        size = sum(kept.bytes for kept in manifest.files.values())
    else:
        with plain_place(folder / "data") as making:
            manifest = _fill(making, folder, history, books, check)
            size = seal(making, tuple(manifest.files), target, key, check)
        sync_folder(target.parent)
    _note(folder, manifest.made, target)
    return {
        "target": str(target),
        "files": len(manifest.files),
        "bytes": size,
        "values": manifest.values,
        "migration": manifest.books_migration,
    }


def _fill(
    making: Path,
    folder: Path,
    history: _CopyHistory,
    books: _CopyBooks,
    check: Callable[[], None],
    *,
    leave_secrets: bool = False,
) -> Manifest:
    """Copies a plant into a folder, and writes what was copied."""
    (making / "data").mkdir()
    format_, migration = 0, ""
    if books(folder, making / BOOKS):  # first: what they call done, and how far sources came, is in the history
        migration = examine_books(making / BOOKS)
    rows = history(making / HISTORY, check)
    if rows:  # what was written is read again: a backup that cannot be read is none
        format_, found = examine_history(making / HISTORY)
        require_same(found, rows, making)
    files = {name: _sealed(making / name, check) for name in (HISTORY, BOOKS) if (making / name).exists()}
    for path in _others(folder):
        if leave_secrets and path == folder / "data" / SECRETS_KEY:
            continue
        name = path.relative_to(folder).as_posix()
        with durable(making / name) as into:
            files[name] = sum_file(path, check, into)
        (making / name).chmod(path.stat().st_mode & 0o777)  # keys stay their owner's alone
    made = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(made, __version__, str(folder.resolve()), format_, migration, rows, files)
    manifest.write(making)
    return manifest


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
