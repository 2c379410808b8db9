from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineside.errors import LinesideError
from lineside.history import History, Quality, examine_hours, hours
from lineside.history.compaction import DAY_US, HOUR_US

Batch = Callable[..., pa.Table]
DAY = 20_000 * DAY_US
NAMES = ("series", "time", "seq", "number", "text", "quality", "received", "kind", "unit")


def unhurried() -> None:
    """Nobody stops the work."""


def written(history: History, now: int, *, whole: bool = False) -> tuple[int, int, int]:
    """Compacts and writes the hours; gives back files, rows and removed files."""
    history.compact(now)
    done = history.write_hours(now, unhurried, whole=whole)
    return done.files, done.rows, done.removed


def folder_of(folder: Path, day: int = DAY) -> Path:
    """The folder of a day."""
    return folder / "data" / "parquet" / f"day={datetime.fromtimestamp(day / 1e6, UTC):%Y-%m-%d}"


def read(sql: str) -> list[Any]:
    """What a plain DuckDB finds."""
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def stored(history: History) -> list[Any]:
    """Every sample of a history with the words of its series, ordered by them."""
    with history._database.cursor() as cursor:  # noqa: SLF001 - the receive time is told nowhere else
        return cursor.execute(
            "SELECT key, epoch_us(time), seq, number, text, quality, epoch_us(received), kind, unit"
            " FROM samples s JOIN series ON series.id = s.series ORDER BY key, time, seq"
        ).fetchall()


def fill(history: History, batch: Batch, *, many: int = 1) -> None:
    """Three hours of a number, a word and no value at all, of two machines whose ids are not in order of names."""
    late, early = history.series("press/mode", kind="state"), history.series("mill/load", kind="measure", unit="kW")
    for hour in range(3):
        at = DAY + hour * HOUR_US
        rows = [(early, at + n, n / 3) for n in range(many)] + [(late, at + 5, "ACTIVE"), (late, at + 5, None)]
        history.append(batch(*rows))
    history.append(batch((early, DAY + 9, 1.5), quality=Quality.BAD))


