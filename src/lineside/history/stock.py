"""How much is stored, series by series, and how fast it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class Stock:
    """Samples by series id: all of them, and those of a span of time, whose first is at `first`."""

    rows: Mapping[int, int]
    recent: Mapping[int, int]
    first: int | None
    extent: Mapping[int, tuple[int, int]]
    """Of each series the first and the last sample there is (microseconds UTC)."""


_STOCK = """
SELECT series, count(*), count(*) FILTER (inside), epoch_us(min(time) FILTER (inside)),
    epoch_us(min(time)), epoch_us(max(time))
FROM (SELECT series, time, time >= make_timestamp($since) AND time < make_timestamp($until) AS inside FROM samples)
GROUP BY series
"""


def take_stock(cursor: duckdb.DuckDBPyConnection, since: int, until: int) -> Stock:
    """The stock, and what of it lies in [since, until)."""
    found = cursor.execute(_STOCK, {"since": since, "until": until}).fetchall()
    return Stock(
        rows={series: rows for series, rows, *_ in found},
        recent={series: recent for series, _, recent, *_ in found},
        first=min((first for *_, first, _, _ in found if first is not None), default=None),
        extent={series: (first, last) for series, *_, first, last in found},
    )


def used_bytes(cursor: duckdb.DuckDBPyConnection) -> int:
    """The bytes of the file that hold something; freed ones stay in the file and are used again."""
    found = cursor.execute("SELECT block_size * used_blocks FROM pragma_database_size()").fetchall()
    return int(found[0][0])
