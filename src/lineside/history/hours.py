"""Closed hours as open Parquet files, for DuckDB, ClickHouse, Spark and whatever reads it: `day=…/13.parquet`.

Plain and dictionary encoding under zstd, sorted by series and time. Beside the hours of a day lies `_manifest.json`,
which says of each what it was made of; an hour is written when that differs from what is stored now, so that late
values, thinning and removal reach the files, and an outage is caught up on. Each file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lineside.history.compaction import DAY_US, HOUR_US, ROWS_AT_ONCE, runs
from lineside.history.database import Database, storage_error

if TYPE_CHECKING:
    from lineside.history.history import Series

MANIFEST = "_manifest.json"
SCHEMA = "lineside.hours/1"
_GROUP = 122_880
"""Rows of a row group, as DuckDB has them too."""
_PIECE = 2**20

_COLUMNS = pa.schema(
    [
        pa.field("series", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("seq", pa.int32(), nullable=False),
        pa.field("number", pa.float64()),
        pa.field("text", pa.dictionary(pa.int32(), pa.string())),
        pa.field("quality", pa.int8(), nullable=False),
        pa.field("received", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("kind", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("unit", pa.dictionary(pa.int32(), pa.string()), nullable=False),
    ]
)

# What came to a day in all, also what was removed again: when it has grown, hours of the day have changed.
_ARRIVED = "SELECT epoch_us(day), sum(loose + sorted)::BIGINT FROM arrivals GROUP BY day ORDER BY day"
_HOURS = f"""
SELECT epoch_us(time) // {HOUR_US}, count(*), epoch_us(max(received)) FROM cold
WHERE time >= make_timestamp($start) AND time < make_timestamp($end) GROUP BY 1 ORDER BY 1
"""
_RANKS = """
SELECT rank, count(*) FROM cold JOIN names USING (series)
WHERE time >= make_timestamp($start) AND time < make_timestamp($end) GROUP BY 1 ORDER BY 1
"""
_ROWS = """
SELECT rank, time, seq, number, text, quality, received FROM cold JOIN names USING (series)
WHERE time >= make_timestamp($start) AND time < make_timestamp($end) AND rank BETWEEN $first AND $last
ORDER BY rank, time, seq
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """One file: of what it was made (`rows` and when the last of them came, in microseconds), and what it is."""

    rows: int
    received: int
    bytes: int
    sha256: str


@dataclass(slots=True)
class Written:
    """What was done: files written, with their rows, and files removed because nothing of their hour is left."""

    files: int = 0
    rows: int = 0
    removed: int = 0


