"""How fast the history takes, keeps and gives back samples: run by hand, quote with machine and date.

    python bench/history.py [--rows 30000000] [--days 28] [--folder FOLDER]

A factory of 500 series: 50 of them machine states that change about once a minute, the rest measures.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from lineside.history import SAMPLES, History

START = 1_764_547_200_000_000  # 2025-12-01T00:00Z
DAY_US = 86_400_000_000
SERIES, STATES = 500, 50
WORDS = pa.array(["ACTIVE", "READY", "STOPPED", "INTERRUPTED", "FEED_HOLD"])


def batch(
    rng: np.random.Generator, ids: np.ndarray, start: int, end: int, rows: int, *, texts: bool
) -> pa.Table:
    """Samples of these series at random moments of the span, in order of time."""
    moments = np.sort(rng.integers(start, end, rows))
    empty = pa.nulls(rows, pa.float64())
    words = pa.DictionaryArray.from_arrays(rng.integers(0, len(WORDS), rows).astype(np.int32), WORDS)
    return pa.table(
        {
            "series": rng.choice(ids, rows).astype(np.int32),
            "time": pa.array(moments, pa.timestamp("us", "UTC")),
            "number": empty if texts else np.round(rng.normal(50, 10, rows), 2),
            "text": words if texts else pa.nulls(rows, pa.string()),
            "quality": np.zeros(rows, np.int16),
        }
    ).cast(SAMPLES.set(3, pa.field("text", words.type)) if texts else SAMPLES)


def month(states: np.ndarray, measures: np.ndarray, rows: int, days: int) -> Iterator[pa.Table]:
    """The month in batches of a few hundred thousand rows, the same at every call."""
    rng = np.random.default_rng(7)
    state_rows = min(rows // 3, STATES * 1440 * days)
    for eighth in range(days * 8):
        start = START + eighth * DAY_US // 8
        for ids, total, texts in ((states, state_rows, True), (measures, rows - state_rows, False)):
            yield batch(rng, ids, start, start + DAY_US // 8, total // (days * 8), texts=texts)


def timed(name: str, work: Callable[[], object], repeats: int = 5) -> None:
    """Prints the first and the median time of the work."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    print(f"{name:<58} first {seconds[0] * 1e3:8.1f} ms   median {statistics.median(seconds) * 1e3:8.1f} ms")


def rate(name: str, rows: int, seconds: list[float]) -> None:
    """Prints rows a second and how long a commit took."""
    p50, p99 = np.quantile(seconds, [0.5, 0.99]) * 1e3
    print(f"{name:<58} {rows / sum(seconds):>10,.0f} rows/s   commit p50 {p50:6.1f}  p99 {p99:6.1f} ms")


def size(folder: Path) -> int:
    """Bytes of the history's files."""
    return sum(file.stat().st_size for file in (folder / "data").glob("history.duckdb*"))


def main() -> None:
    """Runs all measurements in one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="lineside-bench-"))
    end = START + options.days * DAY_US
    print(
        f"{os.uname().sysname} {os.uname().machine}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    )

    history = History.open(folder)
    states = np.array([history.series(f"m{i}/execution", kind="state") for i in range(STATES)])
    measures = np.array([history.series(f"m{i % 50}/v{i}", kind="measure") for i in range(SERIES - STATES)])

    for name in ("import, bulk", "the same import again, all repeats"):
        seconds, rows = [], 0
        for table in month(states, measures, options.rows, options.days):
            began = time.perf_counter()
            history.append(table, bulk=True)
            seconds.append(time.perf_counter() - began)
            rows += len(table)
        rate(f"{name} ({rows:,} rows)", rows, seconds)
    print(f"{'bytes a row as imported':<58} {size(folder) / rows:10.2f}")
    began = time.perf_counter()
    history.compact(end + DAY_US)
    print(f"{'sorting the days of the import':<58} {time.perf_counter() - began:10.1f} s")
    history.close()
    print(f"{'bytes a row afterwards (freed blocks stay in the file)':<58} {size(folder) / rows:10.2f}")

    timed("open and close", lambda: History.open(folder).close())
    history = History.open(folder)
    all_states, one, number = states.tolist(), int(states[7]), int(measures[7])
    timed("read_many: states of 50 machines, whole month", lambda: history.read_many(all_states, START, end))
    shift = (end - DAY_US, end - DAY_US + DAY_US // 3)
    timed("read_many: states of 50 machines, one shift", lambda: history.read_many(all_states, *shift))
    timed("read: one state series, whole month", lambda: history.read(one, START, end))
    timed("read: one measure, whole month", lambda: history.read(number, START, end))
    timed("thin: one measure, whole month, 1,200 points", lambda: history.thin(number, START, end, 1200))
    instant = START + 20 * DAY_US + 1
    timed("carry alone: 50 machines", lambda: history.read_many(all_states, instant, instant + 1))
    rare = history.series("m0/program", kind="text")
    first = batch(np.random.default_rng(1), np.array([rare]), START, START + DAY_US, 1, texts=True)
    history.append(first)
    later = batch(np.random.default_rng(2), np.array([rare]), end - 1, end, 1, texts=True)
    history.append(later)
    timed("carry alone: a value four weeks old", lambda: history.read(rare, instant + 7, instant + 8))
    timed("extent of everything", history.extent)

    rng, every = np.random.default_rng(3), np.concatenate((states, measures))
    seconds = []
    for second in range(300):
        start = end + DAY_US + second * 10_000_000
        table = batch(rng, every, start, start + 10_000_000, 10_000, texts=False)
        began = time.perf_counter()
        history.append(table)
        seconds.append(time.perf_counter() - began)
    rate("live, 10,000 rows a batch, each durable", 3_000_000, seconds)
    timed(
        "read_many beside 3 M hot rows: a month of states", lambda: history.read_many(all_states, START, end)
    )
    began = time.perf_counter()
    moved = history.compact(end + 3 * DAY_US)
    print(f"{f'compact {moved:,} hot rows and sort their day':<58} {time.perf_counter() - began:10.1f} s")
    history.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    if options.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
