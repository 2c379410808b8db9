"""Fewer samples that draw the same line."""

from __future__ import annotations

import duckdb

from lineside.history.reading import query_rows, split, window
from lineside.history.samples import Samples

_SIZE = """
SELECT count(*), epoch_us(min(time)), epoch_us(max(time)) FROM samples
WHERE series = $series AND time >= make_timestamp($start) AND time < make_timestamp($end)
"""

# A struct is compared by its first field, then the next: among equal numbers the choice is always the same.
_CHOICE = """
WITH inside AS (
    SELECT time, seq, number FROM samples
    WHERE series = $series AND time >= make_timestamp($start) AND time < make_timestamp($end)),
buckets AS (
    SELECT
        min({'number': number, 'time': time, 'seq': seq}) FILTER (number IS NOT NULL) AS low,
        max({'number': number, 'time': time, 'seq': seq}) FILTER (number IS NOT NULL) AS high,
        min({'number': number, 'time': time, 'seq': seq}) FILTER (number IS NULL) AS first_without,
        max({'number': number, 'time': time, 'seq': seq}) FILTER (number IS NULL) AS last_without
    FROM inside GROUP BY (epoch_us(time) - $origin) // $width),
chosen AS (
    SELECT one.time AS time, one.seq AS seq
    FROM (SELECT unnest([low, high, first_without, last_without]) AS one FROM buckets) WHERE one IS NOT NULL
    UNION (SELECT time, seq FROM inside ORDER BY time, seq LIMIT 1)
    UNION (SELECT time, seq FROM inside ORDER BY time DESC, seq DESC LIMIT 1))
SELECT series, time, seq, number, text, quality FROM samples SEMI JOIN chosen USING (time, seq)
WHERE series = $series AND time >= make_timestamp($start) AND time < make_timestamp($end)
"""


def thinned(cursor: duckdb.DuckDBPyConnection, series: int, start: int, end: int, points: int) -> Samples:
    """Stored samples of [start, end) that draw the same line: about two for each of `points` buckets.

    Every bucket keeps its least and greatest number and the first and last sample without one, so peaks
    and gaps (and of texts the changes from bucket to bucket) stay. The first and last sample of the
    window stay too. Nothing is averaged or invented; few samples come back whole.
    """
    size, first, last = cursor.execute(_SIZE, {"series": series, "start": start, "end": end}).fetchall()[0]
    if size <= 2 * points:
        rows = window(cursor, [series], start, end)
    else:
        width = (last - first) // max(points, 1) + 1
        rows = query_rows(cursor, _CHOICE, series=series, start=start, end=end, origin=first, width=width)
    return split(rows).get(series, Samples.none())
