"""Run by test_kill: appends batch after batch and prints the number of each once it is acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from lineside.history import SAMPLES, History

SERIES, ROWS = 4, 200
MINUTE_US = 60_000_000


def batch(number: int) -> pa.Table:
    """The rows of one batch: at each of its moments one sample of every series, valued with its number."""
    rows = np.arange(ROWS)
    return pa.table(
        {
            "series": (rows % SERIES + 1).astype(np.int32),
            "time": pa.array(number * 10 * MINUTE_US + rows // SERIES, pa.timestamp("us", "UTC")),
            "number": np.full(ROWS, float(number)),
            "text": pa.nulls(ROWS, pa.string()),
            "quality": np.zeros(ROWS, np.int16),
        }
    ).cast(SAMPLES)


def main() -> None:
    """Appends from the given batch on until killed: live and bulk ones, compacting in between."""
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    history = History.open(folder)
    for key in range(SERIES):
        history.series(f"machine/signal{key}", kind="measure")
    batch(0)  # what makes the first batch slow, as loading pandas where it is installed, is not part of the race
    print("open", flush=True)  # noqa: T201
    number = first
    while True:
        history.append(batch(number), bulk=number % 3 == 0)
        print(number, flush=True)  # noqa: T201
        if number % 10 == 0:
            history.compact(number * 10 * MINUTE_US)
        number += 1


if __name__ == "__main__":
    main()
