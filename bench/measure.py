"""How long an OEE takes: run by hand, quote with machine and date.

    python bench/measure.py [--machines 50] [--days 28] [--folder FOLDER]

A plant of machines that run, stand and fail in three shifts: every fifth changes its state about once a minute (some
thirty thousand changes in four weeks), the others a few times an hour; each counts its parts and its scrap. Imported
in the order of time, compacted, reopened. Not measured: live rows beside the reading (bench/history.py does that).
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lineside.history import SAMPLES, History
from lineside.measure import Scope, kpi_rows, opened
from lineside.plant import Edition, Timeline

START = 1_764_547_200_000_000  # 2025-12-01T00:00Z
DAY_US = 86_400_000_000
WORDS = pa.array(["ACTIVE", "READY", "FAULT", "SETUP", "STARVED"])
STATES = ("running", "stopped", "down", "setup", "starved")
BUSY_CHANGES, CALM_CHANGES = 1100, 120
"""State changes a day of every fifth machine and of the others."""

CYCLE_S = 30.0
RUNS = 7

HEAD = """\
[site]
id = "bench"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "three"
[calendar.three]
[[calendar.three.shift]]
name = "early"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:15", "12:00-12:30"]
[[calendar.three.shift]]
name = "late"
start = "14:00"
end = "22:00"
breaks = ["18:00-18:30"]
[[calendar.three.shift]]
name = "night"
start = "22:00"
end = "06:00"
breaks = ["02:00-02:30"]
[area.hall]
[product.part]
ideal_cycle_s = 30.0
"""

MACHINE = """\
[line.l{i}]
area = "hall"
pace = "m{i}"
product = "part"
[source.m{i}]
type = "shdr"
[machine.m{i}]
line = "l{i}"
source = "m{i}"
[machine.m{i}.signals]
execution = {{ kind = "state" }}
parts = {{ kind = "counter" }}
scrap = {{ kind = "counter" }}
[machine.m{i}.units]
total = "parts"
rejected = "scrap"
"""


def plant_file(machines: int) -> str:
    """The plant file of so many lines of one machine."""
    rules = "".join(
        f'[[machine.m{{i}}.states]]\nstate = "{state}"\nwhen = {{{{ execution = "{word}" }}}}\n'
        for state, word in zip(STATES, WORDS.to_pylist(), strict=True)
    )
    return HEAD + "".join((MACHINE + rules).format(i=i) for i in range(machines))


def rows(
    series: int, moments: NDArray[np.int64], number: NDArray[np.float64] | None, codes: NDArray[np.int32]
) -> pa.Table:
    """Samples of one series, numbers or else words."""
    count = len(moments)
    texts = pa.DictionaryArray.from_arrays(pa.array(codes, mask=np.full(count, number is not None)), WORDS)
    return pa.table(
        {
            "series": np.full(count, series, np.int32),
            "time": pa.array(moments, pa.timestamp("us", "UTC")),
            "number": pa.nulls(count, pa.float64()) if number is None else number,
            "text": texts,
            "quality": np.zeros(count, np.int16),
        }
    ).cast(SAMPLES.set(3, pa.field("text", texts.type)))


def days(history: History, machines: int, count: int) -> Iterator[pa.Table]:
    """One batch a day of all machines, the same at every call."""
    rng = np.random.default_rng(7)
    ids = [[history.series(f"m{i}/{name}") for name in ("execution", "parts", "scrap")] for i in range(machines)]
    made = np.zeros((machines, 2))
    for day in range(count):
        start, tables = START + day * DAY_US, []
        for i in range(machines):
            changes = int(rng.poisson(BUSY_CHANGES if i % 5 == 0 else CALM_CHANGES))
            moments = np.sort(rng.integers(start, start + DAY_US, changes))
            codes = np.where(np.arange(changes) % 2 == 0, 0, rng.integers(1, len(WORDS), changes)).astype(np.int32)
            tables.append(rows(ids[i][0], moments, None, codes))
            steps = np.sort(rng.integers(start, start + DAY_US, int(0.6 * 86_400 / CYCLE_S)))
            scrapped = rng.random(len(steps)) < 0.02
            for which, at in enumerate((steps, steps[scrapped])):
                shown = made[i, which] + np.arange(1, len(at) + 1)
                made[i, which] += len(at)
                tables.append(rows(ids[i][1 + which], at, shown, np.zeros(len(at), np.int32)))
        yield pa.concat_tables(tables, promote_options="permissive")


def fill(folder: Path, machines: int, count: int) -> None:
    """Imports and compacts the days, and tells what is there."""
    with History.open(folder) as history:
        stored = sum(history.append(table, bulk=True).stored for table in days(history, machines, count))
        for i in range(machines):
            history.hear(f"m{i}", START, START + count * DAY_US)
        history.compact(START + (count + 1) * DAY_US)
        changes = len(history.read(history.series("m0/execution"), START, START + count * DAY_US))
    print(f"{machines} machines, {count} days, {stored:,} samples; m0 changed its state {changes:,} times")


def timed(name: str, work: Callable[[], object]) -> None:
    """Prints the first, the median and the worst time of the work."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    first, *warm = (s * 1e3 for s in seconds)
    print(f"{name:<52} first {first:7.1f} ms   warm median {statistics.median(warm):7.1f}   worst {max(warm):7.1f} ms")


def ask(history: History, timeline: Timeline, machines: int, count: int) -> None:
    """The questions of a KPI page."""
    window = (START, START + count * DAY_US)
    busy, calm, site = Scope("machine", "m0"), Scope("machine", "m1"), Scope("site", "bench")
    every = [Scope("machine", f"m{i}") for i in range(machines)]
    (row,) = kpi_rows(history, timeline, [site], *window)
    oee = row.values["oee"]
    print(f"OEE of the site {'missing' if oee is None else f'{oee:.4f}'}, coverage {row.coverage}")
    timed("one busy machine", lambda: kpi_rows(history, timeline, [busy], *window))
    timed("one calm machine", lambda: kpi_rows(history, timeline, [calm], *window))
    timed("one busy machine, by shift", lambda: kpi_rows(history, timeline, [busy], *window, "shift"))
    timed("one busy machine, opened", lambda: opened(history, timeline, busy, "oee", *window))
    timed(f"{machines} machines", lambda: kpi_rows(history, timeline, every, *window))
    timed(f"the site of {machines} lines", lambda: kpi_rows(history, timeline, [site], *window))
    timed(f"{machines} machines, by shift", lambda: kpi_rows(history, timeline, every, *window, "shift"))
    timed(
        f"{machines} machines, one shift",
        lambda: kpi_rows(history, timeline, every, window[1] - DAY_US // 3, window[1]),
    )


def main() -> None:
    """Runs all measurements in one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=50)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="lineside-bench-"))
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]},"
        f" DuckDB {version('duckdb')}, {RUNS} runs"
    )
    timeline = Timeline((Edition(1, None, "", plant_file(options.machines)),))
    if not (folder / "data").exists():
        fill(folder, options.machines, options.days)
    with History.open(folder) as history:
        ask(history, timeline, options.machines, options.days)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    if options.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
