"""Queries on the sample tables; each gives columns, none holds state."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from lineside.history.rows import Rows, dictionary, microseconds, whole
from lineside.history.samples import Floats, Int32s, Int64s, Samples

_HOUR_US = 3_600_000_000
_LOOK_BACK_US = (_HOUR_US // 60, _HOUR_US, 8 * 24 * _HOUR_US)
"""How far back the sample before a moment is sought, step by step, before all of history is: the rows of a step are
held in memory at once, and an hour of a fast plant would be hundreds of megabytes."""

_WINDOW = """
SELECT series, time, seq, number, text, quality FROM samples
WHERE series IN (SELECT unnest($series::INTEGER[]))
  AND time >= make_timestamp($start) AND time < make_timestamp($end)
"""

_NEWEST = """
WITH chosen AS (
    SELECT series, time, seq, number, text, quality FROM samples
    WHERE series IN (SELECT unnest($series::INTEGER[]))
      AND time >= make_timestamp($start) AND time < make_timestamp($end)),
newest AS (SELECT series, max(time) AS time FROM chosen GROUP BY series)
SELECT * FROM chosen SEMI JOIN newest USING (series, time)
"""

_AT = """
SELECT series, time, seq, number, text, quality FROM samples
SEMI JOIN wanted USING (series, time)
WHERE series BETWEEN $first AND $last AND time BETWEEN make_timestamp($start) AND make_timestamp($end)
"""

_MINUTES = """
SELECT time, mean, seconds FROM minutes
WHERE series = $series AND time >= make_timestamp($start) AND time < make_timestamp($end) ORDER BY time
"""

_EXTENT = """
SELECT epoch_us(min(time)), epoch_us(max(time)) FROM samples WHERE series IN (SELECT unnest($series::INTEGER[]))
"""

_EXTENT_OF_ALL = """
SELECT epoch_us(min(first)), epoch_us(max(last)) FROM (
    SELECT min(time) AS first, max(time) AS last FROM cold UNION ALL SELECT min(time), max(time) FROM hot)
