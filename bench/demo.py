"""From the command to the first OEE on a screen, and what the demo plant keeps in memory.

Starts `lineside demo` in a new folder, opens the page as soon as the address is told, and waits for the OEE of the
pump line. Memory is the resident set of all its processes after it has been live for a while.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from tests.web.stage import browser, node  # noqa: E402

RUNS = 5
SETTLE_S = 20


def resident_mb(pattern: str) -> float:
    """Return the resident memory of every process whose command line holds the pattern."""
    listed = subprocess.run(["ps", "-eo", "rss=,args="], capture_output=True, text=True, check=True).stdout
    return sum(int(line.split(None, 1)[0]) for line in listed.splitlines() if pattern in line) / 1024


def one_run(running: Browser, *, settle_s: float) -> tuple[float, float, float]:
    """Return seconds to the address, seconds to an OEE on screen, and MB resident."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with node("demo", Path(folder) / "demo") as plant:
            told = time.perf_counter() - began
            page = running.new_page(locale="en-GB")
            page.goto(plant)
            expect(
                page.locator(".summary", has_text="Pump line").get_by_text(re.compile(r"\d+\.\d")).first
            ).to_be_visible()
            shown = time.perf_counter() - began
            time.sleep(settle_s)
            memory = resident_mb(str(Path(folder) / "demo"))
            page.close()
    return told, shown, memory


def main() -> None:
    """Measure and print."""
    print(machine())
    with browser() as running:
        runs = [one_run(running, settle_s=SETTLE_S if i == 0 else 0) for i in range(RUNS)]
    for name, values in (("address told", [r[0] for r in runs]), ("OEE on screen", [r[1] for r in runs])):
        print(f"{name:16} median {statistics.median(values):5.2f} s, worst {max(values):5.2f} s, {RUNS} runs")
    print(f"{'resident':16} {runs[0][2]:5.0f} MB after {SETTLE_S} s with one screen open")


if __name__ == "__main__":
    main()
