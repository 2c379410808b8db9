"""A watched folder: every file that appears in it is read as an import by hand would, once, and as often as it changes.

It reads and never moves, changes or locks a file. A file that is not finished is left alone until it rests; one that
cannot be read is told, and the others are read. Where the folder is a share that vanishes, that is told, and it goes on
when it is back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.connect.aside import Aside, Hangs
from lineside.connect.folder_files import FAULTS_KEPT, Read, Shelf, Stamp, Watch, copied, listed
from lineside.connect.live import now_us
from lineside.connect.recordings import Columns, Summary, read_recording
from lineside.connect.source import FileRead, Option, Promise, Sink, Source, SourceState
from lineside.connect.vitals import Failure
from lineside.connect.wording import NAMED, named, reason
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.plant import Kind, SourceSettings, local_zone

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
PATIENCE_S = 60.0
GROWING_S = 600.0
KEEP_EVERY_S = 5.0
SHOWN = 50
FIRST = {"": None, "day": True, "month": False}
_UNREADABLE = "connect.recording.unreadable"


class FolderSource(Source):
    """Reads the files of a folder as they appear, grow and change."""

    PROMISE = Promise.REPLAYABLE
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "scan_s": Option(10.0, "How often the folder is looked at.", 0.05, 86_400),
        "stable_s": Option(10.0, "How long a file must not change before it counts as whole.", 0, 86_400),
        "subfolders": Option(False, "Files in the folders below it are read, too."),
        "time_column": Option("", "The column of times, where its name does not tell."),
        "sheet": Option("", "Which sheet of a workbook is read; the first when left out."),
        "first": Option("", "What stands first in 3/4/2026, `day` or `month`, where the file does not tell."),
        "quiet_h": Option(0.0, "After so many hours without a new file this is told; 0 is never.", 0, 87_600),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        self._folder = _folder_of(settings)
        if self.text("first") not in FIRST:
            raise ConfigurationError("connect.folder.first", source=settings.id, value=self.text("first"))
        self._aside = Aside(PATIENCE_S)
        self._watch = Watch(self.number("stable_s"))
        self._shelf = Shelf(None, "")
        self._there: dict[str, Stamp] = {}
        self._gone = False
        self._newest: float | None = None
        self._dirty = False
        self._kept = 0.0
        self._span: tuple[int, int] | None = None
        self._status: tuple[SourceState, str, dict[str, object]] | None = None

    @classmethod
    def beside(cls, settings: SourceSettings) -> SourceSettings:
        """Files are taken as they are, as there is no time to see them rest."""
        return settings.model_copy(update={"options": {**settings.options, "stable_s": 0, "scan_s": 1}})

    @property
    def files(self) -> list[FileRead]:
        """The files that were read last, the newest first."""
        newest = sorted(self._shelf.files.items(), key=lambda one: -one[1].time)[:SHOWN]
        return [
            FileRead(name, read.time, read.rows, read.values, read.faulty, read.faults, read.error)
            for name, read in newest
        ]

    async def run(self, sink: Sink) -> None:
        """Reads until cancelled."""
        self._shelf = Shelf(self.memory.get("place"), self._asked())
        self._newest = monotonic()
        self._say(sink, SourceState.STARTING, "connect.folder.starting")
        try:
            while True:
                await self._look(sink)
                await asyncio.sleep(self.number("scan_s"))
        finally:
            self._say(sink, SourceState.STOPPED, "connect.stopped")

    def _asked(self) -> str:
        """What is asked of every file; where that changes all are read again."""
        options = {name: self._options[name] for name in ("time_column", "sheet", "first")}
        told = [dict(self.wanted), options, self.settings.device, str(self._zone)]
        return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()

    async def _look(self, sink: Sink) -> None:
        """One look at the folder: reads what is new and whole."""
        pattern, below = self.settings.files or "*", bool(self._options["subfolders"])
        try:
            self._there = await self._aside.do(lambda: listed(self._folder, pattern, below=below))
        except Hangs:
            self._lose(sink, "connect.folder.hangs", seconds=f"{PATIENCE_S:g}")
            return
        except OSError as error:
            self._lose(sink, "connect.folder.gone", reason=reason(error))
            return
        self._gone = False
        for name in self._watch.whole(self._there):
            read = self._shelf.files.get(name)
            if (read is None or read.again or read.stamp != self._there[name]) and not await self._take(sink, name):
                return
        if self._dirty:
            await self._keep(sink)
        self._judge(sink)

    async def _take(self, sink: Sink, name: str) -> bool:
        """Reads a file, if it is another than before; False where the folder has gone meanwhile."""
        path, stamp, known = self._folder / name, self._there[name], self._shelf.files.get(name)
        read = Read(*stamp, "", now_us())
        try:
            with TemporaryDirectory(prefix="lineside-", ignore_cleanup_errors=True) as place:
                copy = Path(place) / path.name  # so that no half line is read of a file that goes on growing
                digest = await self._of_file(lambda: copied(path, copy, stamp))
                if digest is None:
                    return True
                read.hash = digest
                if known is not None and known.hash == digest and not known.again:
                    known.size, known.mtime = stamp
                    self._dirty = True
                    return True
                summary = await self._deliver(sink, copy)
        except Hangs:
            self._lose(sink, "connect.folder.hangs", seconds=f"{PATIENCE_S:g}")
            return False
        except UnusableData as error:
            read.again = error.key == _UNREADABLE
            read.error = [error.key, {key: str(value) for key, value in error.fields.items()} | {"file": name}]
        else:
            self._note(name, read, summary)
        self._newest = monotonic()
        self._shelf.files[name] = read
        self._dirty = True
        if read.heard is not None:
            self._span = self._shelf.span(*read.heard)
            await sink.heard(*self._span)
        await self._tell(sink, name, read, known)
        if monotonic() - self._kept > KEEP_EVERY_S:
            await self._keep(sink)
        return True

    async def _deliver(self, sink: Sink, path: Path) -> Summary:
        """Hands on what a file holds, durably. Raises UnusableData, Hangs, and what the sink raises."""
        pieces = self._pieces(path)
        try:
            while True:
                piece = await self._of_file(lambda: next(pieces))
                if isinstance(piece, Summary):
                    return piece
                if piece is not None:
                    self.vitals.heard.note(piece.num_rows)
                    await sink.observe(piece)
        finally:
            with suppress(ValueError):  # the thread is still at it: the file is closed when that ends
                pieces.close()

    def _pieces(self, path: Path) -> Generator[pa.RecordBatch | Summary | None]:
        """What a file holds, piece by piece, and at last the account of it."""
        with read_recording(
            path,
            self.wanted,
            now=now_us(),
            zone=self._zone,
            device=self.settings.device,
            columns=Columns(time=self.text("time_column") or None),
            sheet=self.text("sheet") or None,
            day_first=FIRST[self.text("first")],
        ) as recording:
            yield from recording.pieces()
            yield recording.summary

    async def _of_file(self, work: Callable[[], _T]) -> _T:
        """What work with one file gives back; whatever that file makes it stumble over is UnusableData."""
        try:
            return await self._aside.do(work)
        except (Hangs, LinesideError):
            raise
        except OSError as error:
            raise UnusableData(_UNREADABLE, reason=reason(error)) from error
        except Exception as error:  # one file never stops the others
            _log.exception("source %s: a file cannot be read", self.settings.id)
            raise UnusableData("connect.folder.unusable", reason=reason(error)) from error

    @staticmethod
    def _note(name: str, read: Read, summary: Summary) -> None:
        read.rows = summary.rows or summary.lines
        read.values = summary.observations
        read.heard = None if summary.heard is None else list(summary.heard)
        faults = [list(fault) for fault in summary.faults]
        others = [[key, one.line, "", one.example] for key, one in summary.set_aside.items()] if not faults else []
        read.faults = (faults or others)[:FAULTS_KEPT]
        if not summary.observations and (there := [name for name, count in summary.unwanted.items() if count]):
            names = ", ".join(there[:NAMED]) + (", …" if len(there) > NAMED else "")
            read.error = ["connect.folder.nothing", {"file": name, "names": names}]
        read.faulty = summary.faulty or sum(one.count for one in summary.set_aside.values())

    async def _tell(self, sink: Sink, name: str, read: Read, before: Read | None) -> None:
        """Tells what of a file cannot be used, once as long as it is the same."""
        same = before is not None and (before.error, before.faults) == (read.error, read.faults)
        if read.error is not None and not same:
            key, fields = read.error
            await sink.lost(read.time, key, **fields)
        elif read.faults and not same:
            _, line, column, cell = read.faults[0]
            where = {"file": name, "count": read.faulty, "line": line, "column": column or "-", "cell": cell}
            await sink.lost(read.time, "connect.folder.faults", **where)

    async def _keep(self, sink: Sink) -> None:
        """Lets the place be kept, as all that was read is durable."""
        self.memory["place"] = self._shelf.place()
        self._kept, self._dirty = monotonic(), False
        if self._span is not None:
            await sink.heard(*self._span, durable=True)

    def _lose(self, sink: Sink, key: str, **fields: object) -> None:
        """The folder cannot be looked at. What was there is not forgotten."""
        if not self._gone:
            self._gone = True
            self.vitals.failed(Failure(now_us(), key, {**self._where, **fields}))
        self._say(sink, SourceState.DEGRADED, key, **fields)

    def _judge(self, sink: Sink) -> None:
        """Tells how it fares; a file that is unusable counts until it is mended or gone."""
        bad = self._shelf.bad(self._there)
        quiet_s = self.number("quiet_h") * 3600
        read = [name for name in self._there if name in self._shelf.files]
        if bad:
            names = named({name: _why(self._shelf.files[name]) for name in bad})
            self._say(sink, SourceState.DEGRADED, "connect.folder.bad", count=len(bad), names=names)
        elif (name := self._watch.growing(GROWING_S)) is not None:
            self._say(sink, SourceState.DEGRADED, "connect.folder.growing", file=name, minutes=round(GROWING_S / 60))
        elif quiet_s and self._newest is not None and monotonic() - self._newest > quiet_s:
            self._say(sink, SourceState.DEGRADED, "connect.folder.quiet", hours=f"{self.number('quiet_h'):g}")
        elif not read:
            key = "connect.folder.waiting" if self._there else "connect.folder.empty"
            self._say(sink, SourceState.ACTIVE, key, count=len(self._there))
        else:
            newest = max(read, key=lambda one: self._shelf.files[one].time)
            self._say(sink, SourceState.ACTIVE, "connect.folder.active", count=len(read), file=newest)

    @property
    def _zone(self) -> ZoneInfo:
        return self.zone or local_zone()

    @property
    def _where(self) -> dict[str, object]:
        return {"source": self.settings.id, "url": str(self._folder)}

    def _say(self, sink: Sink, state: SourceState, key: str, **fields: object) -> None:
        status = state, key, {**self._where, **fields}
        if status != self._status:
            self._status = status
            sink.status(state, key, **status[2])


def _why(read: Read) -> str:
    if read.error is None:
        return ""
    key, fields = read.error
    return str(fields.get("reason") or LinesideError(key, **fields).sentence())


def _folder_of(settings: SourceSettings) -> Path:
    """The folder a source is to watch. Raises ConfigurationError unless it is named by its full path."""
    url = settings.url or ""
    folder = Path(url)
    if not folder.is_absolute():
        raise ConfigurationError("connect.folder.path", source=settings.id, url=url)
    return folder
