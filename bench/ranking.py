"""How often the ranking picks the right change, and how many replications it needs beside equal allocation.

    python bench/ranking.py [--instances N]

Random lines of six stations, each with today and the 30 changes that are proposed for it, compared by throughput with
a zone of 1 % at 95 %. The truth is a large run of every line. Replications of equal allocation are those its procedures
need for the same promise, by the true variances: Rinott (1978) with independent streams; with common ones Clark and
Yang (1986), and Nelson and Matejcik (1995), who pool the variances and so need fewer. Some minutes.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.twin import Line, parse_line
from lineside.twin.answers import Study, candidates, changed, rank
from lineside.twin.answers.study import scores
from lineside.twin.tally import Floats

STATIONS = 6
HORIZON, WARMUP = 400.0, 50.0
ZONE, CONFIDENCE, FIRST = 0.01, 0.95, 10
COARSE, FINE = 200, 1500


def instance(seed: int) -> Line:
    """Return a line of six stations, of mean cycles about 1 and 5 to 20 % down."""
    draw = random.Random(seed)

    def station(i: int) -> dict[str, Any]:
        mean = draw.uniform(0.8, 1.0)
        work = draw.choice(
            [
                {"type": "exponential", "mean": mean},
                {"type": "lognormal", "mean": mean, "sd": 0.3 * mean},
                {"type": "triangular", "low": 0.7 * mean, "mode": mean, "high": 1.3 * mean},
                mean,
            ]
        )
        repair = draw.uniform(2.0, 8.0)
        life = repair * draw.uniform(4.0, 19.0)
        return {
            "work": work,
            "buffer": draw.randint(1, 8) if i else 0,
            "failures": {
                "jam": {
                    "time_to_failure": {"type": "exponential", "mean": life},
                    "repair": {"type": "gamma", "shape": 2, "mean": repair},
                }
            },
            "to": f"s{i + 1}" if i + 1 < STATIONS else "out",
        }

    stations = {f"s{i}": station(i) for i in range(STATIONS)}
    return parse_line({"schema": "lineside.line/1", "sources": {"in": {"to": "s0"}}, "stations": stations})


def truth(lines: list[Line], today: float) -> tuple[Floats, Floats]:
    """Return each line's true throughput and the table of a smaller run, one row a line, under one luck."""
    study = Study(horizon=HORIZON, warmup=WARMUP, seed=1_000_003, threads=1)
    table = np.array([scores(study.run(line, COARSE), "throughput") for line in lines])
    means = table.mean(axis=1)
    for i in np.flatnonzero(means >= means.max() - 2.0 * ZONE * today):
        means[i] = scores(study.run(lines[i], FINE), "throughput").mean()
    return means, table


def rinott(systems: int) -> float:
    """Return Rinott's constant h by quadrature: P(each other one's t below) = CONFIDENCE."""
    from scipy.integrate import quad
    from scipy.optimize import brentq
    from scipy.stats import chi2, norm

    freedom = FIRST - 1

    def inner(x: float, h: float) -> float:
        span = (0.0, float(chi2.ppf(1 - 1e-10, freedom)))
        return float(
            quad(lambda y: norm.cdf(h / math.sqrt(freedom * (1 / x + 1 / y))) * chi2.pdf(y, freedom), *span)[0]
        )

    def right(h: float) -> float:
        nodes, weights = np.polynomial.legendre.leggauss(40)
        top = float(chi2.ppf(1 - 1e-8, freedom))
        at = (nodes + 1) * top / 2
        values = [inner(x, h) ** (systems - 1) * chi2.pdf(x, freedom) for x in at]
        return float(np.dot(weights, values) * top / 2) - CONFIDENCE

    return float(brentq(right, 2.0, 8.0, xtol=1e-3))


def equal(table: Floats, zone: float, h: float) -> dict[str, float]:
    """Return the replications that procedures of equal allocation need for the same promise, from true variances."""
    from scipy.stats import t

    k = len(table)
    alone = np.maximum(FIRST, np.ceil((h * table.std(axis=1, ddof=1) / zone) ** 2))
    covariance = np.cov(table)
    own = np.diag(covariance)
    pairs = own[:, None] + own[None, :] - 2 * covariance
    quantile = float(t.ppf(1 - (1 - CONFIDENCE) / (k - 1), FIRST - 1))
    centred = table - table.mean(axis=0) - table.mean(axis=1)[:, None] + table.mean()
    pooled = 2.0 * float((centred**2).sum()) / ((k - 1) * (table.shape[1] - 1))
    wide = float(t.ppf(1 - (1 - CONFIDENCE) / (k - 1), (k - 1) * (FIRST - 1)))
    return {
        "independent streams (Rinott)": float(alone.sum()),
        "common ones, each pair (Clark, Yang)": k * max(FIRST, math.ceil(quantile**2 * pairs.max() / zone**2)),
        "common ones, pooled (Nelson, Matejcik)": k * max(FIRST, math.ceil(wide**2 * pooled / zone**2)),
    }


def main() -> None:
    """Print how often it was right, and the replications of each procedure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, default=200)
    instances = parser.parse_args().instances
    print(machine("numba", "numpy"))
    h = rinott(5 * STATIONS + 1)
    print(
        f"{instances} lines, {5 * STATIONS} changes and today; zone {ZONE:.0%}, confidence {CONFIDENCE:.0%}, h {h:.3f}"
    )
    ours, others, right, exact, behind, spent = [], [], 0, 0, [], 0.0
    for seed in range(instances):
        line = instance(seed)
        changes = candidates(line)
        lines = [line, *(changed(line, change) for change in changes)]
        began = time.process_time()
        study = Study(horizon=HORIZON, warmup=WARMUP, seed=seed + 1, confidence=CONFIDENCE, threads=1)
        answer = rank(line, changes, study, zone=ZONE)
        spent += time.process_time() - began
        means, table = truth(lines, answer["zone"] / ZONE)
        names = [None, *(change.name for change in changes)]
        loss = float(means.max() - means[names.index(answer["best"])]) / (answer["zone"] / ZONE)
        right, exact = right + (loss <= ZONE), exact + (loss == 0.0)
        behind.append(loss)
        ours.append(answer["replications"])
        others.append(equal(table, answer["zone"], h))
    print(f"right or within the zone {right / instances:.1%}, exactly right {exact / instances:.1%}", end="")
    print(f", worst {max(behind):.2%} behind; {spent / instances:.2f} s CPU each")
    mean = statistics.mean(ours)
    print(f"{'replications, all lines':42} mean {mean:9.0f}, median {statistics.median(ours):9.0f}, most {max(ours):9}")
    for name in others[0]:
        spend = [other[name] for other in others]
        print(f"{name:42} mean {statistics.mean(spend):9.0f}, {statistics.mean(spend) / mean:6.1f} times ours")


if __name__ == "__main__":
    main()
