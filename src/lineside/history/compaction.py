"""Moves closed hours to sorted storage, and keeps whole days sorted there.

Cold rows arrive hour by hour and import by import. Once a day is closed its rows are sorted again as a
whole, so that one series of that day lies together: a month of one machine then reads in milliseconds.
A day of very many rows is sorted span by span of its minutes.
Every step is one transaction, so a kill between or inside them loses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa

from lineside.history.database import CACHE_MB, Database
from lineside.history.samples import Int64s

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
ROWS_AT_ONCE = 750_000
"""Enough for DuckDB to work well, few enough to sort in memory and to hold up live commits briefly."""

ROWS_MOVED = 250_000
"""Moving takes memory beside the writers', for every row of a step until that is durable."""

ROWS_SORTED = 8_000_000
"""A span of this many rows is sorted as one. For every 2,048 neighbours of which one is deleted DuckDB takes 16 KiB
of memory, and sorting by series deletes everywhere in the span."""

_LOOSE_SHARE = 0.2
"""A closed day is sorted again when more than this share of its rows came after it was sorted last."""

_CONDITION = "WHERE time >= make_timestamp($start) AND time < make_timestamp($end)"
_MINUTE = "SELECT epoch_us(time) // 60000000, count(*)"
_CLOSED = f"{_MINUTE} FROM hot WHERE time < make_timestamp($before) GROUP BY 1 ORDER BY 1"
_OF_DAY = f"{_MINUTE} FROM cold {_CONDITION} GROUP BY 1 ORDER BY 1"
_PART_CONDITION = f"{_CONDITION} AND series BETWEEN $first AND $last"
_ORDER = "ORDER BY series, time, seq"

_NOTE_MOVED = f"INSERT INTO arrivals SELECT time::DATE, count(*), 0 FROM hot {_CONDITION} GROUP BY 1"
_NOTE_SORTED = "INSERT INTO arrivals VALUES (make_timestamp($day)::DATE, -$loose, $loose)"

_UNTIDY_DAYS = """
SELECT epoch_us(day), sum(loose)::BIGINT FROM arrivals WHERE day < make_timestamp($before)::DATE
GROUP BY day HAVING sum(loose) > $share * (sum(loose) + sum(sorted)) ORDER BY day
"""

_SERIES_OF_SPAN = f"SELECT series, count(*) FROM cold {_CONDITION} GROUP BY 1 ORDER BY 1"


def runs(counts: Iterable[tuple[int, int]], limit: int) -> Iterator[tuple[int, int, int]]:
    """Neighbouring keys joined to (first, last, rows) while they hold at most `limit` rows together."""
    first = last = rows = 0
    for key, count in counts:
        if rows and rows + count > limit:
            yield first, last, rows
            rows = 0
        if not rows:
            first = key
        last, rows = key, rows + count
    if rows:
        yield first, last, rows


def note_arrivals(cursor: duckdb.DuckDBPyConnection, time: Int64s) -> None:
    """Enters rows of these times, put into cold directly, in the ledger of days."""
    days, counts = np.unique(time // DAY_US, return_counts=True)
    cursor.register("days", pa.table({"day": (days * DAY_US).view("datetime64[us]"), "loose": counts}))
    cursor.execute("INSERT INTO arrivals SELECT day::DATE, loose, 0 FROM days")
    cursor.unregister("days")


def move_closed_hours(database: Database, now: int) -> int:
    """Moves the rows of all hours before the running one from hot to cold; gives back their number."""
    with database.cursor() as cursor:
        minutes = cursor.execute(_CLOSED, {"before": now // HOUR_US * HOUR_US}).fetchall()
    moved = 0
    database.shrink(CACHE_MB)  # counting has read them all
    for start, end in steps(minutes, ROWS_MOVED):
        span = {"start": start, "end": end}
        with database.transaction() as cursor:
            cursor.execute(_NOTE_MOVED, span)
            cursor.execute(f"INSERT INTO cold SELECT * FROM hot {_CONDITION} {_ORDER}", span)
            moved += int(cursor.execute(f"DELETE FROM hot {_CONDITION}", span).fetchall()[0][0])
        database.shrink(CACHE_MB)
    return moved


def steps(minutes: Iterable[tuple[int, int]], limit: int) -> Iterator[tuple[int, int]]:
    """Spans of time of about `limit` rows at most: minutes joined, and a minute of more rows in equal parts."""
    for first, last, rows in runs(minutes, limit):
        start, whole, parts = first * MINUTE_US, (last + 1 - first) * MINUTE_US, -(-rows // limit)
        for part in range(parts):
            yield start + whole * part // parts, start + whole * (part + 1) // parts


def tidy_closed_days(database: Database, now: int) -> int:
    """Sorts again the closed days that gained many rows; gives back the number of days."""
    with database.cursor() as cursor:
        days = cursor.execute(_UNTIDY_DAYS, {"before": now // DAY_US * DAY_US, "share": _LOOSE_SHARE}).fetchall()
    for day, loose in days:
        _tidy(database, day, loose)
    return len(days)


def _tidy(database: Database, day: int, loose: int) -> None:
    with database.cursor() as cursor:
        minutes = cursor.execute(_OF_DAY, {"start": day, "end": day + DAY_US}).fetchall()
    for first, last, _ in runs(minutes, ROWS_SORTED):
        _sort(database, {"start": first * MINUTE_US, "end": (last + 1) * MINUTE_US})
    with database.transaction() as cursor:
        cursor.execute(_NOTE_SORTED, {"day": day, "loose": loose})


def _sort(database: Database, span: dict[str, int]) -> None:
    with database.cursor() as cursor:
        counts = cursor.execute(_SERIES_OF_SPAN, span).fetchall()
    for first, last, _ in runs(counts, ROWS_AT_ONCE):
        part = {**span, "first": first, "last": last}
        with database.transaction() as cursor:
            cursor.execute(f"CREATE TEMP TABLE part AS SELECT * FROM cold {_PART_CONDITION} {_ORDER}", part)
            cursor.execute(f"DELETE FROM cold {_PART_CONDITION}", part)
            cursor.execute("INSERT INTO cold SELECT * FROM part")
            cursor.execute("DROP TABLE part")
        database.shrink(CACHE_MB)
