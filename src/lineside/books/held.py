"""A folder that one process has for itself: by a lock that the system takes back, however the process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from lineside.errors import FolderInUse

OWNER = "data/folder.owner"
"""The file that is locked, which tells people the number of the process."""
_FAR = 2**30
"""Which byte is locked where that keeps others from reading it."""


class HeldFolder:
    """A folder of a house without a history, which is held by its own files. Raises FolderInUse."""

    def __init__(self, folder: Path) -> None:
        file = folder / OWNER
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._file)
        except OSError as error:
            process = os.read(self._file, 20).decode("ascii", "replace").strip() or "?"
            os.close(self._file)
            raise FolderInUse("books.in_use", folder=str(folder), process=process) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode("ascii"))

    def close(self) -> None:
        """Lets others have it."""
        os.ftruncate(self._file, 0)
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(file, 0, os.SEEK_SET)

else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(file: int) -> None:
        flock(file, LOCK_EX | LOCK_NB)
