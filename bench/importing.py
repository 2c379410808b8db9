"""How fast a recording becomes history: run by hand, quote with machine and date.

    python bench/importing.py [FILE...]

Imports each file into a new folder by the command a person uses, once new and once repeated, and counts observations
a second from its start to its end, the start of Python included. Without files it makes one: the demo's recorded
machine tool over two weeks, as gzipped SHDR.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.demo import prepare  # noqa: E402

RUNS = 5
NOW = 1_767_225_600_000_000  # 2026-01-01T00:00Z


def lineside(*arguments: str | Path) -> tuple[float, str]:
    """Return the seconds a command took and what it printed."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "lineside", *map(str, arguments)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - began, said


def measure(recording: Path) -> None:
    """Import one recording several times and print its figures."""
    new, again, observations = [], [], 0
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            plant = Path(folder) / "plant"
            lineside("new", plant, "--from", recording)
            seconds, said = lineside("import", plant, recording, "--json")
            observations = json.loads(said)["observations"]
            new.append(seconds)
            again.append(lineside("import", plant, recording)[0])
    for name, times in (("new", new), ("repeated", again)):
        rate = observations / statistics.median(times)
        print(
            f"{recording.name:36} {name:9} {observations:9,} observations, median {statistics.median(times):5.2f} s, "
            f"worst {max(times):5.2f} s, {rate:9,.0f} a second, {RUNS} runs"
        )


def main() -> None:
    """Measure the files named, or one of the demo's."""
    print(machine("duckdb", "pyarrow", "numpy"))
    files = [Path(name) for name in sys.argv[1:]]
    if files:
        for file in files:
            measure(file)
        return
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), now_us=NOW, seed=1, zone=ZoneInfo("UTC"))
        measure(Path(folder) / "import" / "mazak-1.shdr.gz")


if __name__ == "__main__":
    main()
