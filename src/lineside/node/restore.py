"""Backups read: is every file as it was written, and a plant folder made of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lineside.books import HEAD, Books, Kept, appearing, durable, examine_books, require_new, sum_file
from lineside.errors import LinesideError, UnusableData
from lineside.history import FORMAT, examine_history
from lineside.node.backup import require_same
from lineside.node.intake import now_us
from lineside.node.manifest import BOOKS, HISTORY, Manifest
from lineside.node.sealed import unseal
from lineside.trust import Kind, Ledger, OwnerKey


@contextmanager
def unsealed(backup: Path, folder: Path, key: OwnerKey, *, partly: bool = False) -> Iterator[Path]:
    """A sealed backup as a folder beside the one that is made of it, gone afterwards.

    Raises ConfigurationError for a key that does not open it, and UnusableData for what is damaged; `partly` only where
    its manifest is.
    """
    require_new(folder)
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".lineside-{folder.name}-", dir=folder.absolute().parent) as plain:
        unseal(backup, key, Path(plain), partly=partly)
        yield Path(plain)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the manifest, and the files that were damaged and left out."""

    manifest: Manifest
    left_out: tuple[str, ...]


def verify(backup: Path, check: Callable[[], None] = lambda: None) -> Manifest:
    """Reads every file of a backup, and its databases to the last row. Raises UnusableData with what is damaged."""
    manifest = Manifest.read(backup)
    _require_whole(backup, manifest, dict(_damages(backup, manifest, check)))
    _examine(backup, manifest)
    return manifest


def restore(backup: Path, folder: Path, *, partly: bool = False, check: Callable[[], None] = lambda: None) -> Restored:
    """Makes a plant folder of a backup where nothing is yet; `partly` without the files that are damaged.

    The ledger says so: what came after the backup is not in it.

    Raises UnusableData with what is damaged, and LinesideError when a later Lineside made the backup.
    """
    require_new(folder)
    manifest = Manifest.read(backup)
    if manifest.history_format > FORMAT or manifest.books_migration > HEAD:
        raise LinesideError("node.backup_later", folder=str(backup), version=manifest.lineside)
    damages = dict(_damages(backup, manifest, check))
    if not partly:
        _require_whole(backup, manifest, damages)
    with appearing(folder) as making:
        for name, kept in manifest.files.items():
            if name not in damages:
                with durable(making / name) as into:
                    if sum_file(backup / name, check, into) != kept:
                        raise UnusableData("node.backup_differs", file=name, folder=str(folder))
                (making / name).chmod((backup / name).stat().st_mode & 0o777)
        _examine(making, manifest)
        if (making / BOOKS).exists():
            with Books(making / BOOKS) as books:
                Ledger(books, now_us).append(Kind.RESTORED, made=manifest.made)
    return Restored(manifest, tuple(damages))


def _damages(backup: Path, manifest: Manifest, check: Callable[[], None]) -> Iterator[tuple[str, str]]:
    """The files that are not as they were written, and what is wrong with each: a key under node.damage."""
    for name, kept in manifest.files.items():
        damage = _damage(backup / name, kept, check)
        if damage is not None:
            yield name, damage


def _damage(path: Path, kept: Kept, check: Callable[[], None]) -> str | None:
    try:
        found = sum_file(path, check)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    if found.bytes != kept.bytes:
        return "size"
    return None if found == kept else "changed"


def _require_whole(backup: Path, manifest: Manifest, damages: dict[str, str]) -> None:
    if damages:
        raise BackupDamaged(backup, damages, tuple(name for name in manifest.files if name not in damages))


class BackupDamaged(UnusableData):
    """Files of a backup are not as they were written: `damages` by name, and those that are `whole`."""

    def __init__(self, backup: Path, damages: dict[str, str], whole: tuple[str, ...]) -> None:
        names = {"files": ", ".join(damages), "whole": ", ".join(whole) or "-"}
        super().__init__("node.backup_damaged", folder=str(backup), **names)
        self.damages = damages
        self.whole = whole


def _examine(folder: Path, manifest: Manifest) -> None:
    """The databases open, and hold what the manifest says."""
    if (folder / HISTORY).exists():
        _, rows = examine_history(folder / HISTORY)
        require_same(rows, manifest.rows, folder)
    if (folder / BOOKS).exists():
        examine_books(folder / BOOKS)
