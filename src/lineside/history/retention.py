"""Makes samples fewer: thins numbers out by the minute, removes what is too old, and erases what must be gone.

Every step is one transaction of so many rows at most, so that a kill loses nothing else and live commits go on.
Neither needs a record of what was done: what is thin or gone already is found to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import duckdb

from lineside.history.compaction import DAY_US, MINUTE_US, ROWS_AT_ONCE, runs
from lineside.history.database import Database

_OF_A_MINUTE = 6
"""First, least, greatest and last value, and the first and last sample without a number."""

DENSE_DAY = _OF_A_MINUTE * 24 * 60
"""A day of a series with no more samples than that is left as it is."""

_DENSE_DAYS = f"""
SELECT epoch_us(time) // {DAY_US}, series, count(*) FROM cold
WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[]))
GROUP BY 1, 2 HAVING count(*) > {DENSE_DAY} ORDER BY 1, 2
"""

# Samples of one moment stay or go together, so that repeats of them are still recognised.
_SURPLUS = """
CREATE TEMP TABLE surplus AS
WITH inside AS (
    SELECT rowid AS row, series, time, epoch_us(time) // 60000000 AS minute, number FROM cold
    WHERE series IN (SELECT unnest($series::INTEGER[]))
      AND time >= make_timestamp($start) AND time < make_timestamp($end)),
minutes AS (
    SELECT series, min(time) AS first, max(time) AS last,
        min({'number': number, 'time': time}) FILTER (number IS NOT NULL).time AS low,
        max({'number': number, 'time': time}) FILTER (number IS NOT NULL).time AS high,
        min(time) FILTER (number IS NULL) AS first_without, max(time) FILTER (number IS NULL) AS last_without
    FROM inside GROUP BY series, minute),
kept AS (
    SELECT DISTINCT series, unnest([first, last, low, high, first_without, last_without]) AS time FROM minutes)
SELECT row FROM inside ANTI JOIN kept USING (series, time)
"""

# A value holds until the next one, for a minute at most. Means that are there already were made of all values.
_MEANS = """
INSERT INTO minutes
WITH held AS (
    SELECT series, time, number,
        least(epoch_us(coalesce(lead(time) OVER (PARTITION BY series ORDER BY time, seq), make_timestamp($end)))
            - epoch_us(time), 60000000) / 1e6 AS seconds
    FROM cold
    WHERE series IN (SELECT unnest($series::INTEGER[]))
      AND time >= make_timestamp($start) AND time < make_timestamp($end)),
means AS (
    SELECT series, make_timestamp(epoch_us(time) // 60000000 * 60000000) AS time,
        sum(number * seconds) / sum(seconds) AS mean, sum(seconds) AS seconds
    FROM held WHERE number IS NOT NULL GROUP BY 1, 2 HAVING sum(seconds) > 0)
SELECT * FROM means ANTI JOIN minutes USING (series, time) ORDER BY series, time
"""

_REMOVE_MEANS = """
DELETE FROM minutes WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[]))
"""

_OLD = f"""
SELECT epoch_us(time) // {MINUTE_US}, count(*) FROM cold
WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[]))
GROUP BY 1 ORDER BY 1
"""

# The newest sample before the limit holds at it, and stays.
_IN_FORCE = """
CREATE TEMP TABLE in_force AS
SELECT series, max(time) AS time FROM cold
WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[])) GROUP BY 1
"""
_NOT_IN_FORCE = """
  AND NOT EXISTS (SELECT 1 FROM in_force WHERE in_force.series = cold.series AND in_force.time = cold.time)
"""

_REMOVE = """
DELETE FROM cold
WHERE time >= make_timestamp($start) AND time < make_timestamp($end) AND time < make_timestamp($before)
  AND series IN (SELECT unnest($series::INTEGER[]))
"""
_REMOVE_HOT = """
DELETE FROM hot WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[]))
"""
_EXTENTS = """
SELECT series, count(*), epoch_us(min(time)), epoch_us(max(time)) FROM samples
WHERE time < make_timestamp($before) AND series IN (SELECT unnest($series::INTEGER[])) GROUP BY 1
"""


def thin_out(database: Database, series: Sequence[int], before: int, check: Callable[[], None]) -> int:
    """Leaves of each minute before the limit what draws the same line; gives back the rows removed.

    That are the first, the least, the greatest and the last sample of a minute, each under its own time, and the
    first and last without a number; the mean of the minute goes to `minutes`. Days begin at midnight UTC, and the one
    that holds the limit is left whole.
    """
    with database.cursor() as cursor:
        limits = {"series": list(series), "before": before // DAY_US * DAY_US}
        dense = cursor.execute(_DENSE_DAYS, limits).fetchall()
    removed = 0
    for day, found in groupby(dense, key=lambda row: row[0]):
        counts = [(one, rows) for _, one, rows in found]
        for first, last, _ in runs(counts, ROWS_AT_ONCE):
            check()
            part = [one for one, _ in counts if first <= one <= last]
            with database.transaction() as cursor:
                span = {"series": part, "start": day * DAY_US, "end": (day + 1) * DAY_US}
                cursor.execute(_MEANS, span)
                cursor.execute(_SURPLUS, span)
                removed += _count(cursor.execute("DELETE FROM cold WHERE rowid IN (SELECT row FROM surplus)"))
                cursor.execute("DROP TABLE surplus")
    return removed


def remove(database: Database, series: Sequence[int], before: int, check: Callable[[], None]) -> int:
    """Removes samples and means before the limit, but of each series the newest sample; gives back how many samples."""
    limits = {"series": list(series), "before": before}
    removed = 0
    for span in _spans(database, limits, check):
        with database.transaction() as cursor:
            cursor.execute(_IN_FORCE, limits)
            removed += _count(cursor.execute(_REMOVE + _NOT_IN_FORCE, {**limits, **span}))
            cursor.execute("DROP TABLE in_force")
    with database.transaction() as cursor:
        cursor.execute(_REMOVE_MEANS, limits)
    return removed


def erase(
    database: Database, series: Sequence[int], before: int, check: Callable[[], None]
) -> dict[int, tuple[int, int, int]]:
    """Removes all samples and means before the limit, also the newest and those of open hours.

    Gives back how many samples of each series there were, and the times of the first and the last.
    """
    limits = {"series": list(series), "before": before}
    with database.cursor() as cursor:
        found = cursor.execute(_EXTENTS, limits).fetchall()
    for span in _spans(database, limits, check):
        with database.transaction() as cursor:
            cursor.execute(_REMOVE, {**limits, **span})
    with database.transaction() as cursor:
        cursor.execute(_REMOVE_HOT, limits)
        cursor.execute(_REMOVE_MEANS, limits)
    return {int(one): (int(rows), int(first), int(last)) for one, rows, first, last in found}


def _spans(database: Database, limits: dict[str, object], check: Callable[[], None]) -> Iterator[dict[str, int]]:
    """Spans of time that hold so many of the rows as may be removed at once."""
    with database.cursor() as cursor:
        minutes = cursor.execute(_OLD, limits).fetchall()
    for first, last, _ in runs(minutes, ROWS_AT_ONCE):
        check()
        yield {"start": first * MINUTE_US, "end": (last + 1) * MINUTE_US}


def _count(done: duckdb.DuckDBPyConnection) -> int:
    return int(done.fetchall()[0][0])
