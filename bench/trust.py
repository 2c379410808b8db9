"""How often the twin's forecasts hold what happens, over several demo plants: run by hand, quote with machine and date.

    python bench/trust.py [--plants 12]

Each plant is the demo's assembly line with another seed and two weeks of history behind it. A twin fitted to the first
two thirds of its shifts foretells the others: from their begin to their end, and an hour ahead from moments in their
midst. Told are how many fell inside the intervals, and the mean ranked probability score, of shifts beside last week's
and a plain rate. Shifts of one plant share one fit, so that their luck is not independent. Not measured: lines that
change, and logs without states.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.demo import prepare  # noqa: E402
from lineside.node import Node, submit_import  # noqa: E402
from lineside.plant import microseconds  # noqa: E402
from lineside.twin.fit import Record, fit  # noqa: E402
from lineside.twin.validate import (  # noqa: E402
    LEVELS,
    Past,
    Score,
    Trust,
    ahead,
    crps,
    moment_of,
    seen_in,
    transform,
)

ZONE = ZoneInfo("Europe/Berlin")
NOW = microseconds(datetime(2025, 4, 3, 10, 20, 30, tzinfo=ZONE))
WEEKS_US = 14 * 86_400_000_000
HOUR_S = 3_600.0


@dataclass(slots=True)
class Hours:
    """Forecasts of an hour."""

    places: list[float] = field(default_factory=list)
    """Where what happened stood in them, 0 to 1."""
    scores: list[float] = field(default_factory=list)


def hours(record: Record, trust: Trust, seed: int, told: Hours) -> None:
    """Foretell three hours out of each shift that was tried, from the state in which the line then was."""
    twin, past, random = fit(record.between(record.start, trust.cut)), Past(record), np.random.default_rng(seed)
    outs = [len(record.stations) - 1]
    for start, end in trust.epochs:
        for moment in random.uniform(start, end - HOUR_S, 3).tolist():
            made = seen_in(record, outs, moment, moment + HOUR_S).made
            ensemble = ahead(twin, moment_of(past, moment, moment + HOUR_S), points=1).out[:, -1]
            told.places.append(transform(ensemble, made, float(random.random())))
            told.scores.append(crps(ensemble, made))


def tried(seed: int, told: Hours) -> tuple[Score, float]:
    """Return how the shifts of one plant were foretold, and the CPU time of the trial; hours are added to `told`."""
    with tempfile.TemporaryDirectory() as folder:
        plan = prepare(Path(folder) / "plant", now_us=NOW, seed=seed, zone=ZONE)
        with Node.open(plan.folder) as node:
            job = submit_import(node.jobs, {"files": [str(file.path) for file in plan.files]})
            node.jobs.wait(job.id, 300)
            began = time.process_time()
            trust = node.twins.tried("pumps", NOW - WEEKS_US, NOW)
            spent = time.process_time() - began
            hours(node.twins.record("pumps", NOW - WEEKS_US, NOW), trust, seed, told)
    if trust.made is None:
        raise RuntimeError("no shift was foretold")
    return trust.made, spent


def main() -> None:
    """Try every plant and print the sums."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plants", type=int, default=12)
    options = parser.parse_args()
    print(machine("numba", "numpy", "scipy"))
    inside, of, spent, hourly = Counter[float](), 0, 0.0, Hours()
    scores: defaultdict[str, float] = defaultdict(float)
    for seed in range(1, options.plants + 1):
        made, seconds = tried(seed, hourly)
        of, spent = of + len(made.observed), spent + seconds
        for coverage in made.coverage:
            inside[coverage.level] += coverage.inside
        scores["twin"] += made.contests[0].twin
        for contest in made.contests:
            scores[contest.baseline] += contest.other
        print(f"plant {seed}: {[(c.inside, c.of) for c in made.coverage]}, error {made.error.mean:+.3f}", flush=True)
    for level in LEVELS:
        print(f"{level:.0%} intervals held {inside[level]} of {of} shifts: {inside[level] / of:.1%}")
    print(", ".join(f"{name} {total / options.plants:.1f}" for name, total in scores.items()), "parts (mean score)")
    for level in LEVELS:
        held = np.mean([(1 - level) / 2 <= place <= (1 + level) / 2 for place in hourly.places])
        print(f"{level:.0%} intervals held {held:.1%} of {len(hourly.places)} hours")
    print(f"{np.mean(hourly.scores):.2f} parts (mean score of an hour)")
    print(f"{spent / options.plants:.1f} s CPU a trial")


if __name__ == "__main__":
    main()
