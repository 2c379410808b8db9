from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lineside.history import History

ROWS = 600_000
EACH_US = 100_000


def ten_a_second(series: int, number: NDArray[np.float64]) -> pa.Table:
    """These numbers of a series, from 1970 on, none quite at its time."""
    rows = len(number)
    late = np.random.default_rng(2).integers(0, EACH_US, rows)
    return pa.table(
        {
            "series": np.full(rows, series, np.int32),
            "time": pa.array(np.arange(rows) * EACH_US + late).cast(pa.timestamp("us", "UTC")),
            "number": number,
            "text": pa.nulls(rows, pa.string()),
            "quality": np.zeros(rows, np.int16),
        }
    )


def held_mb(history: History) -> float:
    """What DuckDB holds in memory."""
    with history._database.cursor() as cursor:  # noqa: SLF001 - nothing public tells
        (held,) = cursor.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0]
    return float(held) / 2**20


def test_what_is_on_disk_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Written blocks stay in memory until they are given back; afterwards all values are there as before."""
    with History.open(tmp_path) as history:
        series = history.series("mill/load", kind="measure")
        number = np.random.default_rng(1).random(ROWS)
        history.append(ten_a_second(series, number), bulk=True)
        held = held_mb(history)

        history.shrink(cache_mb=1)

        assert held > 3.5
        assert held_mb(history) < 1.5
        assert np.array_equal(history.read(series, 0, ROWS * EACH_US).number, number)


def test_opening_reads_little_of_what_is_stored(tmp_path: Path) -> None:
    """A start takes as long after years as after a day, and no more memory: it looks for ends and newest values."""
    numbers = np.random.default_rng(1).random(2 * ROWS)
    with History.open(tmp_path) as history:
        old, new = history.series("mill/load", kind="measure"), history.series("press/load", kind="measure")
        history.append(ten_a_second(old, numbers), bulk=True)
        history.append(ten_a_second(new, numbers))

    with History.open(tmp_path) as history:
        held = held_mb(history)

        assert history.last(old) == history.last(new)
        assert history.extent() == history.extent([old, new])

        assert held < held_mb(history) / 2
