"""Folders and files that are on disk whole, or not at all: what backups and exports are made of."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lineside.errors import ConfigurationError, LinesideError

_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file: its size and its sum."""

    bytes: int
    sha256: str


def require_new(target: Path) -> None:
    """Raises ConfigurationError where something is at `target` already: nothing is ever overwritten."""
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise ConfigurationError("books.target_exists", target=str(target))


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
            "books.target_failed", target=str(target), file=str(error.filename), reason=reason
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


def sum_file(path: Path, check: Callable[[], None], into: BinaryIO | None = None) -> Kept:
    """Size and sum of a file, which is copied on the way where `into` is given."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            check()
            digest.update(piece)
            size += len(piece)
            if into is not None:
                into.write(piece)
    return Kept(size, digest.hexdigest())


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """A new file that is on disk when the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
