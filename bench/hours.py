"""What closed hours cost as Parquet: run by hand, quote with machine and date.

    python bench/hours.py [HOURS]

A thousand series at one value a second for so many hours (1): 60 % noisy numbers with two digits, 20 % with all, 10 %
counters, 5 % states, 5 % constants. They are stored, compacted, and written as Parquet; then all is read back by DuckDB
and counted. The memory is the highest of the whole process.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.history import SAMPLES, History  # noqa: E402

SERIES, BATCH_S, HOUR_S = 1000, 60, 3600
START_S = 20_000 * 86_400
WORDS = np.array(["ACTIVE", "READY", "STOPPED", "INTERRUPTED"])


def batch(ids: np.ndarray, begin: int, rng: np.random.Generator) -> pa.Table:
    """A minute of all series."""
    seconds = np.repeat(np.arange(begin, begin + BATCH_S), SERIES)
    which = np.tile(np.arange(SERIES), BATCH_S)
    number = rng.normal(50, 10, len(which))
    number = np.where(which < 600, np.round(number, 2), number)
    number = np.where((which >= 800) & (which < 900), (seconds - START_S) // 7, number)
    number = np.where(which >= 950, 1.0, number)
    is_text = (which >= 900) & (which < 950)
    words = WORDS[(seconds // 300 + which) % len(WORDS)]
    return pa.table(
        {
            "series": ids[which],
            "time": pa.array(seconds * 1_000_000 + rng.integers(0, 5_000, len(which)), pa.timestamp("us", "UTC")),
            "number": pa.array(np.where(is_text, np.nan, number), from_pandas=True),
            "text": pa.array(np.where(is_text, words, None), pa.string()),
            "quality": np.zeros(len(which), np.int16),
        }
    ).cast(SAMPLES)


def main(hours: int) -> None:
    """Prints what one run took."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name, History.open(Path(name)) as history:
        ids = np.array(history.series_of([(f"m{n // 20}/s{n}", "measure", "") for n in range(SERIES)]), np.int32)
        end = START_S + hours * HOUR_S
        for begin in range(START_S, end, BATCH_S):
            history.append(batch(ids, begin, rng))
            if begin % HOUR_S == HOUR_S - BATCH_S:
                history.compact((begin + BATCH_S) * 1_000_000)
        before = _peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        done = history.write_hours(end * 1_000_000, lambda: None)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        files, size = history.hours()
        began = time.perf_counter()
        again = history.write_hours(end * 1_000_000, lambda: None, whole=True)
        looked = time.perf_counter() - began
        used = history.disk()[0] - size
        with duckdb.connect() as other:
            read = "SELECT count(*), sum(hash(series, time)) FROM read_parquet(?)"
            count = other.execute(read, [f"{name}/data/parquet/*/*.parquet"]).fetchall()
    print(machine())
    print(f"{done.rows:,} values in {done.files} hours: {took / files:.1f} s an hour, {cpu / files:.1f} s of CPU")
    print(f"{size / done.rows:.2f} bytes a value as Parquet, {used / done.rows:.2f} in the history's file")
    print(
        f"memory at most {_peak_mb():.0f} MB, before {before:.0f} MB; a second look {looked:.2f} s, {again.files} files"
    )
    print(f"read back: {count[0][0]:,}")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
