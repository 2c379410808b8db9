"""What a backup costs and how fast old values thin out: run by hand, quote with machine and date.

    python bench/keeping.py [HOURS]

A thousand numbers a second for so many hours (3). A backup is made by a node while a writer appends at full speed and
while it appends a thousand values a second; then it is verified and restored. Last, all whole days are thinned out.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.history import SAMPLES  # noqa: E402
from lineside.node import Node, restore, submit_backup, verify  # noqa: E402

SERIES = 1000
BATCH_S = 10
DAY_S = 86_400
ALONE_S = 5.0
PLANT = '[site]\nid = "bench"\ntimezone = "UTC"\n'


class Writer:
    """Appends ten seconds of a thousand numbers at once, without end or a given number of seconds apart."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rng = np.random.default_rng(1)
        self._ids = np.array([node.history.series(f"m/{n}", kind="measure") for n in range(SERIES)], np.int32)
        self._second = 20_000 * DAY_S
        self.latencies: list[float] = []

    def append(self, *, bulk: bool = False) -> None:
        """One batch."""
        seconds = np.repeat(np.arange(self._second, self._second + BATCH_S), SERIES)
        rows = {
            "series": np.tile(self._ids, BATCH_S),
            "time": pa.array(seconds * 1_000_000, pa.timestamp("us", "UTC")),
            "number": np.round(self._rng.normal(50, 10, len(seconds)), 2),
            "text": pa.nulls(len(seconds), pa.string()),
            "quality": np.zeros(len(seconds), np.int16),
        }
        self._second += BATCH_S
        began = time.perf_counter()
        self._node.history.append(pa.table(rows).cast(SAMPLES), bulk=bulk)
        self.latencies.append(time.perf_counter() - began)

    def during(self, work: Callable[[], object], every_s: float) -> str:
        """Appends while the work is done; tells its time and how the batches went."""
        ending = threading.Event()
        self.latencies = []

        def write() -> None:
            while not ending.is_set():
                self.append()
                ending.wait(every_s)

        thread = threading.Thread(target=write)
        thread.start()
        began = time.perf_counter()
        work()
        took, done = time.perf_counter() - began, len(self.latencies)
        ending.set()
        thread.join()
        p50, worst = np.median(self.latencies) * 1000, max(self.latencies) * 1000
        rate = done * SERIES * BATCH_S / took
        return f"{took:6.2f} s, writer {rate:9,.0f} rows/s, batch p50 {p50:5.1f} ms, worst {worst:5.0f} ms"


def backed_up(node: Node, target: Path) -> None:
    """Let the node make a backup."""
    done = node.jobs.wait(submit_backup(node.jobs, node.folder, target).id)
    if done.error_key is not None:
        raise SystemExit(f"{done.error_key} {done.error_fields}")


def freely() -> None:
    """Nobody wants the work to stop."""


def timed(work: Callable[[], object]) -> float:
    """Return the seconds the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(machine("duckdb", "pyarrow", "numpy"))
    with tempfile.TemporaryDirectory() as place:
        plant, safe = Path(place) / "plant", Path(place) / "safe"
        plant.mkdir()
        (plant / "plant.toml").write_text(PLANT, "utf-8")
        with Node.open(plant) as node:
            writer = Writer(node)
            for _ in range(hours * 3600 // BATCH_S):
                writer.append(bulk=True)
            print(f"{hours * 3600 * SERIES:,} rows, {node.history.disk()[0] / 1e6:.0f} MB used")
            print("nothing beside, full speed ", writer.during(lambda: time.sleep(ALONE_S), 0.0))
            for name, every_s in (("full speed", 0.0), ("1,000 rows/s", float(BATCH_S))):
                target = safe / name.replace(" ", "-").replace("/", "-")
                told = writer.during(partial(backed_up, node, target), every_s)
                print(f"backup, {name:18} ", told)
            size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
            print(f"its size {size / 1e6:.0f} MB; verify {timed(lambda: verify(target)):.2f} s; ", end="")
            print(f"restore {timed(lambda: restore(target, Path(place) / 'again')):.2f} s")
            ids, end = list(range(1, SERIES + 1)), 30_000 * DAY_S * 1_000_000
            node.history.compact(end)
            print("thin out, full speed       ", writer.during(lambda: node.history.thin_out(ids, end, freely), 0.0))


if __name__ == "__main__":
    main()
