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
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lineside.history import SAMPLES, History

START = 1_764_547_200_000_000  # 2025-12-01T00:00Z
DAY_US = 86_400_000_000
SERIES, STATES = 500, 50
Ids: TypeAlias = NDArray[np.int64]
WORDS = pa.array(["ACTIVE", "READY", "STOPPED", "INTERRUPTED", "FEED_HOLD"])


def batch(rng: np.random.Generator, ids: Ids, start: int, end: int, rows: int, *, texts: bool) -> pa.Table:
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


@dataclass(frozen=True, slots=True, eq=False)
class Factory:
    """What is measured: which series, how many rows, over how many days."""

    states: Ids
    measures: Ids
    rows: int
    days: int

    @property
    def end(self) -> int:
        """The first moment after the last day."""
        return START + self.days * DAY_US


def month(factory: Factory) -> Iterator[pa.Table]:
    """The days in batches of a few hundred thousand rows, the same at every call."""
    rng = np.random.default_rng(7)
    state_rows = min(factory.rows // 3, STATES * 1440 * factory.days)
    steps = factory.days * 8
    for step in range(steps):
        start = START + step * DAY_US // 8
        for ids, total, texts in (
            (factory.states, state_rows, True),
            (factory.measures, factory.rows - state_rows, False),
        ):
            yield batch(rng, ids, start, start + DAY_US // 8, total // steps, texts=texts)


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


def measure_import(history: History, folder: Path, factory: Factory) -> None:
    """A month in bulk, twice, then sorted by day."""
    for name in ("import, bulk", "the same import again, all repeats"):
        seconds, rows = [], 0
        for table in month(factory):
            began = time.perf_counter()
            history.append(table, bulk=True)
            seconds.append(time.perf_counter() - began)
            rows += len(table)
        rate(f"{name} ({rows:,} rows)", rows, seconds)
    print(f"{'bytes a row as imported':<58} {size(folder) / rows:10.2f}")
    began = time.perf_counter()
    history.compact(factory.end + DAY_US)
    print(f"{'sorting the days of the import':<58} {time.perf_counter() - began:10.1f} s")
    print(f"{'bytes a row afterwards':<58} {size(folder) / rows:10.2f}")


def measure_reading(history: History, factory: Factory) -> None:
    """The questions a screen asks."""
    end, states, number = factory.end, factory.states.tolist(), int(factory.measures[7])
    shift = (end - DAY_US, end - DAY_US + DAY_US // 3)
    instant = START + 20 * DAY_US + 1
    timed("read_many: states of 50 machines, whole month", lambda: history.read_many(states, START, end))
    timed("read_many: states of 50 machines, one shift", lambda: history.read_many(states, *shift))
    timed("read: one state series, whole month", lambda: history.read(states[7], START, end))
    timed("read: one measure, whole month", lambda: history.read(number, START, end))
    timed("thin: one measure, whole month, 1,200 points", lambda: history.thin(number, START, end, 1200))
    timed("carry alone: 50 machines", lambda: history.read_many(states, instant, instant + 1))
    rare = np.array([history.series("m0/program", kind="text")])
    for moment in (START, end):
        rng = np.random.default_rng(moment)
        history.append(batch(rng, rare, moment, moment + 1, 1, texts=True))
    timed("carry alone: a value 20 days old", lambda: history.read(int(rare[0]), instant, instant + 1))
    timed("extent of everything", history.extent)


def measure_live(history: History, factory: Factory) -> None:
    """Ten seconds of 1,000 signals in each commit, then what a reader and the compaction make of it."""
    rng, every = np.random.default_rng(3), np.concatenate((factory.states, factory.measures))
    states, end, seconds = factory.states.tolist(), factory.end, []
    for number in range(300):
        start = end + DAY_US + number * 10_000_000
        table = batch(rng, every, start, start + 10_000_000, 10_000, texts=False)
        began = time.perf_counter()
        history.append(table)
        seconds.append(time.perf_counter() - began)
    rate("live, 10,000 rows a batch, each durable", 3_000_000, seconds)
    timed("read_many beside 3 M hot rows: a month of states", lambda: history.read_many(states, START, end))
    began = time.perf_counter()
    moved = history.compact(end + 3 * DAY_US)
    print(f"{f'compact {moved:,} hot rows and sort their day':<58} {time.perf_counter() - began:10.1f} s")


def main() -> None:
    """Runs all measurements in one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="lineside-bench-"))
    print(f"{os.uname().sysname} {os.uname().machine}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")

    with History.open(folder) as history:
        factory = Factory(
            states=np.array([history.series(f"m{i}/execution", kind="state") for i in range(STATES)]),
            measures=np.array([history.series(f"m{i % STATES}/v{i}", kind="measure") for i in range(SERIES - STATES)]),
            rows=options.rows,
            days=options.days,
        )
        measure_import(history, folder, factory)
    timed("open and close", lambda: History.open(folder).close())
    with History.open(folder) as history:
        measure_reading(history, factory)
        measure_live(history, factory)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    if options.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
