"""The historian: keeps what the machines said, once and for good, and gives it back fast."""

from __future__ import annotations

import shutil
import threading
import time as clock
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from lineside.errors import LinesideError, UnusableData
from lineside.history import compaction, events, reading, retention, schema
from lineside.history.copying import copy_tables
from lineside.history.coverage import Coverage
from lineside.history.database import CACHE_MB, Database, storage_error
from lineside.history.events import Event
from lineside.history.hours import Hours, Written
from lineside.history.identity import settle
from lineside.history.newest import Newest
from lineside.history.rows import Rows, from_batch
from lineside.history.samples import Floats, Int64s, Last, Samples
from lineside.history.stock import Stock, take_stock, used_bytes
from lineside.history.thin import thinned
from lineside.history.turnstile import Turnstile

HOURS = "parquet"
"""The folder of closed hours, beside the history's file."""


@dataclass(frozen=True, slots=True)
class Appended:
    """How many rows of a batch were stored, and how many were there already."""

    stored: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Series:
    """A series: the values of one signal over time, all numbers or all texts."""

    id: int
    key: str
    kind: str
    unit: str


def _renewed(known: Mapping[str, Series], key: str, kind: str, unit: str) -> Series:
    old = known.get(key)
    if old is None:
        return Series(len(known) + 1, key, kind, unit)
    return replace(old, kind=kind or old.kind, unit=unit or old.unit)