class Hours:
    """The Parquet files of a history, in a folder of their own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def size(self) -> tuple[int, int]:
        """How many hours there are, and the bytes they take."""
        sizes = [path.stat().st_size for path in self._folder.glob("day=*/*.parquet")]
        return len(sizes), sum(sizes)

    def renew(self, series: Iterable[Series], now: int, check: Callable[[], None], *, whole: bool) -> Written:
        """Writes the hours that closed or changed; `whole` looks at every day, and not only at those that got values.

        Only what is in sorted storage counts: call it after a compaction, and nothing may be moved or removed
        meanwhile. `check` is called before each file and may raise.
        """
        written = Written()
        names = _Names(series)
        with self._database.cursor() as cursor:
            arrived = {int(day): int(rows) for day, rows in cursor.execute(_ARRIVED).fetchall()}
        for day in sorted(arrived):
            folder = self._folder / f"day={datetime.fromtimestamp(day / 1e6, UTC):%Y-%m-%d}"
            known, hours = read_manifest(folder)
            if whole or known != arrived[day]:
                self._renew_day(folder, day, arrived[day], hours, names, now, check, written)
        return written

    def _renew_day(
        self,
        folder: Path,
        day: int,
        arrived: int,
        hours: dict[str, Hour],
        names: _Names,
        now: int,
        check: Callable[[], None],
        written: Written,
    ) -> None:
        with self._database.cursor() as cursor:
            found = cursor.execute(
                _HOURS, {"start": day, "end": min(day + DAY_US, now // HOUR_US * HOUR_US)}
            ).fetchall()
        stored = {f"{hour % 24:02}": (int(rows), int(received)) for hour, rows, received in found}
        for name in sorted(stored.keys() | hours.keys()):
            path = folder / f"{name}.parquet"
            old = hours.get(name)
            if name not in stored:
                path.unlink(missing_ok=True)
                del hours[name]
                written.removed += 1
            elif old is None or (old.rows, old.received) != stored[name] or _size(path) != old.bytes:
                check()
                start = day + int(name) * HOUR_US
                bytes_, sha256 = self._write(path, start, names)
                hours[name] = Hour(*stored[name], bytes_, sha256)
                write_manifest(folder, None, hours)
                written.files += 1
                written.rows += stored[name][0]
        if hours:
            write_manifest(folder, arrived, hours)
        elif folder.exists():
            shutil.rmtree(folder)

    def _write(self, path: Path, start: int, names: _Names) -> tuple[int, str]:
        """The file of one hour, from one snapshot, series by series so that no more than a part is in memory."""
        import pyarrow.parquet as pq

        span = {"start": start, "end": start + HOUR_US}
        with self._database.transaction() as cursor, _appearing(path) as making:
            cursor.register("names", names.table)
            counts = cursor.execute(_RANKS, span).fetchall()
            words = [name for name in _COLUMNS.names if name != "time"]  # of times no two are alike
            with pq.ParquetWriter(making, _COLUMNS, compression="zstd", use_dictionary=words) as file:
                for first, last, _ in runs(counts, ROWS_AT_ONCE):
                    part = cursor.sql(_ROWS, params={**span, "first": first, "last": last})
                    for batch in part.to_arrow_reader(_GROUP):
                        file.write_batch(names.told(batch), row_group_size=_GROUP)
            cursor.unregister("names")
        return path.stat().st_size, _sum(path)


def examine_hours(folder: Path) -> tuple[int, list[str]]:
    """How many hours a folder of them has, and those that are missing or not as they were written, all read once."""
    count, wrong = 0, []
    for day in sorted(folder.glob("day=*")):
        for name, hour in read_manifest(day)[1].items():
            path = day / f"{name}.parquet"
            count += 1
            if _size(path) != hour.bytes or _sum(path) != hour.sha256:
                wrong.append(f"{day.name}/{path.name}")
    return count, wrong


class _Names:
    """The series in the order of their names."""

    def __init__(self, series: Iterable[Series]) -> None:
        known = sorted(series, key=lambda one: one.key)
        ranks = np.arange(len(known), dtype=np.int32)
        self.table = pa.table({"series": pa.array([one.id for one in known], pa.int32()), "rank": ranks})
        self._keys = pa.array([one.key for one in known], pa.string())
        self._kinds = pa.array([one.kind for one in known], pa.string()).dictionary_encode()
        self._units = pa.array([one.unit for one in known], pa.string()).dictionary_encode()

    def told(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a part with the names, kinds and units of their series in words."""
        rank = batch.column("rank")
        columns = {
            "series": pa.DictionaryArray.from_arrays(rank, self._keys),
            "kind": self._kinds.take(rank),
            "unit": self._units.take(rank),
        }
        for field in _COLUMNS:
            if field.name not in columns:
                columns[field.name] = batch.column(field.name).cast(field.type)
        return pa.RecordBatch.from_arrays([columns[field.name] for field in _COLUMNS], schema=_COLUMNS)


def read_manifest(folder: Path) -> tuple[int | None, dict[str, Hour]]:
    """What came to the day when its hours were written, None if that was not finished, and the hours by name."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        if told["schema"] == SCHEMA:
            return told["arrived"], {name: Hour(**hour) for name, hour in told["hours"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None, {}
    return None, {}


def write_manifest(folder: Path, arrived: int | None, hours: Mapping[str, Hour]) -> None:
    """Writes down what the hours of a day are made of, in the place of what stood there."""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "arrived": arrived,
        "hours": {name: asdict(hours[name]) for name in sorted(hours)},
    }
    with _appearing(folder / MANIFEST) as making:
        making.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file to write that takes its place when the block ends well, durably; a full or failing disk is named."""
    making = path.with_name(f".{path.name}.new")  # no name that a reader of Parquet takes
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield making
        with making.open("rb") as file:
            os.fsync(file.fileno())
        making.rename(path)
        if os.name == "posix":
            handle = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        with suppress(OSError):
            making.unlink(missing_ok=True)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
