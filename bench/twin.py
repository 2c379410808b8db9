"""How fast a line is simulated: run by hand, quote with machine and date.

    python bench/twin.py [--without-starts]

Ten unreliable stations in a row with buffers of ten: work, lives and repairs exponential with means of 1, 100 and 10,
the first station never starved, the last never blocked. One long replication gives the CPU time of one part at one
station, of the recursion and of the event engine, SimPy's beside them where it is installed; a thousand short ones
give what a question costs, with one thread and with two; the command gives the start, with nothing compiled yet and
with everything, by the engine it chooses and by the event engine. Not measured: lines with set-ups, operators, pallets
or calendars, which cost more a part, and the memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.twin import Engine, parse_line, simulate  # noqa: E402

STATIONS, PLACES = 10, 10
WORK, LIFE, REPAIR = 1.0, 100.0, 10.0
HORIZON, WARMUP, PEER_HORIZON = 1_000_000.0, 1_000.0, 5_000.0
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


def peer(seed: int) -> tuple[float, float]:
    """Return the same of SimPy: one process a station, stores between them, as its manual advises."""
    import simpy

    draw, environment = random.Random(seed), simpy.Environment()
    buffers = [simpy.Store(environment, capacity=PLACES) for _ in range(STATIONS - 1)]
    left = [0] * STATIONS

    def station(i: int) -> Iterator[Any]:
        life = draw.expovariate(1 / LIFE)
        while True:
            if i:
                yield buffers[i - 1].get()
            work = draw.expovariate(1 / WORK)
            while life < work:
                yield environment.timeout(life)
                work -= life
                yield environment.timeout(draw.expovariate(1 / REPAIR))
                life = draw.expovariate(1 / LIFE)
            yield environment.timeout(work)
            life -= work
            if i < STATIONS - 1:
                yield buffers[i].put(None)
            left[i] += 1

    for i in range(STATIONS):
        environment.process(station(i))
    began = time.process_time()
    environment.run(PEER_HORIZON)
    return (time.process_time() - began) / sum(left) * 1e9, left[-1] / PEER_HORIZON


def compare() -> None:
    """Print the CPU time of a part at a station of each engine and with SimPy, turn by turn in one process."""
    for name in ENGINES:
        simulate(parse_line(document()), horizon=10.0, replications=1, warmup=0.0, engine=name)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in (*ENGINES, "SimPy")}
    for seed in range(RUNS):
        for name in ENGINES:
            runs[name].append(engine(name, seed))
        try:
            runs["SimPy"].append(peer(seed))
        except ImportError:
            print("SimPy is not here; for its figures beside ours: pip install simpy")
            break
    for who, of_engine in runs.items():
        if of_engine:
            tell(who, "ns a part and station", [ns for ns, _ in of_engine])
            print(f"{'':24} {statistics.mean(out for _, out in of_engine):.4f} parts a unit of time")
    for name in ENGINES:
        times = [other / own for (own, _), (other, _) in zip(runs[name], runs["SimPy"], strict=False)]
        if times:
            tell(f"SimPy / {name}", "times", times, worst=min)


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
            tell(f"command, {name}, cold", "s", [command(model, cache, name) for cache in caches])
            tell(f"command, {name}, warm", "s", [command(model, caches[0], name) for _ in range(RUNS)])


def command(model: Path, cache: Path, name: Engine = "auto") -> float:
    """Return the seconds a run takes from the command's start to its end, engine code kept in this cache alone."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"NUMBA_CACHE_DIR": str(cache), "PYTHONPYCACHEPREFIX": str(cache.parent / "bytecode")}
    asked = [sys.executable, "-m", "lineside", "twin", "run", str(model), "--horizon", "10", "--replications", "1"]
    began = time.perf_counter()
    subprocess.run([*asked, "--warmup", "0", "--engine", name], check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


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