def test_closed_hours_read_back_equal_in_duckdb_and_pyarrow(
    tmp_path: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, both times, quality, repeats and missing values; sorted by series and time, however it was cut up."""
    monkeypatch.setattr(hours, "ROWS_AT_ONCE", 7)
    with History.open(tmp_path) as history:
        fill(history, batch, many=20)
        assert written(history, DAY + 3 * HOUR_US) == (3, 67, 0)
        expected = stored(history)

    files = f"{tmp_path}/data/parquet/*/*.parquet"
    columns = "series, epoch_us(time), seq, number, text, quality, epoch_us(received), kind, unit"
    by_duckdb = read(f"FROM read_parquet('{files}') SELECT {columns} ORDER BY series, time, seq")
    tables = [pq.read_table(path, partitioning=None) for path in sorted(folder_of(tmp_path).glob("*.parquet"))]
    by_pyarrow = [
        tuple(row.as_py() if not isinstance(row, pa.TimestampScalar) else row.value for row in line)
        for line in zip(*(pa.concat_tables(tables)[name].combine_chunks() for name in NAMES), strict=True)
    ]
    assert by_duckdb == expected
    assert sorted(by_pyarrow, key=lambda row: row[:3]) == expected
    for table in tables:
        order = list(zip(*(table[name].to_pylist() for name in ("series", "time", "seq")), strict=True))
        assert order == sorted(order)
    assert [field.type.tz for field in tables[0].schema if field.name in ("time", "received")] == ["UTC", "UTC"]


def test_files_hold_plain_encodings_that_every_reader_knows(tmp_path: Path, batch: Batch) -> None:
    """Zstd over plain values and dictionaries: no byte-stream split and no delta."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        written(history, DAY + HOUR_US)

    group = pq.read_metadata(folder_of(tmp_path) / "00.parquet").row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    assert {one.compression for one in columns} == {"ZSTD"}
    assert {encoding for one in columns for encoding in one.encodings} <= {"PLAIN", "RLE", "RLE_DICTIONARY"}
    assert [one.physical_type for one in columns if one.path_in_schema == "time"] == ["INT64"]


def test_an_hour_is_written_once_and_again_when_late_values_came(tmp_path: Path, batch: Batch) -> None:
    """The running hour waits; nothing new, nothing written; what comes late, live or imported, reaches its file."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        series = history.series("mill/load")
        first = [written(history, DAY + 2 * HOUR_US + 1), written(history, DAY + 2 * HOUR_US + 2)]
        made = (folder_of(tmp_path) / "00.parquet").stat().st_mtime_ns
        second = written(history, DAY + 3 * HOUR_US)
        history.append(batch((series, DAY + HOUR_US + 77, 7.0)))
        live = written(history, DAY + 3 * HOUR_US)
        history.append(batch((series, DAY + HOUR_US + 78, 7.0), (series, DAY - 1, 8.0)), bulk=True)
        bulk = written(history, DAY + 3 * HOUR_US)
        rows = read(f"FROM read_parquet('{tmp_path}/data/parquet/*/*.parquet')")
        expected = stored(history)

    assert first == [(2, 7, 0), (0, 0, 0)]
    assert (second, live, bulk) == ((1, 3, 0), (1, 4, 0), (2, 6, 0))
    assert (folder_of(tmp_path) / "00.parquet").stat().st_mtime_ns == made
    assert len(rows) == len(expected) == 13
    assert [path.name for path in sorted(folder_of(tmp_path, DAY - DAY_US).iterdir())] == [
        "23.parquet",
        "_manifest.json",
    ]


def test_what_is_removed_or_thinned_leaves_the_files_too(tmp_path: Path, batch: Batch) -> None:
    """A look at the whole finds hours with fewer values and hours with none; a day without any leaves no folder."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        later = DAY + 2 * DAY_US
        history.append(batch((history.series("mill/load"), later, 3.0), (history.series("press/mode"), later, "READY")))
        now = DAY + 3 * DAY_US
        before = written(history, now)
        history.remove([history.series("mill/load")], DAY + 2 * HOUR_US, unhurried)
        quick = written(history, now)
        fewer = written(history, now, whole=True)
        kept = read(f"FROM read_parquet('{tmp_path}/data/parquet/*/*.parquet')")
        history.remove([history.series("mill/load"), history.series("press/mode")], now, unhurried)
        none = written(history, now, whole=True)
        left = stored(history)

    assert (before, quick) == ((4, 12, 0), (0, 0, 0))
    assert fewer == (1, 2, 0)
    assert len(kept) == 10
    assert none == (0, 0, 3)
    assert len(left) == 2
    assert not folder_of(tmp_path).exists()


def test_a_file_that_is_gone_or_cut_is_found_and_written_again(tmp_path: Path, batch: Batch) -> None:
    """The doctor's look names it, by size or by sum; a manifest that cannot be read has its day written anew."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        written(history, DAY + 3 * HOUR_US)
        folder = folder_of(tmp_path)
        well = examine_hours(folder.parent)
        (folder / "00.parquet").unlink()
        (folder / "01.parquet").write_bytes(b"PAR1")
        changed = bytearray((folder / "02.parquet").read_bytes())
        changed[10] ^= 1
        (folder / "02.parquet").write_bytes(changed)
        ill = examine_hours(folder.parent)
        (folder / "02.parquet").unlink()
        again = written(history, DAY + 3 * HOUR_US, whole=True)
        (folder / "_manifest.json").write_text("{", "utf-8")
        anew = written(history, DAY + 3 * HOUR_US)

    assert well == (3, [])
    assert ill == (3, [f"{folder.name}/{hour}.parquet" for hour in ("00", "01", "02")])
    assert (again[0], anew[0]) == (3, 3)
    assert examine_hours(folder.parent) == (3, [])


def test_a_broken_off_run_goes_on_where_it_was(tmp_path: Path, batch: Batch) -> None:
    """Cancelled between two files: those that are whole are not written again, and nothing half is left."""

    class Stop(Exception):
        """Somebody stops the work."""

    done: list[int] = []

    def once() -> None:
        if done:
            raise Stop
        done.append(1)

    with History.open(tmp_path) as history:
        fill(history, batch)
        history.compact(DAY + 3 * HOUR_US)
        with pytest.raises(Stop):
            history.write_hours(DAY + 3 * HOUR_US, once)
        (folder_of(tmp_path) / ".01.parquet.new").write_bytes(b"half")
        rest = written(history, DAY + 3 * HOUR_US)

    assert rest[0] == 2
    assert sorted(path.name for path in folder_of(tmp_path).iterdir()) == [
        "00.parquet",
        "01.parquet",
        "02.parquet",
        "_manifest.json",
    ]


def test_a_disk_that_cannot_be_written_is_named(tmp_path: Path, batch: Batch) -> None:
    """The error tells the folder, and what is stored stays as it is."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        (tmp_path / "data" / "parquet").write_text("in the way", "utf-8")
        history.compact(DAY + 3 * HOUR_US)
        with pytest.raises(LinesideError) as failed:
            history.write_hours(DAY + 3 * HOUR_US, unhurried)

    assert failed.value.key == "history.disk_failed"


def test_the_hours_count_as_used(tmp_path: Path, batch: Batch) -> None:
    """The forecast of the disk knows them, and the manifest says what each is made of."""
    with History.open(tmp_path) as history:
        fill(history, batch)
        history.compact(DAY + 3 * HOUR_US)
        before = history.disk()
        history.write_hours(DAY + 3 * HOUR_US, unhurried)
        after, (files, size) = history.disk(), history.hours()

    told = json.loads((folder_of(tmp_path) / "_manifest.json").read_text("utf-8"))
    assert (files, after[0] - before[0], after[1] - before[1]) == (3, size, size)
    assert sum(hour["bytes"] for hour in told["hours"].values()) == size
    assert [hour["rows"] for hour in told["hours"].values()] == [4, 3, 3]
