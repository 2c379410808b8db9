"""How fast a line is simulated: run by hand, quote with machine and date.

    python bench/twin.py [--without-starts]

Ten unreliable stations in a row with buffers of ten: work, lives and repairs exponential with means of 1, 100 and 10,
the first station never starved, the last never blocked. One long replication gives the CPU time of one part at one
station, of the recursion and of the event engine, beside them of each peer of `_peers.py` that is installed (pip
install simpy cimba salabim ciw); a thousand short ones give what a question costs, with one thread and with two; the
command gives the start, with nothing compiled yet and with everything, by the engine it chooses and by the event
engine. Not measured: lines with set-ups, operators, pallets or calendars, which cost more a part, and the memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._line import LIFE, PLACES, REPAIR, STATIONS, WORK  # noqa: E402 the path to it was just made
from bench._machine import machine  # noqa: E402
from bench._peers import PEERS  # noqa: E402
from lineside.twin import Engine, parse_line, simulate  # noqa: E402

HORIZON, WARMUP = 1_000_000.0, 1_000.0
SHIFT, SHIFTS = 480.0, 1_000
RUNS, COLD_RUNS = 7, 3
ENGINES: tuple[Engine, ...] = ("recursion", "events")


def exponential(mean: float) -> dict[str, Any]:
    """Return an exponential distribution as a line model writes it."""
    return {"type": "exponential", "mean": mean}


def document() -> dict[str, Any]:
    """Return the line as a model."""
    stations = {
        f"s{i}": {
            "work": exponential(WORK),
            "buffer": PLACES if i else 0,
            "failures": {"jam": {"time_to_failure": exponential(LIFE), "repair": exponential(REPAIR)}},
            "to": f"s{i + 1}" if i + 1 < STATIONS else "out",
        }
        for i in range(STATIONS)
    }
    return {"schema": "lineside.line/1", "sources": {"in": {"to": "s0"}}, "stations": stations}


def engine(name: Engine, seed: int) -> tuple[float, float]:
    """Return the CPU ns of a part at a station in one long replication, and the parts out a unit of time."""
    line, began = parse_line(document()), time.process_time()
    result = simulate(line, horizon=HORIZON, replications=1, warmup=WARMUP, seed=seed, threads=1, engine=name)
    spent, told = time.process_time() - began, result.plain()
    parts = sum(station["throughput"]["mean"] for station in told["stations"].values()) * HORIZON
    return spent / parts * 1e9, told["throughput"]["mean"]


def compare() -> None:
    """Print the CPU time of a part at a station of each engine and with each peer, turn by turn in one process."""
    here = [peer for peer in PEERS if importlib.util.find_spec(peer.package)]
    if absent := [peer.package for peer in PEERS if peer not in here]:
        print(f"Not here; for figures beside ours: pip install {' '.join(absent)}")
    for peer in here:
        peer.run(0, 100.0)  # cimba compiles, and does so wrongly once another module has compiled with numba
    for name in ENGINES:
        simulate(parse_line(document()), horizon=10.0, replications=1, warmup=0.0, engine=name)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in (*ENGINES, *(peer.name for peer in here))}
    for seed in range(RUNS):
        for name in ENGINES:
            runs[name].append(engine(name, seed))
        for peer in here:
            runs[peer.name].append(peer.run(seed, peer.horizon))
    for who, of_engine in runs.items():
        tell(who, "ns a part and station", [ns for ns, _ in of_engine])
        print(f"{'':24} {statistics.mean(out for _, out in of_engine):.4f} parts a unit of time")
    for peer in here:
        print(f"{peer.name}, {version(peer.package)}: {peer.horizon:,.0f} units; {peer.differs}")
        for name in ENGINES:
            times = [other / own for (own, _), (other, _) in zip(runs[name], runs[peer.name], strict=True)]
            tell(f"{peer.name} / {name}", "times", times, worst=min)


def shifts(name: Engine) -> None:
    """Print what a thousand shifts cost, with one thread and with two."""
    walls: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    line = parse_line(document())
    for _ in range(RUNS):
        for threads in (1, 2):
            wall, cpu = time.perf_counter(), time.process_time()
            simulate(line, horizon=SHIFT, replications=SHIFTS, warmup=0.0, threads=threads, engine=name)
            walls[threads].append(time.perf_counter() - wall)
            spent[threads].append(time.process_time() - cpu)
    for threads in (1, 2):
        tell(f"{SHIFTS:,} shifts, {name}, {threads}", "s", walls[threads])
        tell("  CPU", "s", spent[threads])
    tell("1 thread / 2 threads", "times", [one / two for one, two in zip(walls[1], walls[2], strict=True)], worst=min)


def starts() -> None:
    """Print how long the command takes for one short replication, with nothing compiled yet and with everything."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "line.json"
        model.write_text(json.dumps(document()), "utf-8")
        command(model, Path(folder) / "none")  # leaves Python's own bytecode behind
        chosen: tuple[Engine, ...] = ("auto", "events")
        for name in chosen:
            caches = [Path(folder) / f"{name}{i}" for i in range(COLD_RUNS)]
            for what, used in (("cold", caches), ("warm", caches[:1] * RUNS)):
                walls, cpus = zip(*(command(model, cache, name) for cache in used), strict=True)
                tell(f"command, {name}, {what}", "s", list(walls))
                tell("  CPU", "s", list(cpus))


def command(model: Path, cache: Path, name: Engine = "auto") -> tuple[float, float]:
    """Return the seconds a run takes by the clock and of CPU, engine code kept in this cache alone."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"NUMBA_CACHE_DIR": str(cache), "PYTHONPYCACHEPREFIX": str(cache.parent / "bytecode")}
    asked = [sys.executable, "-m", "lineside", "twin", "run", str(model), "--horizon", "10", "--replications", "1"]
    began, spent = time.perf_counter(), children()
    subprocess.run([*asked, "--warmup", "0", "--engine", name], check=True, capture_output=True, env=environment)
    return time.perf_counter() - began, children() - spent


def children() -> float:
    """Return the CPU seconds of all processes started and ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell(name: str, unit: str, runs: list[float], worst: Callable[[list[float]], float] = max) -> None:
    """Print the median, the worst and the number of runs."""
    print(f"{name:24} median {statistics.median(runs):9.3f}, worst {worst(runs):9.3f} {unit}, {len(runs)} runs")


def main() -> None:
    """Measure all, or all but the starts of the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--without-starts", action="store_true", help="leave out what compiles anew")
    options = parser.parse_args()
    print(machine("numba", "numpy"))
    compare()
    for name in ENGINES:
        shifts(name)
    if not options.without_starts:
        starts()


if __name__ == "__main__":
    main()