class History:
    """All samples, coverage and events of one plant folder, owned by this process while open.

    One writer at a time, live before bulk; readers in any thread are never held up by a writer. What a
    method has taken is on disk when it returns, except that `hear` may keep the last second to itself.
    """

    def __init__(self, folder: Path, *, memory_limit_mb: int, reserve_mb: int) -> None:
        self._data = folder / "data"
        try:
            self._data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error, self._data) from error
        self._reserve = reserve_mb * 2**20
        self._turnstile = Turnstile()
        self.listener: Callable[[Rows], None] | None = None
        """Told what was just stored and was not there before, batch after batch; imports are not news."""
        self._coverage_saved_at = clock.monotonic()
        self._compacting = threading.Lock()
        self._series: dict[str, Series] = {}
        self._newest = Newest()
        self._coverage = Coverage()
        self._database = Database(self._data / "history.duckdb", memory_limit_mb=memory_limit_mb, opened=self._load)
        self._hours = Hours(self._database, self._data / HOURS)

    @classmethod
    def open(cls, folder: Path, *, memory_limit_mb: int = 256, reserve_mb: int = 64) -> Self:
        """The history of a plant folder, made there if it is new.

        Writing stops with `history.disk_full` while the disk has less than `reserve_mb` left, so that
        reading goes on. Raises FolderInUse when another process has it open.
        """
        return cls(Path(folder), memory_limit_mb=memory_limit_mb, reserve_mb=reserve_mb)

    def close(self) -> None:
        """Writes out what is still in memory, as far as the disk has room, and gives the folder up."""
        with self._turnstile.turn():
            try:
                if self._has_space():
                    self._save_coverage()
            finally:
                self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- series ------------------------------------------------------------------------------------

    def series(self, key: str, *, kind: str = "", unit: str = "") -> int:
        """The id of the series with this key, made on first use; a kind or unit given replaces the old."""
        return self.series_of([(key, kind, unit)])[0]

    def series_of(self, wanted: Sequence[tuple[str, str, str]]) -> list[int]:
        """The same of many (key, kind, unit) in one commit: one each would hold up the first start of a large plant."""
        if any(_renewed(self._series, *one) != self._series.get(one[0]) for one in wanted):
            with self._turnstile.turn():
                self._require_space()
                known = dict(self._series)
                for one in wanted:
                    known[one[0]] = _renewed(known, *one)
                if changed := [asdict(one) for one in known.values() if one != self._series.get(one.key)]:
                    with self._database.transaction() as cursor:
                        cursor.register("changed", pa.Table.from_pylist(changed))
                        cursor.execute("DELETE FROM series WHERE id IN (SELECT id FROM changed)")
                        cursor.execute("INSERT INTO series SELECT id, key, kind, unit FROM changed")
                        cursor.unregister("changed")
                self._newest.make_room(len(known))
                self._series = known
        return [self._series[key].id for key, _, _ in wanted]

    @property
    def series_known(self) -> int:
        """How many series there are."""
        return len(self._series)

    def catalogue(self) -> dict[str, Series]:
        """All series there are, by key."""
        return dict(self._series)

    # -- samples -----------------------------------------------------------------------------------

    def append(self, batch: pa.RecordBatch | pa.Table, *, bulk: bool = False, received: int | None = None) -> Appended:
        """Stores the rows of a batch (columns as in `SAMPLES`) that are not stored yet; durable on return.

        All of the batch is stored or, when this raises, as good as none of it: give it again and what
        may have been kept is recognised as repeated. `bulk` rows go to sorted storage at once, and wait
        for live ones; choose it for imports.
        """
        rows = from_batch(batch)
        if not len(rows):
            return Appended(0, 0)
        with self._turnstile.turn(bulk=bulk):
            self._require_space()
            with self._database.transaction() as cursor:
                new = self._new(cursor, rows)
                self._insert(cursor, new, "cold" if bulk else "hot", received or _now_us())
                covered = self._coverage.save(cursor)
            self._coverage.saved(covered)
            self._newest.note(new)
            if self.listener is not None and len(new) and not bulk:
                self.listener(new)
        return Appended(stored=len(new), repeated=len(rows) - len(new))

    def read(self, series: int, start: int, end: int, *, carry: bool = True) -> Samples:
        """The samples of one series in [start, end); with `carry` the one that holds at `start` in front."""
        return self.read_many([series], start, end, carry=carry)[series]

    def read_many(self, series: Sequence[int], start: int, end: int, *, carry: bool = True) -> dict[int, Samples]:
        """The samples of several series in [start, end), all as stored at one moment.

        With `carry`, each begins with the sample at or before `start`, under its own time.
        """
        with self._database.transaction() as cursor:
            found = reading.split(reading.window(cursor, series, start, end))
            before = self._carried(cursor, series, found, start) if carry else {}
        return {one: reading.after_carry(before.get(one), found.get(one, Samples.none())) for one in series}

    def thin(self, series: int, start: int, end: int, points: int) -> Samples:
        """Some of the samples in [start, end) that draw the same line: see `thin.thinned`."""
        with self._database.transaction() as cursor:
            return thinned(cursor, series, start, end, points)

    def minutes(self, series: int, start: int, end: int) -> tuple[Int64s, Floats, Floats]:
        """Minutes of [start, end) that were thinned out: when they begin, their mean, and the seconds it is made of."""
        with self._database.cursor() as cursor:
            return reading.minutes(cursor, series, start, end)

    def last(self, series: int) -> Last | None:
        """The newest sample of the series, from memory."""
        return self._newest.last(series)

    def extent(self, series: Sequence[int] | None = None) -> tuple[int, int] | None:
        """The times of the first and last sample of these series, or of all; None when there are none."""
        with self._database.cursor() as cursor:
            return reading.extent(cursor, series)

    # -- coverage and events -----------------------------------------------------------------------

    def hear(self, source: str, start: int, end: int, *, durable: bool = False) -> None:
        """This source was heard from start to end: what it did not say then did not change.

        Known to `heard` at once; on disk with the next append, or by itself about once a second. `durable` has all
        that was heard on disk when it returns.
        """
        self._coverage.hear(source, start, end)
        if durable or clock.monotonic() - self._coverage_saved_at >= 1.0:
            with self._turnstile.turn():
                self._require_space()
                self._save_coverage()

    def unhear(self, source: str, start: int, end: int) -> None:
        """This source was not heard from start to end, whatever was said before: that time has not come yet."""
        told = self.heard(source, start, end)
        self._coverage.cut(source, start, end)
        try:
            self._rewrite_coverage()
        except BaseException:
            for span in told.tolist():
                self._coverage.hear(source, *span)
            raise

    def heard(self, source: str, start: int, end: int) -> Int64s:
        """The spans of [start, end) in which the source was heard: disjoint (start, end) rows in order."""
        return self._coverage.heard(source, start, end)

    def removed(self, start: int, end: int) -> Int64s:
        """The spans of [start, end) of which `forget_heard` took away who was heard."""
        return self._coverage.removed(start, end)

    def add_events(self, new: Iterable[Event]) -> int:
        """Stores those events that are not stored yet; gives back their number. Durable on return."""
        with self._turnstile.turn():
            self._require_space()
            with self._database.transaction() as cursor:
                return events.add(cursor, new, _now_us())

    def events(self, start: int, end: int, subject: str | None = None) -> list[Event]:
        """The events in [start, end) in order of time, of one subject or of all."""
        with self._database.cursor() as cursor:
            return events.find(cursor, start, end, subject)

    def room(self) -> tuple[int, int]:
        """Bytes that are free on the disk, and the reserve below which nothing is written."""
        return shutil.disk_usage(self._data).free, self._reserve

    # -- upkeep ------------------------------------------------------------------------------------

    def compact(self, now: int) -> int:
        """Moves the hours closed by `now` to sorted storage and sorts closed days; gives back rows moved.

        Safe to kill at any moment, and to run beside readers and writers; one at a time.
        """
        with self._compacting:
            self._require_space()
            moved = compaction.move_closed_hours(self._database, now)
            compaction.tidy_closed_days(self._database, now)
            self._rewrite_coverage()
        return moved

    def write_hours(self, now: int, check: Callable[[], None], *, whole: bool = False) -> Written:
        """Writes the hours that closed or changed as Parquet: see `hours.Hours.renew`. Beside readers and writers."""
        with self._compacting:
            self._require_space()
            return self._hours.renew(self._series.values(), now, check, whole=whole)

    def hours(self) -> tuple[int, int]:
        """How many hours there are as Parquet, and the bytes they take."""
        return self._hours.size()

    def shrink(self, cache_mb: int = CACHE_MB) -> None:
        """Gives back memory: DuckDB keeps what it writes there, until the limit is reached."""
        self._database.shrink(cache_mb)

    def thin_out(self, series: Sequence[int], before: int, check: Callable[[], None]) -> int:
        """Thins numbers before a time out by the minute: see `retention.thin_out`. Beside readers and writers."""
        with self._compacting:
            return retention.thin_out(self._database, series, before, check)

    def remove(self, series: Sequence[int], before: int, check: Callable[[], None]) -> int:
        """Removes samples before a time but the newest of them: see `retention.remove`. Beside readers and writers."""
        with self._compacting:
            return retention.remove(self._database, series, before, check)

    def erase(self, series: Sequence[int], before: int, check: Callable[[], None]) -> dict[int, tuple[int, int, int]]:
        """Erases samples before a time, also the newest: see `retention.erase`. What is in memory still tells them."""
        with self._compacting:
            return retention.erase(self._database, series, before, check)

    def forget_heard(self, before: int) -> None:
        """From now on no source was heard before that time."""
        with self._compacting:
            self._coverage.forget(before)
            self._rewrite_coverage()

    def stock(self, since: int, until: int) -> Stock:
        """How much is stored and how fast it grew in a span of time. Reads much: not for each look at a page."""
        with self._database.transaction() as cursor:
            return take_stock(cursor, since, until)

    def disk(self) -> tuple[int, int, int]:
        """Bytes of the history in use, bytes its files take, and bytes free on their disk before writing stops.

        With the hours as Parquet, which are in use as a whole.
        """
        with self._database.cursor() as cursor:
            used = used_bytes(cursor)
        _, hours = self._hours.size()
        sizes = {path.suffix: path.stat().st_size for path in self._data.glob("history.duckdb*")}
        return (
            used + sizes.get(".wal", 0) + hours,
            sum(sizes.values()) + hours,
            max(shutil.disk_usage(self._data).free - self._reserve, 0),
        )

    def copy(self, path: Path, check: Callable[[], None]) -> dict[str, int]:
        """Writes all of this moment into a new file; gives back the rows of each table. See `copy_tables`."""
        with self._turnstile.turn():
            if self._has_space():
                self._save_coverage()
        with self._database.transaction() as cursor:
            return copy_tables(cursor, path, check)

    # -- within ------------------------------------------------------------------------------------

    def _load(self, connection: duckdb.DuckDBPyConnection) -> None:
        schema.prepare(connection)
        rows = connection.execute("SELECT id, key, kind, unit FROM series ORDER BY id").fetchall()
        self._series = {row[1]: Series(*row) for row in rows}
        stored = reading.extent(connection, None)
        ids = [row[0] for row in rows]
        last = reading.newest_before(connection, ids, stored[1] + 1) if stored else {}
        self._newest.load(last, len(rows))
        self._coverage.load(connection)

    def _new(self, cursor: duckdb.DuckDBPyConnection, rows: Rows) -> Rows:
        """Those rows that are not stored, under their places."""
        if not self._newest.knows(rows):
            raise UnusableData("history.unknown_series", lowest=rows.series[0], highest=rows.series[-1])
        follows = self._newest.follows(rows)
        if follows.all():
            return rows
        late = rows.take(~follows)
        settled = settle(late, reading.stored_at(cursor, late))
        new, seq = follows.copy(), rows.seq.copy()
        new[~follows], seq[~follows] = settled.new, settled.seq
        return rows.numbered(seq).take(new)

    def _insert(self, cursor: duckdb.DuckDBPyConnection, rows: Rows, table: str, received: int) -> None:
        if not len(rows):
            return
        cursor.register("incoming", rows.table(received))
        cursor.execute(f"INSERT INTO {table} SELECT * FROM incoming")
        cursor.unregister("incoming")
        if table == "cold":
            compaction.note_arrivals(cursor, rows.time)

    def _carried(
        self, cursor: duckdb.DuckDBPyConnection, series: Sequence[int], found: dict[int, Samples], start: int
    ) -> dict[int, Samples]:
        """For each series without a sample at `start` itself, the last one before it."""
        seek = [one for one in series if one not in found or found[one].time[0] > start]
        newest = {one: last for one in seek if (last := self.last(one)) is not None}
        over = {one: Samples.of(last) for one, last in newest.items() if last.time < start}
        return over | reading.newest_before(cursor, [one for one in newest if one not in over], start)

    def _rewrite_coverage(self) -> None:
        with self._turnstile.turn(bulk=True):
            with self._database.transaction() as cursor:
                covered = self._coverage.rewrite(cursor)
            self._coverage.saved(covered)

    def _save_coverage(self) -> None:
        with self._database.transaction() as cursor:
            covered = self._coverage.save(cursor)
        self._coverage.saved(covered)
        self._coverage_saved_at = clock.monotonic()

    def _has_space(self) -> bool:
        free, reserve = self.room()
        return free >= reserve

    def _require_space(self) -> None:
        if not self._has_space():
            raise LinesideError("history.disk_full", folder=str(self._data))


def _now_us() -> int:
    return clock.time_ns() // 1000