"""
"""Of each table by itself DuckDB reads the few row groups that can hold it; of their union it reads every row."""

BEGINNING = -(2**62)
"""Before any time a sample can have."""


def window(cursor: duckdb.DuckDBPyConnection, series: Sequence[int], start: int, end: int) -> Rows:
    """All samples of these series in [start, end), ordered."""
    return query_rows(cursor, _WINDOW, series=list(series), start=start, end=end)


def newest_before(cursor: duckdb.DuckDBPyConnection, series: Sequence[int], end: int) -> dict[int, Samples]:
    """The last sample before `end` of each series that has one, as a single row."""
    found: dict[int, Samples] = {}
    seek = list(series)
    for reach in (*_LOOK_BACK_US, None):
        if not seek:
            break
        start = BEGINNING if reach is None else max(end - reach, BEGINNING)
        rows = query_rows(cursor, _NEWEST, series=seek, start=start, end=end)
        found.update({one: last_row(samples) for one, samples in split(rows).items()})
        seek = [one for one in seek if one not in found]
    return found


def stored_at(cursor: duckdb.DuckDBPyConnection, incoming: Rows) -> Rows:
    """All stored samples at the (series, time) of the incoming ones, ordered."""
    wanted = pa.table({"series": incoming.series, "time": incoming.time.view("datetime64[us]")})
    cursor.register("wanted", wanted)
    try:
        return query_rows(
            cursor,
            _AT,
            first=int(incoming.series[0]),
            last=int(incoming.series[-1]),
            start=int(incoming.time.min()),
            end=int(incoming.time.max()),
        )
    finally:
        cursor.unregister("wanted")


def minutes(cursor: duckdb.DuckDBPyConnection, series: int, start: int, end: int) -> tuple[Int64s, Floats, Floats]:
    """Beginning, mean and seconds of the minutes in [start, end) that were thinned out, in order."""
    found = cursor.execute(_MINUTES, {"series": series, "start": start, "end": end}).fetchnumpy()
    return (
        found["time"].astype("datetime64[us]").astype(np.int64),
        found["mean"].astype(np.float64),
        found["seconds"].astype(np.float64),
    )


def extent(cursor: duckdb.DuckDBPyConnection, series: Sequence[int] | None) -> tuple[int, int] | None:
    """The first and last time any of these series (or any at all) has a sample."""
    found = cursor.execute(_EXTENT_OF_ALL) if series is None else cursor.execute(_EXTENT, {"series": list(series)})
    first, last = found.fetchall()[0]
    return None if first is None else (first, last)


def split(rows: Rows) -> dict[int, Samples]:
    """The rows of each series as its samples; the samples share one tuple of words."""
    words = tuple(rows.text.dictionary.to_pylist())
    codes: Int32s = rows.text.indices.fill_null(-1).to_numpy()
    heads = np.flatnonzero(np.diff(rows.series, prepend=-1))
    tails = np.append(heads, len(rows))[1:]
    return {
        int(rows.series[head]): Samples(
            time=rows.time[head:tail],
            number=rows.number[head:tail],
            codes=codes[head:tail],
            words=words,
            quality=rows.quality[head:tail],
        )
        for head, tail in zip(heads.tolist(), tails.tolist(), strict=True)
    }


def last_row(samples: Samples) -> Samples:
    """The newest of these samples alone."""
    return Samples(
        time=samples.time[-1:],
        number=samples.number[-1:],
        codes=samples.codes[-1:],
        words=samples.words,
        quality=samples.quality[-1:],
    )


def after_carry(carry: Samples | None, samples: Samples) -> Samples:
    """The samples with the one before them in front."""
    if carry is None:
        return samples
    word = next(carry.texts())
    words = samples.words if word is None or word in samples.words else (*samples.words, word)
    code = -1 if word is None else words.index(word)
    return Samples(
        time=np.concatenate((carry.time, samples.time)),
        number=np.concatenate((carry.number, samples.number)),
        codes=np.concatenate((np.array([code], np.int32), samples.codes)),
        words=words,
        quality=np.concatenate((carry.quality, samples.quality)),
    )


def query_rows(cursor: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> Rows:
    """The rows a query on the sample tables gives, ordered by (series, time, seq).

    Storage is sorted by and large, so a stable grouping by series mostly leaves nothing else to do.
    """
    table = cursor.sql(sql, params=parameters).to_arrow_table()
    rows = Rows(
        series=whole(table["series"]).to_numpy(),
        time=microseconds(table["time"]),
        seq=whole(table["seq"]).to_numpy(),
        number=whole(table["number"]).to_numpy(zero_copy_only=False),
        text=dictionary(table["text"]),
        quality=whole(table["quality"]).to_numpy().astype(np.int16),
    )
    series = rows.series
    if np.any(series[1:] < series[:-1]):
        rank = np.zeros(int(series.max()) + 1, np.int32)
        rank[series] = 1
        place = (np.cumsum(rank) - 1)[series]
        small = place.astype(np.uint16) if place.max() < 2**16 else place  # 16 bits sort by counting
        rows = _arranged(rows, np.argsort(small, kind="stable"))
    steps = np.flatnonzero(rows.time[1:] <= rows.time[:-1])  # mostly none but those from series to series
    after = steps + 1
    same_series = rows.series[steps] == rows.series[after]
    earlier = (rows.time[after] < rows.time[steps]) | (rows.seq[after] < rows.seq[steps])
    if np.any(same_series & earlier):
        rows = _arranged(rows, np.lexsort((rows.seq, rows.time, rows.series)))
    return rows


def _arranged(rows: Rows, order: Int64s) -> Rows:
    return Rows(
        series=rows.series[order],
        time=rows.time[order],
        seq=rows.seq[order],
        number=rows.number[order],
        text=rows.text.take(pa.array(order)),
        quality=rows.quality[order],
    )
