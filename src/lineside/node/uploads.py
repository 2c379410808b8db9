"""Files that came over the network to be imported: kept in the plant's data folder until that is done, or a day."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from lineside.errors import LinesideError
from lineside.history import History
from lineside.jobs import Job, JobContext, Jobs, Work
from lineside.node.imports import submit_import

LARGEST = 256_000_000
"""Bytes of one file."""
MOST = 20
"""How many files are kept at a time."""
KEPT_S = 86_400
NAME_BYTES = 120
_ID = re.compile(r"[0-9a-f]{32}")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that is there as a whole."""

    id: str
    path: Path

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.path.stat().st_size


class Arriving:
    """A file on its way in; unless it was kept, nothing of it stays."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._path = folder / _safe(name)
        self._file: BinaryIO = self._path.open("xb")

    def write(self, piece: bytes) -> None:
        """Adds what came. Raises LinesideError when it is more than a file may have, or the disk is full."""
        if self._file.tell() + len(piece) > LARGEST:
            raise too_large()
        try:
            self._file.write(piece)
        except OSError as error:
            raise LinesideError("node.upload_unwritten", reason=error.strerror) from error

    def keep(self) -> Upload:
        """The file, from now on one of those that are there."""
        self._file.close()
        whole = self._folder.with_suffix("")
        self._folder.rename(whole)
        return Upload(whole.name, whole / self._path.name)

    def drop(self) -> None:
        """Removes what there is of it."""
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Uploads:
    """The uploaded files of one plant."""

    def __init__(self, data: Path, history: History) -> None:
        self._folder = data / "uploads"
        self._history = history

    def begin(self, name: str, size: int, jobs: Jobs) -> Arriving:
        """A file that begins to come, of `size` bytes as far as is known. Raises LinesideError without room."""
        self.sweep(jobs)
        if size > LARGEST:
            raise too_large()
        if sum(1 for _ in self._all()) >= MOST:
            raise LinesideError("node.upload_many", most=MOST)
        free, reserve = self._history.room()
        if free - (size or LARGEST) < reserve:
            raise LinesideError("node.upload_unwritten", reason="no space left on device")
        return Arriving(self._folder / f"{token_hex(16)}.part", name)

    def get(self, id: str) -> Upload:
        """One that is there. Raises LinesideError when there is none."""
        folder = self._folder / id
        with suppress(OSError, StopIteration):
            if _ID.fullmatch(id):
                return Upload(id, next(folder.iterdir()))
        raise LinesideError("node.upload_gone")

    def remove(self, id: str) -> None:
        """Forgets one, if it is there."""
        if _ID.fullmatch(id):
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def sweep(self, jobs: Jobs) -> None:
        """Removes what is older than a day, unless its import is still to be done."""
        for folder in self._all():
            with suppress(OSError):  # whoever removes it at this moment has done the work
                old = time.time() - folder.stat().st_mtime > KEPT_S
                if old and all(job.state.over for job in jobs.recent(1, "import", upload=folder.name)):
                    shutil.rmtree(folder, ignore_errors=True)

    def submit(self, jobs: Jobs, id: str, reading: Mapping[str, Any]) -> Job:
        """Queues the import of one."""
        return submit_import(jobs, {**reading, "upload": id, "files": [str(self.get(id).path)]})

    def importing(self, work: Work) -> Work:
        """The job kind "import", after which an uploaded file is removed; if it failed it may be tried again."""

        def run(context: JobContext, params: Mapping[str, Any]) -> Mapping[str, object]:
            result = work(context, params)
            if "upload" in params:
                self.remove(str(params["upload"]))
            return result

        return run

    def _all(self) -> list[Path]:
        return sorted(self._folder.iterdir()) if self._folder.is_dir() else []


def too_large() -> LinesideError:
    """The error of a file that is larger than may come over the network."""
    return LinesideError("node.upload_large", most=f"{LARGEST // 1_000_000}")


def _safe(name: str) -> str:
    """The name of the file as any disk takes it; its ending stays."""
    plain = _FORBIDDEN.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .") or "file"
    while len(plain.encode()) > NAME_BYTES:
        plain = plain[1:]
    return plain
