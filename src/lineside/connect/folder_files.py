"""The files of a watched folder: what is in it, which of them are whole, and what is known of those that were read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from lineside.connect.recordings.hearing import QUIET_US

MOST_KNOWN = 20_000
MOST_LISTED = 100_000
FAULTS_KEPT = 20
"""Of one file, over a restart."""
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".lock")
"""How programs name what they are still writing."""
_PIECE = 2**20


class Stamp(NamedTuple):
    """By which a file is seen to be the same without reading it: bytes, and nanoseconds of its last change."""

    size: int
    mtime: int


@dataclass(slots=True)
class Read:
    """A file that was read, or could not be."""

    size: int
    mtime: int
    hash: str
    time: int
    """When it was read, in microseconds UTC."""
    heard: list[int] | None = None
    rows: int = 0
    values: int = 0
    faulty: int = 0
    faults: list[list[Any]] = field(default_factory=list)
    """Reason, row, column and cell of the first faults."""
    error: list[Any] | None = None
    """Key and fields of what makes the file as a whole unusable."""
    again: bool = False
    """It could not be opened, and is tried again though it is the same."""

    @property
    def stamp(self) -> Stamp:
        """What it was like."""
        return Stamp(self.size, self.mtime)


def listed(folder: Path, pattern: str, *, below: bool) -> dict[str, Stamp]:
    """The files of a folder by their path in it. Raises OSError when it cannot be read."""
    return dict(_found(folder, pattern, "", below=below))


def _found(folder: Path, pattern: str, before: str, *, below: bool) -> Iterator[tuple[str, Stamp]]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MOST_LISTED:
                raise OSError(f"more than {MOST_LISTED} files")
            if entry.name.startswith((".", "~$")) or entry.name.lower().endswith(UNFINISHED):
                continue
            if entry.is_dir(follow_symlinks=False):
                if below:
                    yield from _found(Path(entry.path), pattern, f"{before}{entry.name}/", below=True)
            elif entry.is_file() and fnmatch(entry.name, pattern):
                try:
                    told = entry.stat()
                except FileNotFoundError:  # taken away at this moment
                    continue
                if told.st_size:
                    yield f"{before}{entry.name}", Stamp(told.st_size, told.st_mtime_ns)


def copied(path: Path, to: Path, stamp: Stamp) -> str | None:
    """Copies a file; gives the sum of what it holds, or None when it is not, or not any more, what it was."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file, to.open("wb") as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
    told = path.stat()
    return digest.hexdigest() if Stamp(told.st_size, told.st_mtime_ns) == stamp else None


class Watch:
    """Tells which files have not changed for a while, by this computer's clock: those of shares go as they like."""

    def __init__(self, stable_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._stable_s = stable_s
        self._clock = clock
        self._seen: dict[str, tuple[Stamp, float, float]] = {}

    def whole(self, files: Mapping[str, Stamp]) -> list[str]:
        """The names of those that rest, the oldest first."""
        now = self._clock()
        seen = {}
        for name, stamp in files.items():
            known, since, rested = self._seen.get(name, (stamp, now, now))
            since = since if known == stamp else now
            seen[name] = (stamp, since, now if now - since >= self._stable_s else rested)
        self._seen = seen
        rest = [name for name, (_, since, _) in seen.items() if now - since >= self._stable_s]
        return sorted(rest, key=lambda name: (files[name].mtime, name))

    def growing(self, longer_than_s: float) -> str | None:
        """A file that has been changing for so long without ever resting."""
        now = self._clock()
        return next((name for name, (_, _, rested) in self._seen.items() if now - rested > longer_than_s), None)


class Shelf:
    """What is known of the files that were read with one way of asking; kept in a source's place."""

    def __init__(self, place: object, asked: str) -> None:
        told = place if isinstance(place, dict) and place.get("asked") == asked else {"files": {}}
        self.files = {name: Read(**read) for name, read in told["files"].items()}
        self._asked = asked

    def place(self) -> dict[str, Any]:
        """The same, to be kept; of very many files the newest."""
        if len(self.files) > MOST_KNOWN:
            newest = sorted(self.files.items(), key=lambda one: one[1].time)[-MOST_KNOWN:]
            self.files = dict(newest)
        return {"asked": self._asked, "files": {name: asdict(read) for name, read in self.files.items()}}

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of one file, widened to those just before and behind it: one logger kept them all."""
        near = [read.heard for read in self.files.values() if read.heard is not None]
        before = [e for s, e in near if s < start and start - QUIET_US <= e < start]
        after = [s for s, e in near if e > end and end < s <= end + QUIET_US]
        return max(before, default=start), min(after, default=end)

    def bad(self, names: Iterable[str]) -> list[str]:
        """Those of the names whose file is unusable as a whole."""
        return [name for name in names if (read := self.files.get(name)) is not None and read.error is not None]
