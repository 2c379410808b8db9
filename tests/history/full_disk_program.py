"""Run by test_full_disk: appends until the disk refuses, then again once there is room."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from lineside.errors import LinesideError
from lineside.history import SAMPLES, History


def batch(series: int, number: int, rows: int) -> pa.Table:
    """Rows that do not compress, at times that belong to this batch alone."""
    noise = np.random.default_rng(number)
    return pa.table(
        {
            "series": np.full(rows, series, np.int32),
            "time": pa.array(np.arange(rows) + number * 1_000_000, pa.timestamp("us", "UTC")),
            "number": noise.random(rows),
            "text": pa.nulls(rows, pa.string()),
            "quality": np.zeros(rows, np.int16),
        }
    ).cast(SAMPLES)


def main() -> None:
    """Prints what was acknowledged and what is found, as JSON."""
    folder, limit_bytes, rows = Path(sys.argv[1]), int(sys.argv[2]), 20_000
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with History.open(folder) as history:
        series = history.series("press/force")
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
        acknowledged, key = 0, ""
        while not key:
            try:
                history.append(batch(series, acknowledged, rows))
                acknowledged += 1
            except LinesideError as error:
                key = error.key
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        found = len(history.read(series, 0, acknowledged * 1_000_000))
        again = history.append(batch(series, acknowledged, rows))
        total = len(history.read(series, 0, 2**60))
    print(  # noqa: T201
        json.dumps(
            {
                "key": key,
                "acknowledged": acknowledged * rows,
                "found": found,
                "again": again.stored + again.repeated,
                "total": total,
            }
        )
    )


if __name__ == "__main__":
    main()
