"""How good the schedules are: run by hand, quote with machine and date.

    python bench/schedule.py INSTANCES... [--only la21,mk06] [--seconds 60] [--results schedule.jsonl]
    python bench/schedule.py --summary [--results schedule.jsonl]

INSTANCES are text files in the form of JSPLIB or of Brandimarte's set, or a JSON list of them with name, data and
optimum or bounds (gzipped or not). Each is solved here and, where it is installed, by PyJobShop on CP-SAT, one after
the other with two workers and the same seconds each; what is compiled is compiled before. Each result is added to the
results file at once, and what stands in it is not run again, so a long run may be stopped and taken up. The summary
gives the gaps to the best known makespans and the comparison. Not measured: problems with calendars, set-ups or due
dates, for which there is no common set of instances.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.twin.schedule import Problem, parse_problem, solve  # noqa: E402
from lineside.twin.schedule.formats import problem_of_text  # noqa: E402

OURS, PEER = "lineside", "pyjobshop"


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem with the best makespan that is known for it."""

    name: str
    problem: Problem
    best_known: int | None


def instances(paths: list[Path]) -> Iterator[Instance]:
    """Return the instances of all files."""
    for path in paths:
        read = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = read.decode("utf-8")
        alone = [{"name": path.stem, "data": text}]
        listed: list[dict[str, Any]] = json.loads(text) if text.lstrip().startswith("[") else alone
        for entry in listed:
            best = entry.get("optimum") or (entry.get("bounds") or {}).get("upper")
            yield Instance(entry["name"], parse_problem(problem_of_text(entry["data"], entry["name"])), best)


def ours(problem: Problem, seconds: float) -> tuple[int, int]:
    """Return the makespan and the bound found here."""
    plan = solve(problem, seconds=seconds)
    return plan.makespan, plan.bound


def peer(problem: Problem, seconds: float) -> tuple[int, int]:
    """Return the makespan and the bound that PyJobShop finds."""
    from pyjobshop import Model

    model = Model()
    machines = {name: model.add_machine(name=name) for name in problem.machines}
    for name, spec in problem.jobs.items():
        job, before = model.add_job(name=name), None
        for operation in spec.operations:
            task = model.add_task(job=job)
            for where, duration in operation.on.items():
                model.add_mode(task, machines[where], duration)
            if before is not None:
                model.add_end_before_start(before, task)
            before = task
    result = model.solve(time_limit=seconds, num_workers=2, display=False)
    return round(result.objective), round(result.lower_bound)


def results(path: Path) -> dict[tuple[str, str, float], dict[str, Any]]:
    """Return what a results file holds, by instance, solver and seconds."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {(row["instance"], row["solver"], row["seconds"]): row for row in rows}


def measure(chosen: list[Instance], seconds: float, path: Path) -> None:
    """Solve every instance that has no result yet by each solver, and add the results to the file."""
    solvers = {OURS: ours, PEER: peer}
    try:
        import pyjobshop  # noqa: F401 asked only whether it is there
    except ImportError:
        print("PyJobShop is not here; for its figures beside ours: pip install pyjobshop")
        del solvers[PEER]
    solve(chosen[0].problem, seconds=1)
    for instance in chosen:
        for name, solver in solvers.items():
            if (instance.name, name, seconds) in results(path):
                continue
            began, spent = time.perf_counter(), time.process_time()
            makespan, bound = solver(instance.problem, seconds)
            row = {
                "instance": instance.name,
                "solver": name,
                "seconds": seconds,
                "makespan": makespan,
                "bound": bound,
                "best_known": instance.best_known,
                "wall": round(time.perf_counter() - began, 2),
                "cpu": round(time.process_time() - spent, 2),
                "load": round(os.getloadavg()[0], 2),
            }
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)


def summarise(path: Path) -> None:
    """Print each instance with both makespans, then the gaps and the comparison."""
    found = results(path)
    gaps: dict[str, list[float]] = {OURS: [], PEER: []}
    ratios: list[tuple[float, str]] = []
    for (name, solver, seconds), row in sorted(found.items()):
        if row["best_known"]:
            gaps[solver].append(100 * (row["makespan"] / row["best_known"] - 1))
        other = found.get((name, PEER, seconds))
        if solver == OURS and other is not None:
            ratios.append((100 * (row["makespan"] / other["makespan"] - 1), name))
            known = row["best_known"] or "-"
            print(f"{name:12} {seconds:5g} s  {row['makespan']:6} {other['makespan']:6}  best known {known}")
    for solver, some in gaps.items():
        if some:
            mean, worst = statistics.mean(some), max(some)
            print(f"{solver:12} gap to best known: mean {mean:.2f} %, worst {worst:.2f} %, {len(some)} instances")
    if ratios:
        mean, (most, name) = statistics.mean(ratio for ratio, _ in ratios), max(ratios)
        print(f"against {PEER}: mean {mean:+.2f} %, worst {most:+.2f} % ({name}), {len(ratios)} instances")


def main() -> None:
    """Measure, or tell what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="*", type=Path, metavar="INSTANCES")
    parser.add_argument("--only", default="", help="names, or beginnings of names, with commas between")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--results", type=Path, default=Path("schedule.jsonl"))
    parser.add_argument("--summary", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if not options.summary:
        if not options.paths:
            print("No instances are named; see --help.")
            return
        wanted = tuple(name for name in options.only.split(",") if name) or ("",)
        chosen = [instance for instance in instances(options.paths) if instance.name.startswith(wanted)]
        print(machine("numba", "numpy", "ortools"))
        measure(chosen, options.seconds, options.results)
    summarise(options.results)


if __name__ == "__main__":
    main()
