from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from lineside.history import History

ROWS = 600_000


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
        columns = {
            "series": np.full(ROWS, series, np.int32),
            "time": pa.array(np.arange(ROWS) * 1_000).cast(pa.timestamp("us", "UTC")),
            "number": number,
            "text": pa.nulls(ROWS, pa.string()),
            "quality": np.zeros(ROWS, np.int16),
        }
        history.append(pa.table(columns), bulk=True)
        held = held_mb(history)

        history.shrink(cache_mb=1)

        assert held > 3.5
        assert held_mb(history) < 1.5
        assert np.array_equal(history.read(series, 0, ROWS * 1_000).number, number)
